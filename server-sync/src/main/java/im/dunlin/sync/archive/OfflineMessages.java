// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.carbons.CarbonsView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Values;
import im.dunlin.sync.archive.OfflineTables.Place;
import im.dunlin.sync.archive.OfflineTables.Waiting;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.XabberStreams;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0160: messages that came while nobody was there, out of the archive.
 *
 * <p>How it works. A message that no session got leaves a row that points into the archive; one that must not be archived
 * but may be kept until it is delivered (XEP-0334 §4.2, XEP-0441) is kept whole. The first session that becomes available
 * with a priority of zero or more is sent them, a batch at a time, and each batch is forgotten when the client has answered
 * a ping that came behind it: what a dying connection swallowed is sent again.
 *
 * <p>A client that reads the archive finds there what is archived, so it is not sent that twice: a session that has queried
 * gets what came after its query, and a resource that is known from earlier sessions gets nothing, because it will query.
 * What a query could see no longer waits for anybody.
 */
final class OfflineMessages implements ArchiveReaders, WaitingMessages {
    private static final Element PING = Element.of(Name.of("urn:xmpp:ping", "ping"));

    /** What is sent before the client has to show that it keeps up. */
    private static final int BATCH = 100;

    private static final int BATCH_BYTES = 256 << 10;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Rows that one turn deletes. */
    private static final int DELETE_AT_ONCE = 5_000;

    /** Resources whose ways are remembered, and for how long. */
    private static final int MAX_CLIENTS = 50;

    private static final Duration CLIENT_KNOWN = Duration.ofDays(30);
    private static final Duration CLIENT_REFRESHED = Duration.ofDays(1);

    private static final CacheKey<OfflineCount> COUNT = new CacheKey<>("archive.offline");

    /** Up to which waiting message the session has been able to read in the archive. */
    private static final SessionKey<Long> QUERIED = new SessionKey<>("archive.queried");

    /** The session is being sent a batch. */
    private static final SessionKey<Boolean> DELIVERING = new SessionKey<>("archive.delivering");

    private final Setup setup;
    private final ServerConfig config;
    private final ConversationLog log;
    private final RosterView roster;
    private final PresenceView presence;
    private final CarbonsView carbons;
    private final OfflineTables tables;

    OfflineMessages(Setup setup, ConversationLog log) {
        this.setup = setup;
        this.config = setup.config();
        this.log = log;
        this.roster = setup.require(RosterView.class);
        this.presence = setup.require(PresenceView.class);
        this.carbons = setup.require(CarbonsView.class);
        this.tables = new OfflineTables(setup);
    }

    void declare() {
        setup.implementing(160, "1.0.1")
                .feature("msgoffline", Addressee.SERVER)
                .keptAttribute(QUERIED, Values.LONG)
                .message(Stage.NOTIFY, this::keep)
                .presence(PresenceStage.NOTICE, this::notice)
                .sessionEnded(this::ended);
    }

    // ---- a message waits
    // ---------------------------------------------------------------------------------------------

    private Verdict keep(Passage passage, Turn turn) {
        if (!passage.deliveredTo().isEmpty() || !passage.isStored()) {
            return Verdict.PASS;
        }
        Message message = passage.message();
        Long archived = ArchiveId.parse(passage.archiveId());
        Waiting waiting = waiting(turn, passage.peer(), message);
        StanzaError refusal = turn.isRecovery()
                ? null
                : count(turn).refusal(waiting, config.host(turn.jid().domain()).limits());
        if (refusal != null) {
            // Nothing of this turn happens then: a message that is refused is not in the archive either.
            return Verdict.bounce(refusal);
        }
        if (archived != null) {
            put(turn, new Place(true, archived), waiting);
        } else {
            long id = turn.stamp();
            put(turn, new Place(false, id), waiting);
            turn.put(tables.held, id, message.adding(delay(turn, turn.now()).element()));
        }
        return Verdict.PASS;
    }

    @Override
    public void waits(Turn turn, long id) {
        LogEntry entry = log.entry(turn, id);
        if (entry == null) {
            return;
        }
        Waiting waiting = waiting(turn, entry.peer(turn.jid()), entry.message());
        if (count(turn).refusal(waiting, config.host(turn.jid().domain()).limits()) == null) {
            put(turn, new Place(true, id), waiting);
        }
    }

    private Waiting waiting(Turn turn, BareJid sender, Message message) {
        boolean stranger = !sender.equals(turn.jid()) && roster.item(sender, turn) == null;
        return new Waiting(sender, message.payload().size(), stranger);
    }

    private void put(Turn turn, Place place, Waiting waiting) {
        if (turn.get(tables.offline, place) != null) {
            return;
        }
        OfflineCount count = count(turn).plus(waiting);
        turn.put(tables.offline, place, waiting);
        turn.forget(COUNT);
        turn.cached(COUNT, () -> count);
    }

