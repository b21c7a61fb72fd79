// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.dispatch.ModuleRegistry.BindPart;
import im.dunlin.core.dispatch.ModuleRegistry.Entry;
import im.dunlin.core.dispatch.ModuleRegistry.KeptAttribute;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Binding;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.LiveSessions;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Management;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of sessions: bound, managed, detached when the connection is lost, resumed, ended, kept over a restart. Methods
 * may be called from any thread unless they take a {@link Turn}; what they change, they change in a turn of the account.
 */
public final class Sessions implements LiveSessions {
    private static final Logger log = LoggerFactory.getLogger(Sessions.class);

    private static final Element PING = Element.of(Name.of("urn:xmpp:ping", "ping"));
    /** Declares what no host can switch off. */
    private static final String STREAMS = "streams";

    private static final Name ENABLE = Name.of(Ns.STREAM_MANAGEMENT, "enable");
    private static final Name ENABLED = Name.of(Ns.STREAM_MANAGEMENT, "enabled");
    private static final Name ACKNOWLEDGEMENT = Name.of(Ns.STREAM_MANAGEMENT, "a");
    private static final Name RESUMED = Name.of(Ns.STREAM_MANAGEMENT, "resumed");
    private static final Name FAILED = Name.of(Ns.STREAM_MANAGEMENT, "failed");
    private static final Name TOO_HIGH = Name.of(Ns.STREAM_MANAGEMENT, "handled-count-too-high");

    /** Rows of old counts that one login looks at. */
    private static final int SWEPT_COUNTS = 50;

    private final Lanes lanes;
    private final Router router;
    private final Domains domains;
    private final Limits limits;
    private final KeptSessions kept;
    private final Accounts accounts;
    private final PriorityBlockingQueue<Deadline> deadlines =
            new PriorityBlockingQueue<>(16, Comparator.comparing(Deadline::at));
    private final AtomicInteger count = new AtomicInteger();

