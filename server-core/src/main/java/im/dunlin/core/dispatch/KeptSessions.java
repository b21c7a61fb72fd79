// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.config.Limits;
import im.dunlin.core.dispatch.ModuleRegistry.KeptAttribute;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Management;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What of stream management (XEP-0198) outlives the process.
 *
 * <pre>
 * sm-handled    slot · number · id → stanzas handled, when that was written
 * sm-sessions   slot · number · id → the whole session, while no server runs
 * </pre>
 *
 * A clean stop writes every session that can be resumed, and the next start takes the rows away again, so that a later crash
 * does not bring them back. After a crash only the count is there: written with whatever a stanza changed, it tells the client
 * which of its stanzas not to send again (DESIGN, settled 4).
 */
final class KeptSessions {
    /** A count is worth keeping for as long as a client may still hold stanzas that it covers. */
    private static final Duration COUNT_KEPT = Duration.ofDays(1);

    /** A batch has to hold it; a session with more waiting has long fallen back on the archive. */
    private static final int MAX_BYTES = 6 << 20;

    private static final int MAX_STANZAS = 10_000;

    /** There is a row of the session's count. */
    private static final SessionKey<Boolean> COUNTED = new SessionKey<>("sm.counted");

    record Count(long handled, long writtenMicros) {}

    record Kept(
            String jid,
            long received,
            long acknowledged,
            int patienceSeconds,
            List<byte[]> stanzas,
            List<Attribute> attributes) {}

    @SuppressWarnings("ArrayRecordComponent") // only carried between codec and session
    record Attribute(String name, byte[] value) {}

    static final TableSpec<String, Count> HANDLED = new TableSpec<>(
            "sm-handled", Shape.POINT, Keys.TEXT, Values.versioned(1, KeptSessions::write, KeptSessions::readCount));
    static final TableSpec<String, Kept> SESSIONS = new TableSpec<>(
            "sm-sessions", Shape.POINT, Keys.TEXT, Values.versioned(1, KeptSessions::write, KeptSessions::readKept));

    private final Store store;
    private final Table<String, Count> handled;
    private final Table<String, Kept> sessions;
    private final Map<String, KeptAttribute<?>> attributes;

    KeptSessions(ModuleRegistry modules) {
        this.store = modules.store();
        this.handled = store.open(HANDLED);
        this.sessions = store.open(SESSIONS);
        this.attributes = modules.kept;
        modules.tables.add(handled);
        modules.tables.add(sessions);
        modules.recording.add(this::count);
    }

    // ---- counts
    // ------------------------------------------------------------------------------------------------------

    /** The turn writes: with it, how far the client's stanzas are handled. */
    private void count(ClientSession session, Turn turn) {
        Management management = session.outbound().management();
        if (management != null
                && session.outbound().isResumable()
                && turn.sessions().contains(session)) {
            turn.put(handled, management.id(), new Count(session.received(), Micros.of(turn.now())));
            turn.set(session, COUNTED, true);
        }
    }

    /** The session waited in vain: its client will still ask how far the server had come. */
    void expired(ClientSession session, Turn turn) {
        count(session, turn);
    }

    /** The session ends and nobody will ask for it. */
    void forget(ClientSession session, Turn turn) {
        Management management = session.outbound().management();
        if (management != null && turn.get(session, COUNTED) != null) {
            turn.delete(handled, management.id());
        }
    }

    /** The count of a session that is gone; null if it is not known. */
    @Nullable
    Long handled(String id, Turn turn) {
        Count count = turn.exists() ? turn.get(handled, id) : null;
        return count == null ? null : count.handled();
    }

    /** Deletes the account's counts that are too old to help anyone. */
    void sweep(Turn turn, int most) {
        Instant old = turn.now().minus(COUNT_KEPT);
        for (Row<String, Count> row : turn.scan(handled, Range.all(), Direction.FORWARD, most)) {
            if (Micros.toInstant(row.value().writtenMicros()).isBefore(old)) {
                turn.delete(handled, row.key());
            }
        }
    }

    // ---- sessions
    // ----------------------------------------------------------------------------------------------------