    private OfflineCount count(Turn turn) {
        return turn.cached(
                COUNT,
                () -> OfflineCount.of(
                        turn.scan(tables.offline, Range.all(), Direction.FORWARD, Integer.MAX_VALUE).stream()
                                .map(Row::value)
                                .toList()));
    }

    /** What a session took with it unacknowledged waits again, unless another one that is there was given it too. */
    private void ended(ClientSession session, List<Stanza> unacknowledged, Turn turn) {
        for (Stanza stanza : unacknowledged) {
            if (stanza instanceof Message message && !isSeenElsewhere(message, turn)) {
                Long id = archiveId(message, turn.jid());
                LogEntry entry = id == null ? null : log.entry(turn, id);
                if (id != null && entry != null && !entry.outbound()) {
                    put(turn, new Place(true, id), waiting(turn, entry.peer(turn.jid()), entry.message()));
                }
            }
        }
    }

    private boolean isSeenElsewhere(Message message, Turn turn) {
        boolean addressed = message.to() instanceof FullJid;
        boolean copied = !message.traits().forbidsCopy();
        return presence.available(turn).stream()
                .anyMatch(other ->
                        presence.priority(other, turn) >= 0 && !addressed || copied && carbons.isEnabled(other, turn));
    }

    /** The id that this server put on a message for the account. */
    private static @Nullable Long archiveId(Message message, BareJid account) {
        for (Element addition : message.additions()) {
            StanzaId id = addition.is(StanzaId.NAME) ? StanzaId.parse(addition) : null;
            if (id != null && id.by().equals(account)) {
                return ArchiveId.parse(id.id());
            }
        }
        return null;
    }

    // ---- and is delivered
    // --------------------------------------------------------------------------------------------

    private Presence notice(Presence presence, Way way, Turn turn) {
        ClientSession session = turn.origin();
        if (way == Way.OUTBOUND
                && session != null
                && presence.to() == null
                && presence.type() == Presence.Type.AVAILABLE
                && presence.priority() >= 0
                && count(turn).messages() > 0) {
            begin(turn, session);
        }
        return presence;
    }

    private void begin(Turn turn, ClientSession session) {
        for (ClientSession each : turn.sessions()) {
            if (turn.get(each, DELIVERING) != null) {
                return;
            }
        }
        deliver(turn, session);
    }

    private void deliver(Turn turn, ClientSession session) {
        List<Row<Place, Waiting>> rows = whatItLacks(turn, session);
        int sent = 0;
        int bytes = 0;
        for (Row<Place, Waiting> row : rows) {
            Message message = message(turn, session, row.key());
            if (message != null) {
                bytes += message.payload().size();
                turn.send(session, message);
            }
            sent++;
            if (bytes > BATCH_BYTES) {
                break;
            }
        }
        if (sent == 0) {
            turn.set(session, DELIVERING, null);
            return;
        }
        turn.set(session, DELIVERING, true);
        List<Place> batch = rows.subList(0, sent).stream().map(Row::key).toList();
        Iq ping = Iq.get(session.jid(), turn.randomId(), PING)
                .withFrom(BareJid.ofDomain(turn.jid().domain()));
        turn.ask(ping, PATIENCE, (then, answer) -> delivered(then, session, batch, answer));
    }

    private void delivered(Turn turn, ClientSession session, List<Place> batch, @Nullable Iq answer) {
        boolean bound = turn.sessions().contains(session);
        // A session that can be resumed has them in its queue, and gives back what it never acknowledges.
        if (answer != null || bound && session.outbound().isManaged()) {
            delete(turn, batch);
        }
        if (answer != null && bound) {
            deliver(turn, session);
        } else {
            turn.set(session, DELIVERING, null);
        }
    }

    /** The waiting messages that this session does not find in the archive by itself, a batch of them. */
    private List<Row<Place, Waiting>> whatItLacks(Turn turn, ClientSession session) {
        List<Row<Place, Waiting>> rows =
                new ArrayList<>(turn.scan(tables.offline, Range.prefix(key -> key.u8(0)), Direction.FORWARD, BATCH));
        Long queried = turn.get(session, QUERIED);
        Long lastQuery = turn.get(tables.clients, session.jid().resource());
        boolean willQuery =
                lastQuery != null && lastQuery > Micros.of(turn.now().minus(CLIENT_KNOWN));
        if (queried != null || !willQuery) {
            rows.addAll(turn.scan(
                    tables.offline,
                    Range.<Place>prefix(key -> key.u8(1)).above(new Place(true, queried == null ? 0 : queried)),
                    Direction.FORWARD,
                    BATCH - rows.size()));
        }
        return rows;
    }