    public Sessions(Lanes lanes, Router router, ModuleRegistry modules, Limits limits) {
        this.lanes = lanes;
        this.router = router;
        this.domains = modules.domains();
        this.limits = limits;
        modules.kept.put(ClientSession.DEVICE.toString(), new KeptAttribute<>(ClientSession.DEVICE, Values.TEXT));
        modules.kept.put(
                ClientSession.WAITS_UNTIL.toString(), new KeptAttribute<>(ClientSession.WAITS_UNTIL, Values.LONG));
        this.kept = new KeptSessions(modules);
        modules.add(new Entry<>(
                STREAMS, new BindPart(Ns.STREAM_MANAGEMENT, Set.of(ENABLE), BoundSection.SESSION, this::manage)));
        lanes.atEachTick(this::expire);
        modules.accountRemoved.add(0, this::endAll);
        this.accounts = modules.provided(Accounts.class);
        accounts.whenPasswordChanges(this::forbidResumption);
        accounts.whenDisabled(turn -> List.copyOf(turn.sessions())
                .forEach(session -> end(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), turn)));
        modules.sessions(this);
    }

    /** Sessions that are bound now, connected or detached. */
    public int count() {
        return count.get();
    }

    // ---- binding
    // -----------------------------------------------------------------------------------------------------

    /**
     * Makes a session (RFC 6120 §7). A resource that is taken goes to the new session, since the old one is most often the
     * ghost of the same device; so do all sessions of the same device.
     *
     * @param resource as the client asked for it; null lets the server choose
     * @param then called when the session is there, or with the error; on an unspecified thread
     */
    public void bind(
            Authenticated who,
            @Nullable String resource,
            Wire wire,
            BiConsumer<@Nullable ClientSession, @Nullable StanzaError> then) {
        AtomicReference<StanzaError> refused = new AtomicReference<>(StanzaError.internalServerError());
        lanes.submit(
                who.account(),
                turn -> {
                    try {
                        ClientSession session =
                                bind(who, resource != null ? resource : randomResource(turn), wire, turn);
                        turn.afterwards(() -> then.accept(session, null));
                    } catch (StanzaException e) {
                        refused.set(e.error());
                        throw e;
                    }
                },
                () -> then.accept(null, refused.get()));
    }

    /** As {@link #bind(Authenticated, String, Wire, BiConsumer)}, in a turn of the account. @throws StanzaException if it cannot be */
    ClientSession bind(Authenticated who, String resource, Wire wire, Turn turn) {
        if (!accounts.isCurrent(who, turn)) {
            throw StanzaError.notAllowed().toException();
        }
        FullJid jid;
        try {
            jid = who.account().withResource(resource);
        } catch (JidException e) {
            throw StanzaError.jidMalformed().toException();
        }
        for (ClientSession old : List.copyOf(turn.sessions())) {
            boolean sameDevice = who.device() != null && who.device().equals(turn.get(old, ClientSession.DEVICE));
            if (sameDevice || old.jid().equals(jid)) {
                end(old, StreamError.of(StreamError.Condition.CONFLICT), turn);
            }
        }
        makeRoom(turn);
        ClientSession session = new ClientSession(jid, wire);
        turn.set(session, ClientSession.DEVICE, who.device());
        turn.bind(session);
        router.bound(session, turn);
        turn.afterwards(count::incrementAndGet);
        return session;
    }

    static String randomResource(Turn turn) {
        return turn.randomId().substring(0, 12);
    }

    /** Within the account's limit of sessions, at the cost of the oldest detached one. */
    private void makeRoom(Turn turn) {
        AccountLimits account = Objects.requireNonNull(
                        (HostConfig) domains.host(turn.jid().domain()))
                .limits();
        int live = 0;
        int detached = 0;
        ClientSession oldestDetached = null;
        for (ClientSession session : turn.sessions()) {
            if (session.outbound().isAttached()) {
                live++;
            } else {
                detached++;
                oldestDetached = oldestDetached == null ? session : oldestDetached;
            }
        }
        if (live >= account.sessions()) {
            throw StanzaError.resourceConstraint().toException();
        }
        if (oldestDetached != null && detached >= account.detachedSessions()) {
            end(oldestDetached, null, turn);
        }
    }

    // ---- stream management (XEP-0198)
    // --------------------------------------------------------------------------------

    /**
     * Begins stream management: the count of the client's stanzas starts behind this turn's, that of the server's behind the
     * answer. In a turn of the account, for a session that is not managed yet.
     *
     * @param wish the client's {@code <enable/>}
     * @param tell whether {@code <enabled/>} is written to the connection; the caller does it otherwise
     * @return {@code <enabled/>}
     * @throws StanzaException if the wish is malformed
     */
    private Element manage(ClientSession session, Element wish, boolean tell, Turn turn) {
        boolean resume = wish.optionalBoolean("resume", false);
        Integer most = wish.optionalInt("max", 0, Integer.MAX_VALUE);
        long patience = limits.resumption().resumeTime().toSeconds();
        if (most != null && most > 0) {
            patience = Math.min(patience, most);
        }
        String id = turn.randomId();
        Management management = new Management(
                id, resume, Duration.ofSeconds(patience), limits.resumption(), () -> overfull(session.jid(), id));
        Element enabled = resume
                ? Element.of(ENABLED)
                        .attr("id", management.id())
                        .attr("resume", "true")
                        .attr("max", Long.toString(patience))
                : Element.of(ENABLED);
        if (resume) {
            kept.sweep(turn, SWEPT_COUNTS);
        }
        turn.set(session, ClientSession.COUNTING, true);
        turn.afterwards(() -> session.outbound().manage(management, tell ? enabled : null));
        return enabled;
    }

    /** XEP-0198 §9.1: {@code <enable/>} in a bind; what refuses it stands in {@code <bound/>} as well. */
    private void manage(Binding binding, Turn turn) {
        try {
            binding.answer(manage(binding.session(), Objects.requireNonNull(binding.request()), false, turn));
        } catch (StanzaException e) {
            binding.answer(failed(e.error().condition()));
        }
    }

    /**
     * Begins stream management for an {@code <enable/>} on its own; {@code <enabled/>} is written to the connection.
     *
     * @param then called behind that with null, or with {@code <failed/>}; on an unspecified thread
     */
    public void enable(ClientSession session, Wire wire, Element wish, Consumer<@Nullable Element> then) {
        lanes.submit(session, wire, turn -> {
            Element failed = null;
            if (turn.get(session, ClientSession.COUNTING) != null) {
                failed = failed(StanzaError.Condition.UNEXPECTED_REQUEST);
            } else {
                try {
                    manage(session, wish, true, turn);
                } catch (StanzaException e) {
                    failed = failed(e.error().condition());
                }
            }
            Element answer = failed;
            turn.afterwards(() -> then.accept(answer));
        });
    }

    /** The element that refuses stream management. */
    public static Element failed(StanzaError.Condition condition) {
        return Element.of(FAILED).child(Element.of(condition.element()));
    }

    /** The error of a stream whose client acknowledged more than it was sent. */
    public static StreamError tooHigh(long claimed, Outbound outbound) {
        return StreamError.of(StreamError.Condition.UNDEFINED_CONDITION)
                .withApplication(Element.of(TOO_HIGH)
                        .attr("h", Long.toString(claimed))
                        .attr("send-count", Long.toString(outbound.sent())));
    }

    /**
     * Answers {@code <r/>}: behind whatever came before it, so that a client that asks once after its last stanza hears of that
     * one, too.
     */
    public void acknowledge(ClientSession session, Wire wire) {
        lanes.submit(
                session,
                wire,
                turn -> turn.afterwards(() -> wire.write(Element.of(ACKNOWLEDGEMENT)
                        .attr("h", Long.toString(session.outbound().handled())))));
    }

    /**
     * Resumes a session of the account on another connection, which is held meanwhile; an old one that is still alive is
     * replaced.
     *
     * @param wish the client's {@code <resume/>}
     * @param then called on an unspecified thread; the stanzas that the client missed wait until the connection is released
     */
    public void resume(Authenticated who, Element wish, Wire wire, Consumer<Resumption> then) {
        wire.hold();
        lanes.submit(who.account(), turn -> {
            Resumption impossible = accounts.isCurrent(who, turn)
                    ? resume(wish, wire, turn, then)
                    : new Resumption.Failed(failed(StanzaError.Condition.NOT_AUTHORIZED));
            if (impossible != null) {
                turn.afterwards(() -> then.accept(impossible));
            }
        });
    }

    /**
     * As {@link #resume(Authenticated, Element, Wire, Consumer)}, in a turn of the account.
     *
     * @param then called with what came of it, unless that is known in this turn
     * @return why it cannot be; null if it is under way
     */
    @Nullable
    Resumption resume(Element wish, Wire wire, Turn turn, Consumer<Resumption> then) {
        String previd = wish.attr("previd");
        Long h = count(wish);
        if (previd == null || h == null) {
            return new Resumption.Failed(failed(StanzaError.Condition.BAD_REQUEST));
        }
        ClientSession session = resumable(previd, turn);
        if (session == null) {
            Element failed = failed(StanzaError.Condition.ITEM_NOT_FOUND);
            Long count = kept.handled(previd, turn);
            return new Resumption.Failed(
                    count == null ? failed : failed.attr("h", Long.toUnsignedString(count & 0xFFFF_FFFFL)));
        }
        if (!session.outbound().canHaveHandled(h)) {
            return new Resumption.Impossible(tooHigh(h, session.outbound()));
        }
        // From here on, what still comes on the old connection is not handled; the client will send it again.
        turn.set(session, ClientSession.CONNECTION, wire);
        turn.set(session, ClientSession.WAITS_UNTIL, null);
        List<Stanza> news = router.news(session, turn);
        turn.afterwards(() -> {
            // Behind all earlier turns of the account, so that everything received is handled by now.
            Element resumed = Element.of(RESUMED)
                    .attr("previd", previd)
                    .attr("h", Long.toString(session.outbound().handled()));
            boolean moved = session.outbound().resume(wire, h, null, news);
            if (!moved) {
                // It was acknowledged or overfull meanwhile: its old connection is no longer heard, so nothing else
                // ends it.
                lanes.submit(
                        session.jid().bare(),
                        later -> end(session, StreamError.of(StreamError.Condition.CONFLICT), later));
            }
            then.accept(
                    moved
                            ? new Resumption.Resumed(session, resumed)
                            : new Resumption.Failed(failed(StanzaError.Condition.ITEM_NOT_FOUND)));
        });
        router.resumed(session, turn);
        return null;
    }

    /** The {@code h} of an element, an unsigned 32-bit number; null if it is none. */
    public static @Nullable Long count(Element element) {
        String h = element.attr("h");
        try {
            return h == null ? null : Integer.toUnsignedLong(Integer.parseUnsignedInt(h.strip()));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable ClientSession resumable(String previd, Turn turn) {
        ClientSession session = managed(previd, turn);
        return session != null && session.outbound().isResumable() ? session : null;
    }

    private static @Nullable ClientSession managed(String id, Turn turn) {
        for (ClientSession session : turn.sessions()) {
            Management management = session.outbound().management();
            if (management != null && management.id().equals(id)) {
                return session;
            }
        }
        return null;
    }

    /** Who had a session on the old password cannot come back to it (threat T13). */
    private void forbidResumption(Turn turn, @Nullable ClientSession by) {
        for (ClientSession session : List.copyOf(turn.sessions())) {
            if (session == by) {
                continue;
            }
            if (session.outbound().isAttached()) {
                turn.afterwards(session.outbound()::forbidResumption);
            } else {
                end(session, null, turn);
            }
        }
    }

    private void overfull(FullJid jid, String id) {
        lanes.submit(jid.bare(), turn -> {
            ClientSession session = managed(id, turn);
            if (session != null) {
                log.debug("{} acknowledges too little to be kept", jid);
                end(session, StreamError.of(StreamError.Condition.RESOURCE_CONSTRAINT), turn);
            }
        });
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    @Override
    public void end(ClientSession session, @Nullable StreamError error, Turn turn) {
        if (turn.sessions().contains(session)) {
            kept.forget(session, turn);
            close(session, error, turn);
        }
    }

    @Override
    public void forEach(Consumer<ClientSession> each, Runnable done) {
        lanes.forEachSession(each, done);
    }

    private void close(ClientSession session, @Nullable StreamError error, Turn turn) {
        turn.afterwards(() -> session.outbound().close(error));
        turn.unbind(session);
        turn.afterwards(count::decrementAndGet);
    }

    /** The account goes: steps for ended sessions run at once, while it still has everything. */
    private void endAll(Turn turn) {
        for (ClientSession session : List.copyOf(turn.sessions())) {
            close(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), turn);
            router.unbound(turn, session, session.outbound().unacknowledged());
        }
    }

    /** The client closed its stream: the session ends, resumable or not (XEP-0198 §5). */
    public void streamClosed(ClientSession session, Wire wire) {
        lanes.submit(session, wire, turn -> end(session, null, turn));
    }

    /** The connection broke: a resumable session waits to be resumed, another one ends. */
    public void connectionLost(ClientSession session, Wire wire) {
        lanes.submit(session, wire, turn -> {
            if (!turn.sessions().contains(session)) {
                return;
            }
            session.outbound().detach(wire);
            Management management = session.outbound().management();
            if (management == null || !session.outbound().isResumable()) {
                end(session, null, turn);
                return;
            }
            router.detached(session, turn);
            deadlines.add(new Deadline(turn.now().plus(management.patience()), session, wire));
        });
    }

    /** @param last the connection that the session had when it was detached; with another one it was resumed meanwhile */
    private record Deadline(
            Instant at, ClientSession session, @Nullable Wire last) {}

    private void expire(Instant now) {
        for (Deadline next = deadlines.peek(); next != null && !next.at().isAfter(now); next = deadlines.peek()) {
            if (deadlines.remove(next)) {
                expire(next.session(), next.last());
            }
        }
    }

    private void expire(ClientSession session, @Nullable Wire last) {
        lanes.submit(session.jid().bare(), turn -> {
            if (turn.get(session, ClientSession.CONNECTION) != last
                    || !turn.sessions().contains(session)) {
                return;
            }
            Long until = turn.get(session, ClientSession.WAITS_UNTIL);
            Management management = session.outbound().management();
            if (until != null && management != null && until > Micros.of(turn.now())) {
                Instant usual = turn.now().plus(management.patience());
                Instant wanted = Micros.toInstant(until);
                deadlines.add(new Deadline(wanted.isBefore(usual) ? wanted : usual, session, last));
            } else {
                kept.expired(session, turn);
                close(session, null, turn);
            }
        });
    }

    /** Asks a silent client for a sign of life: any byte from it will do. */
    public void probe(ClientSession session, Wire wire) {
        if (session.outbound().isManaged()) {
            wire.write(Outbound.REQUEST);
        } else {
            FullJid jid = session.jid();
            lanes.submit(
                    session,
                    wire,
                    turn -> wire.write(Iq.get(jid, turn.randomId(), PING).withFrom(BareJid.ofDomain(jid.domain()))));
        }
    }

    // ---- over a restart
    // ----------------------------------------------------------------------------------------------

    /**
     * Ends the sessions that cannot be resumed and writes the others for the next start. Part of a clean stop: when the
     * listeners and connections are closed, before the lanes are; nothing may be sent to sessions afterwards.
     */
    public void persist() throws InterruptedException {
        forEach(session -> !session.outbound().isResumable(), (session, turn) -> end(session, null, turn));
        AtomicInteger saved = new AtomicInteger();
        forEach(session -> true, (session, turn) -> {
            if (kept.save(session, router.held(session), turn)) {
                saved.incrementAndGet();
            }
        });
        if (saved.get() > 0) {
            log.info("Kept {} sessions for the next start", saved);
        }
    }

    private void forEach(Predicate<ClientSession> which, BiConsumer<ClientSession, Turn> then)
            throws InterruptedException {
        Collection<ClientSession> found = new ConcurrentLinkedQueue<>();
        lanes.forEachSession(session -> {
            if (which.test(session)) {
                found.add(session);
            }
        });
        for (ClientSession session : found) {
            lanes.submit(session.jid().bare(), turn -> then.accept(session, turn));
        }
        lanes.awaitIdle();
    }

    /**
     * Takes back, detached, the sessions that the last stop kept. Part of the start: when the lanes run, before the listeners
     * open. Returns when they are there; one that cannot be restored does not keep the others from it.
     */
    public void restore() throws InterruptedException {
        for (KeptSessions.Restorable saved : kept.saved()) {
            lanes.submit(saved.jid().bare(), turn -> restore(saved, turn));
        }
        lanes.awaitIdle();
        if (count() > 0) {
            log.info("{} sessions wait to be resumed", count());
        }
    }

    private void restore(KeptSessions.Restorable saved, Turn turn) {
        ClientSession session = kept.restore(saved, limits.resumption(), () -> overfull(saved.jid(), saved.id()), turn);
        if (session == null) {
            return;
        }
        turn.bind(session);
        Management management = Objects.requireNonNull(session.outbound().management());
        deadlines.add(new Deadline(turn.now().plus(management.patience()), session, null));
        turn.afterwards(count::incrementAndGet);
    }
}