    /** Writes the session. @param held what gates still held back @return false if it cannot be kept */
    boolean save(ClientSession session, List<Stanza> held, Turn turn) {
        Outbound outbound = session.outbound();
        Management management = outbound.management();
        if (management == null || !outbound.isResumable()) {
            return false;
        }
        List<byte[]> stanzas = new ArrayList<>();
        int bytes = 0;
        List<Stanza> unacknowledged = outbound.unacknowledged();
        unacknowledged.addAll(held);
        for (Stanza stanza : unacknowledged) {
            byte[] encoded = StanzaCodec.encode(stanza);
            bytes += encoded.length;
            stanzas.add(encoded);
        }
        if (bytes > MAX_BYTES || stanzas.size() > MAX_STANZAS) {
            return false;
        }
        List<Attribute> values = new ArrayList<>();
        attributes.forEach((name, kept) -> {
            byte[] value = encode(kept, session, turn);
            if (value != null) {
                values.add(new Attribute(name, value));
            }
        });
        turn.put(
                sessions,
                management.id(),
                new Kept(
                        session.jid().toString(),
                        session.received(),
                        outbound.acknowledged(),
                        (int) management.patience().toSeconds(),
                        stanzas,
                        values));
        return true;
    }

    private static <T> byte @Nullable [] encode(KeptAttribute<T> kept, ClientSession session, Turn turn) {
        T value = turn.get(session, kept.key());
        return value == null ? null : kept.codec().write(value);
    }

    /** A session as it was saved, without its connection. */
    record Restorable(FullJid jid, String id) {}

    List<Restorable> saved() {
        List<Restorable> found = new ArrayList<>();
        try (Scan<String, Kept> rows = store.scanTable(sessions)) {
            rows.forEachRemaining(row ->
                    found.add(new Restorable((FullJid) Jid.prepared(row.value().jid()), row.key())));
        }
        return found;
    }

    /** The session again, and its row gone; null if it belongs to nobody. */
    @Nullable
    ClientSession restore(Restorable saved, Limits.Resumption limits, Runnable whenOverfull, Turn turn) {
        Kept kept = turn.exists() ? turn.get(sessions, saved.id()) : null;
        if (kept == null) {
            return null;
        }
        turn.delete(sessions, saved.id());
        Management management =
                new Management(saved.id(), true, Duration.ofSeconds(kept.patienceSeconds()), limits, whenOverfull);
        List<Stanza> stanzas = kept.stanzas().stream().map(StanzaCodec::decode).toList();
        ClientSession session = new ClientSession(
                saved.jid(), Outbound.restored(management, kept.received(), kept.acknowledged(), stanzas));
        session.continueCounting(kept.received());
        for (Attribute attribute : kept.attributes()) {
            KeptAttribute<?> key = attributes.get(attribute.name());
            // One of a module that is gone means nothing any more.
            if (key != null) {
                decode(key, attribute.value(), session, turn);
            }
        }
        turn.put(handled, saved.id(), new Count(kept.received(), Micros.of(turn.now())));
        turn.set(session, COUNTED, true);
        return session;
    }

    private static <T> void decode(KeptAttribute<T> key, byte[] value, ClientSession session, Turn turn) {
        turn.set(session, key.key(), key.codec().read(value));
    }

    // ---- formats
    // -----------------------------------------------------------------------------------------------------

    private static void write(ValueWriter out, Count count) {
        out.varint(count.handled()).varint(count.writtenMicros());
    }

    private static Count readCount(ValueReader in) {
        return new Count(in.varint(), in.varint());
    }

    private static void write(ValueWriter out, Kept kept) {
        out.text(kept.jid())
                .varint(kept.received())
                .varint(kept.acknowledged())
                .varint(kept.patienceSeconds())
                .list(kept.stanzas(), ValueWriter::bytes)
                .list(
                        kept.attributes(),
                        (o, attribute) -> o.text(attribute.name()).bytes(attribute.value()));
    }

    private static Kept readKept(ValueReader in) {
        return new Kept(
                fullJid(in.text()),
                in.varint(),
                in.varint(),
                in.size(),
                in.list(ValueReader::bytes),
                in.list(item -> new Attribute(item.text(), item.bytes())));
    }

    private static String fullJid(String text) {
        if (text.indexOf('/') < 0) {
            throw new CorruptionException("a session without a resource");
        }
        return text;
    }
}