    /** Null if nothing is left of it, or the session learns of it in another way. */
    private @Nullable Message message(Turn turn, ClientSession session, Place place) {
        if (!place.archived()) {
            return (Message) turn.get(tables.held, place.id());
        }
        LogEntry entry = log.entry(turn, place.id());
        if (entry == null || !entry.isKept() || entry.rewrites() != 0 && XabberStreams.isOne(turn, session)) {
            return null;
        }
        return entry.identified(turn.jid(), place.id())
                .adding(delay(turn, Micros.toInstant(entry.received())).element());
    }

    private static Delay delay(Turn turn, Instant since) {
        return new Delay(since, BareJid.ofDomain(turn.jid().domain()));
    }

    private void delete(Turn turn, List<Place> places) {
        for (Place place : places) {
            turn.delete(tables.offline, place);
            if (!place.archived()) {
                turn.delete(tables.held, place.id());
            }
        }
        turn.forget(COUNT);
    }

    // ---- to clients that read the archive
    // ----------------------------------------------------------------------------

    @Override
    public void querying(Turn turn, ClientSession session) {
        turn.set(session, QUERIED, newestWaiting(turn));
        String resource = session.jid().resource();
        Long last = turn.get(tables.clients, resource);
        if (last == null) {
            makeRoom(turn);
        }
        if (last == null || last < Micros.of(turn.now().minus(CLIENT_REFRESHED))) {
            turn.put(tables.clients, resource, Micros.of(turn.now()));
        }
    }

    @Override
    public void queried(Turn turn, ClientSession session) {
        Long upTo = turn.get(session, QUERIED);
        if (upTo != null && upTo > 0) {
            forget(turn, upTo);
        }
    }

    private long newestWaiting(Turn turn) {
        if (count(turn).messages() == 0) {
            return 0;
        }
        List<Row<Place, Waiting>> newest =
                turn.scan(tables.offline, Range.prefix(key -> key.u8(1)), Direction.BACKWARD, 1);
        return newest.isEmpty() ? 0 : newest.get(0).key().id();
    }

    private void forget(Turn turn, long upTo) {
        List<Place> places = turn
                .scan(
                        tables.offline,
                        Range.<Place>prefix(key -> key.u8(1)).to(new Place(true, upTo)),
                        Direction.FORWARD,
                        DELETE_AT_ONCE)
                .stream()
                .map(Row::key)
                .toList();
        if (places.isEmpty()) {
            return;
        }
        delete(turn, places);
        if (places.size() == DELETE_AT_ONCE) {
            BareJid account = turn.jid();
            turn.afterwards(() -> setup.submit(account, later -> {
                if (later.exists()) {
                    forget(later, upTo);
                }
            }));
        }
    }

    private void makeRoom(Turn turn) {
        List<Row<String, Long>> known = turn.scan(tables.clients, Range.all(), Direction.FORWARD, MAX_CLIENTS);
        if (known.size() == MAX_CLIENTS) {
            known.stream()
                    .min(Comparator.comparing(Row::value))
                    .ifPresent(oldest -> turn.delete(tables.clients, oldest.key()));
        }
    }

    // ---- between servers
    // -----------------------------------------------------------------------------------------------

    /** What waits, oldest first, as a session would be sent it. */
    void forEachWaiting(Owner account, Reader reader, Consumer<Message> each) {
        List<Row<Place, Waiting>> rows = new ArrayList<>(
                reader.list(tables.offline, account.key(), Range.all(), Direction.FORWARD, Integer.MAX_VALUE));
        rows.sort(Comparator.comparingLong(row -> row.key().id()));
        BareJid server = BareJid.ofDomain(account.jid().domain());
        for (Row<Place, Waiting> row : rows) {
            long id = row.key().id();
            if (!row.key().archived()) {
                if (reader.get(tables.held, account.key(), id) instanceof Message held) {
                    each.accept(held);
                }
                continue;
            }
            LogEntry entry = log.reader().entry(reader, account.key(), id);
            if (entry != null && entry.isKept()) {
                Delay delay = new Delay(Micros.toInstant(entry.received()), server);
                each.accept(entry.identified(account.jid(), id).adding(delay.element()));
            }
        }
    }

    /** An entry waits, whatever the limits say. */
    void adopt(Turn turn, long id, LogEntry entry) {
        put(turn, new Place(true, id), waiting(turn, entry.peer(turn.jid()), entry.message()));
    }

    /** A message waits that is not in the archive. */
    void hold(Turn turn, Message message) {
        long id = turn.stamp();
        BareJid sender = message.from() == null ? turn.jid() : message.from().bare();
        put(turn, new Place(false, id), waiting(turn, sender, message));
        turn.put(tables.held, id, message);
    }

    /** Messages that wait and are not in the archive, behind a number. */
    List<Row<Long, Stanza>> held(Turn turn, long after, int limit) {
        return turn.scan(tables.held, Range.<Long>all().above(after), Direction.FORWARD, limit);
    }

    /** The message is in the archive now. */
    void release(Turn turn, long held) {
        delete(turn, List.of(new Place(false, held)));
    }
}
