// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.storage.Changes;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The turn that {@link Lanes} hands to its body: collects, and on {@link #commit} writes and lets out. Lane only. */
final class LaneTurn implements Turn {
    /** Something that a turn wants for a session; overlays the session's own attributes until the turn succeeds. */
    private record Attribute(
            ClientSession session,
            SessionKey<?> key,
            @Nullable Object value) {}

    /** What is collected for the end of the turn. */
    private record Collected<T>(T value, Consumer<T> work) {
        void end() {
            work.accept(value);
        }
    }

    /** Something for another owner. */
    private interface HandOver {
        /** @param behind whether what it leads to must stay behind this turn's release */
        void now(boolean behind);
    }

    private static final Logger log = LoggerFactory.getLogger(LaneTurn.class);

    /**
     * Microseconds by which the kept clock runs ahead, so that a busy owner does not keep it for each stamp. An owner that is
     * read anew goes on from there: less than an archive allows an id to be ahead of its time.
     */
    private static final long CLOCK_AHEAD = 500_000;

    private final Lanes lanes;
    private final Lane lane;
    private final BareJid jid;
    private final OwnerState state;
    private final Instant now;
    private final Changes changes;
    private final @Nullable ClientSession origin;
    private final @Nullable Stanza incoming;

    private long clock;
    private long keptClock;
    private boolean answersRecorded;
    private boolean isRecovery;
    private @Nullable Owner owner;
    private boolean ownerChanged;
    private @Nullable List<ClientSession> sessions;
    private @Nullable Map<HeldKey<?>, @Nullable Object> held;
    private final List<Attribute> attributes = new ArrayList<>(0);
    private @Nullable Map<CacheKey<?>, Collected<?>> atEnd;
    private final List<Runnable> onSuccess = new ArrayList<>(2);
    private final List<Runnable> effects = new ArrayList<>(4);
    private final List<HandOver> handOvers = new ArrayList<>(1);
    private final boolean behind;

    /** @param behind whether its effects must stay behind those of a turn on another lane, which has its place already */
    LaneTurn(
            Lanes lanes,
            Lane lane,
            BareJid jid,
            OwnerState state,
            Instant now,
            @Nullable ClientSession origin,
            @Nullable Stanza incoming,
            boolean behind) {
        this.behind = behind;
        this.lanes = lanes;
        this.lane = lane;
        this.jid = jid;
        this.state = state;
        this.now = now;
        this.origin = origin;
        this.incoming = incoming;
        this.owner = state.owner;
        this.clock = state.clock;
        this.keptClock = state.keptClock;
        this.changes = new Changes(lane.rows(), Directory.slotOf(jid));
    }

    @Override
    public BareJid jid() {
        return jid;
    }

    @Override
    public boolean exists() {
        return owner != null;
    }

    @Override
    public Owner owner() {
        if (owner == null) {
            throw new IllegalStateException(jid + " is no owner");
        }
        return owner;
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public long stamp() {
        long wall = Micros.of(now);
        clock = Math.max(wall, clock + 1);
        if (clock > keptClock) {
            // An owner that is read anew again and again does not run away from the wall.
            keptClock = clock > wall + CLOCK_AHEAD ? clock : clock + CLOCK_AHEAD;
            changes.put(lanes.directory().clocks(), owner().key(), Keys.Single.ROW, keptClock);
        }
        return clock;
    }

    @Override
    public String randomId() {
        byte[] bits = new byte[16];
        lanes.random().nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    // ---- state
    // -------------------------------------------------------------------------------------------------------

    @Override
    public <K, V> @Nullable V get(Table<K, V> table, K key) {
        return changes.get(table, owner().key(), key);
    }

    @Override
    public <K, V> List<Row<K, V>> scan(Table<K, V> table, Range<K> range, Direction direction, int limit) {
        return changes.list(table, owner().key(), range, direction, limit);
    }

    @Override
    public Reader reader() {
        return changes;
    }

    @Override
    public <K, V> void put(Table<K, V> table, K key, V value) {
        changes.put(table, owner().key(), key, value);
    }

    @Override
    public <K, V> void delete(Table<K, V> table, K key) {
        changes.delete(table, owner().key(), key);
    }

    @Override
    public <K, V> void deleteAll(Table<K, V> table) {
        changes.deleteAll(table, owner().key());
    }

    @Override
    public <K, V> void deletePrefix(Table<K, V> table, Consumer<KeyWriter> prefix) {
        changes.deletePrefix(table, owner().key(), prefix);
    }

    @Override
    @SuppressWarnings("unchecked") // a key is one constant of one type, and only this method puts values
    public <T> T cached(CacheKey<T> key, Supplier<T> load) {
        T value = (T) state.cached.get(key);
        if (value == null) {
            value = load.get();
            state.cached.put(key, value);
        }
        return value;
    }

    @Override
    public void forget(CacheKey<?> key) {
        state.cached.remove(key);
    }

    @Override
    @SuppressWarnings("unchecked") // hold() pairs key and value by type
    public <T> @Nullable T held(HeldKey<T> key) {
        return (T) (held != null && held.containsKey(key) ? held.get(key) : state.held.get(key));
    }

    @Override
    public <T> void hold(HeldKey<T> key, @Nullable T value) {
        if (held == null) {
            held = new HashMap<>(2);
        }
        held.put(key, value);
    }

    @Override
    public Owner createOwner(OwnerKind kind) {
        if (owner != null) {
            throw new IllegalStateException(jid + " is an owner already");
        }
        if (enterIncoming() != null) {
            dropIncoming();
        }
        Owner made = lanes.directory().create(changes, jid, kind);
        owner = made;
        ownerChanged = true;
        if (kind == OwnerKind.ACCOUNT) {
            lanes.outlet().accountCreated(this);
        }
        return made;
    }

    @Override
    public void removeOwner(Instant reservedUntil) {
        if (owner().kind() == OwnerKind.ACCOUNT) {
            lanes.outlet().accountRemoved(this);
        }
        lanes.directory().remove(changes, owner(), reservedUntil, now);
        keptClock = 0;
        owner = null;
        ownerChanged = true;
        state.cached.clear();
        onSuccess.add(() -> {
            state.reservedUntil = reservedUntil;
            // Nobody is left who could go on with the answers.
            state.questions.clear();
        });
    }

    @Override
    public Owner beginIncoming() {
        return createOwner(OwnerKind.INCOMING);
    }

    @Override
    public @Nullable Owner enterIncoming() {
        if (owner == null) {
            owner = state.incoming;
        }
        return isIncoming() ? owner : null;
    }

    private boolean isIncoming() {
        return owner != null && owner.kind() == OwnerKind.INCOMING;
    }

    @Override
    public void admitIncoming() {
        requireIncoming();
        owner = lanes.directory().change(changes, owner(), OwnerKind.ACCOUNT);
        ownerChanged = true;
        lanes.outlet().accountCreated(this);
    }

    @Override
    public void dropIncoming() {
        requireIncoming();
        lanes.outlet().accountRemoved(this);
        lanes.directory().remove(changes, owner(), now, now);
        keptClock = 0;
        owner = null;
        ownerChanged = true;
        state.cached.clear();
    }

    private void requireIncoming() {
        if (!isIncoming()) {
            throw new IllegalStateException(jid + " is not on its way in");
        }
    }

    @Override
    public boolean isReserved() {
        return state.reservedUntil.isAfter(now);
    }

    // ---- sessions
    // ----------------------------------------------------------------------------------------------------

    @Override
    public List<ClientSession> sessions() {
        return sessions != null ? sessions : state.sessions;
    }

    @Override
    @SuppressWarnings("unchecked") // set() pairs key and value by type
    public <T> @Nullable T get(ClientSession session, SessionKey<T> key) {
        for (int i = attributes.size() - 1; i >= 0; i--) {
            Attribute attribute = attributes.get(i);
            if (attribute.session() == session && attribute.key() == key) {
                return (T) attribute.value();
            }
        }
        return session.attribute(key);
    }

    @Override
    public <T> void set(ClientSession session, SessionKey<T> key, @Nullable T value) {
        attributes.add(new Attribute(session, key, value));
    }

    @Override
    public void bind(ClientSession session) {
        editedSessions().add(session);
    }

    @Override
    public void unbind(ClientSession session) {
        if (editedSessions().remove(session)) {
            // What earlier turns sent may still wait for the disk. Only behind it is known what was never acknowledged.
            onSuccess.add(() -> effects.add(() -> {
                List<Stanza> left = session.outbound().end();
                lanes.submit(jid, turn -> lanes.outlet().unbound(turn, session, left));
            }));
        }
    }

    private List<ClientSession> editedSessions() {
        if (sessions == null) {
            sessions = new ArrayList<>(state.sessions);
        }
        return sessions;
    }

    // ---- effects
    // -----------------------------------------------------------------------------------------------------

    @Override
    public @Nullable ClientSession origin() {
        return origin;
    }

    @Override
    public void send(ClientSession to, Stanza stanza) {
        // Gated when the turn has succeeded, so that what a gate holds back is never something that did not happen.
        onSuccess.add(() -> {
            List<Stanza> out = lanes.outlet().gate(to, stanza);
            if (!out.isEmpty()) {
                effects.add(() -> out.forEach(to.outbound()::deliver));
            }
        });
    }

    @Override
    public void close(ClientSession session, StreamError error) {
        onSuccess.add(() -> effects.add(() -> session.outbound().close(error)));
    }

    @Override
    public void route(Stanza stanza) {
        BareJid receiver = lanes.outlet().localOwner(Objects.requireNonNull(stanza.to(), "to"));
        if (receiver == null) {
            leave(stanza, false);
        } else {
            handOvers.add(behindThis -> lanes.deliver(receiver, stanza, behindThis));
        }
    }

    @Override
    public void routeToSessions(Stanza stanza, Collection<BareJid> to) {
        List<BareJid> accounts = new ArrayList<>(to.size());
        for (BareJid each : to) {
            // Services and other servers have no sessions, and want to know nevertheless.
            if (each.local() != null && each.equals(lanes.outlet().localOwner(each))) {
                accounts.add(each);
            } else {
                route(stanza.withTo(each));
            }
        }
        if (!accounts.isEmpty()) {
            handOvers.add(behindThis -> lanes.deliverToSessions(accounts, stanza, behindThis));
        }
    }

    @Override
    public void routeToEach(Stanza stanza, Collection<? extends Jid> to) {
        Map<BareJid, List<Jid>> local = new LinkedHashMap<>();
        for (Jid each : to) {
            BareJid receiver = lanes.outlet().localOwner(each);
            if (receiver == null) {
                leave(stanza.withTo(each), false);
            } else {
                local.computeIfAbsent(receiver, owner -> new ArrayList<>(1)).add(each);
            }
        }
        if (!local.isEmpty()) {
            handOvers.add(behindThis -> lanes.deliverToEach(local, stanza, behindThis));
        }
    }

    @Override
    public void routeRecorded(Stanza stanza) {
        BareJid receiver = lanes.outlet().localOwner(Objects.requireNonNull(stanza.to(), "to"));
        if (receiver == null) {
            leave(stanza, true);
        } else {
            Outbox.Handoff handoff = lanes.outbox().add(changes, Directory.slotOf(jid), receiver, stanza, now);
            handOvers.add(behindThis -> lanes.deliver(handoff, behindThis));
        }
    }

    private void leave(Stanza stanza, boolean recorded) {
        if (!lanes.outlet().isElsewhere(stanza.from(), Objects.requireNonNull(stanza.to()))) {
            lanes.outlet().unreachable(this, stanza);
            return;
        }
        Departure departure = recorded
                ? lanes.departures().add(changes, Directory.slotOf(jid), stanza, now)
                : Departure.unrecorded(stanza, now);
        afterwards(() -> lanes.outlet().depart(departure));
    }

    @Override
    public void answer(Stanza answer) {
        if (origin != null) {
            send(origin, answer);
        } else if (answer.to() instanceof BareJid && answersRecorded) {
            routeRecorded(answer);
        } else if (answer.to() != null) {
            route(answer);
        }
    }

    @Override
    public void afterwards(Runnable effect) {
        onSuccess.add(() -> effects.add(effect));
    }

    @Override
    @SuppressWarnings("unchecked") // a key is one constant of one type, and only this method puts values
    public <T> T atEnd(CacheKey<T> key, Supplier<T> collect, Consumer<T> work) {
        if (atEnd == null) {
            atEnd = new LinkedHashMap<>(4);
        }
        Collected<T> collected = (Collected<T>) atEnd.computeIfAbsent(key, k -> new Collected<>(collect.get(), work));
        return collected.value();
    }

    // ---- continuations
    // -----------------------------------------------------------------------------------------------

    @Override
    public void ask(Iq request, Duration timeout, Answered then) {
        String id = Objects.requireNonNull(request.id(), "id");
        onSuccess.add(() ->
                lanes.questions().open(lane, jid, state, id, new OpenQuestion(request.to(), now.plus(timeout), then)));
        askNow(request);
    }

    @Override
    public void askDurably(String kind, byte[] data, Iq request, Duration timeout) {
        lanes.questions().open(this, kind, data, request, now.plus(timeout));
        if (request.to() instanceof BareJid) {
            routeRecorded(request);
        } else {
            askNow(request);
        }
    }

    private void askNow(Iq request) {
        ClientSession own = request.to() instanceof im.dunlin.core.jid.FullJid full
                        && full.bare().equals(jid)
                ? session(full.resource())
                : null;
        if (own != null) {
            send(own, request);
        } else {
            route(request);
        }
    }

    @Override
    public <R> void askOwner(BareJid other, Function<Turn, @Nullable R> question, BiConsumer<Turn, @Nullable R> then) {
        handOvers.add(behindThis -> lanes.ask(jid, other, question, then, behindThis));
    }

    @Override
    public <R> void read(Function<Reader, R> query, BiConsumer<Turn, R> then) {
        ClientSession asker = origin;
        Stanza asked = incoming;
        // After the writes, so that a query sees what was sent just before it.
        onSuccess.add(() -> lanes.read(() -> lanes.readThenResume(jid, asker, asked, query, then)));
    }

    @Override
    public void schedule(String kind, Instant due, byte[] data) {
        lanes.timers().add(changes, owner(), due, kind, data, lanes.random().nextLong());
        onSuccess.add(() -> lanes.timers().added(Directory.slotOf(jid), due));
    }

    @Override
    public void later(Duration wait, TurnBody then) {
        Instant due = now.plus(wait);
        onSuccess.add(() -> lane.later(new Lane.Later(due, jid, then)));
    }

    @Override
    public boolean isRecovery() {
        return isRecovery;
    }

    void recovers() {
        isRecovery = true;
    }

    /** The iq that this turn handles is a durable question, so that its answer must not be lost either. */
    void answersRecorded() {
        answersRecorded = true;
    }

    // ---- the end of the turn
    // -----------------------------------------------------------------------------------------

    Changes changes() {
        return changes;
    }

    OwnerState state() {
        return state;
    }

    Lanes lanes() {
        return lanes;
    }

    /** The body has returned: what it left for its end. */
    void end() {
        while (atEnd != null) {
            Map<CacheKey<?>, Collected<?>> work = atEnd;
            atEnd = null;
            work.values().forEach(Collected::end);
        }
    }

    /**
     * Writes the batch, hands the effects to the sync thread, or runs them at once if nothing needs to wait, and hands over
     * what is for other owners.
     *
     * @param together takes the effects instead if there is nothing else: who runs the turn lets them out
     */
    void commit(Runnable last, @Nullable List<Runnable> together) {
        boolean wrote = !changes.isEmpty();
        if (wrote) {
            if (origin != null && owner != null) {
                lanes.outlet().recording(this, origin);
            }
            lanes.write(lane, changes);
        }
        state.clock = clock;
        state.keptClock = keptClock;
        if (ownerChanged) {
            state.owner = isIncoming() ? null : owner;
            state.incoming = isIncoming() ? owner : null;
            state.clock = owner == null ? 0 : clock;
        }
        if (sessions != null) {
            state.sessions.clear();
            state.sessions.addAll(sessions);
        }
        for (Attribute attribute : attributes) {
            apply(attribute);
        }
        if (held != null) {
            held.forEach(this::applyHeld);
        }
        // By index: a step may add another one, such as a gate's flush.
        for (int i = 0; i < onSuccess.size(); i++) {
            try {
                onSuccess.get(i).run();
            } catch (RuntimeException e) {
                // The batch is written: whatever fails now, the other effects still happen, and no error is answered.
                log.error("An effect of a turn of {} failed", jid, e);
            }
        }
        effects.add(last);
        lane.keep(jid, state);
        if (together != null && !wrote && handOvers.isEmpty()) {
            together.addAll(effects);
            return;
        }
        // When the release has its place: what the others do now is released behind it, and one sync serves both.
        boolean waits = lanes.release(lane, wrote, behind, effects);
        handOvers.forEach(each -> each.now(waits));
    }

    @SuppressWarnings("unchecked") // set() paired them by type
    private static void apply(Attribute attribute) {
        attribute.session().attribute((SessionKey<Object>) attribute.key(), attribute.value());
    }

    private void applyHeld(HeldKey<?> key, @Nullable Object value) {
        if (value == null) {
            state.held.remove(key);
        } else {
            state.held.put(key, value);
        }
    }

    /** The body failed: nothing happened, and nothing that it may have cached from its own writes stays. */
    void discard() {
        state.cached.clear();
        lane.keep(jid, state);
    }
}
