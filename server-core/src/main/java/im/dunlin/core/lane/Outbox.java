// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.Changes;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.OwnerKey;
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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Stanzas on their way from one slot to another, recorded once and lost never (DESIGN D2, docs/adr/0003).
 *
 * <pre>
 * outbox   from slot · 0 · to slot, sequence   → receiver, stanza, time | nothing, once recorded
 * marks    to slot · 0 · from slot             → highest sequence that the receiver's slot has recorded
 * </pre>
 *
 * The sender's batch adds a row under the next sequence of (from slot, to slot); the receiver's batch records the stanza and
 * raises the mark. A row at or below its mark is done: the sweep deletes it, but keeps the newest of a pair without its
 * stanza, since it tells the next sequence after a restart.
 *
 * <p>Sequences belong to the lane of the sending slot, marks to that of the receiving slot; {@link #recorded} may be called
 * from any thread.
 */
final class Outbox {
    /** Rows of a pair that one sweep touches, so that its batch stays small; the rest follow at the next. */
    private static final int SWEEP_ROWS = 1_000;

    /** Pairs of slots whose sequences and marks a lane remembers; others are read again. */
    private static final int PAIRS = 65_536;

    record RowKey(int to, long sequence) {}

    /** @param at when the stanza was sent, in microseconds since 1970; 0 where an older version did not say */
    record Content(@Nullable BareJid receiver, byte[] stanza, long at) {}

    /** A stanza that its receiver has yet to record. */
    record Handoff(int from, int to, long sequence, BareJid receiver, Stanza stanza, long at) {
        /** As a stop leaves it: a message that has waited for long says since when (XEP-0203). */
        Stanza afterAStop(Instant now) {
            Jid sender = stanza.from();
            boolean isLate = at != 0 && Micros.toInstant(at).plus(NOT_LATE).isBefore(now);
            return isLate && sender != null && stanza instanceof Message message
                    ? message.adding(new Delay(Micros.toInstant(at), BareJid.ofDomain(sender.domain())).element())
                    : stanza;
        }
    }

    /** A restart takes no longer, and what it interrupts is not late. */
    private static final Duration NOT_LATE = Duration.ofSeconds(5);

    static final TableSpec<RowKey, Content> ROWS =
            new TableSpec<>("outbox", Shape.QUEUE, new RowKeys(), Values.versioned(2, Outbox::write, Outbox::read));
    static final TableSpec<Integer, Long> MARKS = new TableSpec<>("marks", Shape.POINT, new SlotKeys(), Values.LONG);

    private final Store store;
    private final Table<RowKey, Content> rows;
    private final Table<Integer, Long> marks;
    private final Map<Integer, Long> lastSequence = bounded();
    private final Map<Integer, Long> lastMark = bounded();
    private final ConcurrentHashMap<Integer, Long> toSweep = new ConcurrentHashMap<>();
    private final Map<Integer, Long> swept = bounded();

    Outbox(Store store) {
        this.store = store;
        this.rows = store.open(ROWS);
        this.marks = store.open(MARKS);
    }

    private static <V> Map<Integer, V> bounded() {
        return java.util.Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, V> eldest) {
                return size() > PAIRS;
            }
        });
    }

    private static int pair(int from, int to) {
        return from << 10 | to;
    }

    // ---- the sender's lane
    // -------------------------------------------------------------------------------------------

    Handoff add(Changes changes, int from, BareJid receiver, Stanza stanza, Instant now) {
        long at = Micros.of(now);
        int to = Directory.slotOf(receiver);
        long sequence = last(changes, from, to) + 1;
        changes.put(
                rows,
                new OwnerKey(from, 0),
                new RowKey(to, sequence),
                new Content(receiver, StanzaCodec.encode(stanza), at));
        // Kept even if the turn fails: a gap in the sequence does no harm, a number used twice would.
        lastSequence.put(pair(from, to), sequence);
        return new Handoff(from, to, sequence, receiver, stanza, at);
    }

    private long last(Changes changes, int from, int to) {
        Long known = lastSequence.get(pair(from, to));
        if (known != null) {
            return known;
        }
        try (Scan<RowKey, Content> newest =
                changes.scan(rows, new OwnerKey(from, 0), Range.prefix(key -> key.u16(to)), Direction.BACKWARD)) {
            return newest.hasNext() ? newest.next().key().sequence() : 0;
        }
    }

    // ---- the receiver's lane
    // -----------------------------------------------------------------------------------------

    boolean isRecorded(Handoff handoff) {
        return handoff.sequence() <= mark(handoff.from(), handoff.to());
    }

    private long mark(int from, int to) {
        Long known = lastMark.get(pair(from, to));
        if (known == null) {
            known = Objects.requireNonNullElse(store.get(marks, new OwnerKey(to, 0), from), 0L);
        }
        return known;
    }

    void mark(Changes changes, Handoff handoff) {
        changes.put(marks, new OwnerKey(handoff.to(), 0), handoff.from(), handoff.sequence());
    }

    /** The receiver's mark is durable. Any thread. */
    void recorded(Handoff handoff) {
        int pair = pair(handoff.from(), handoff.to());
        lastMark.merge(pair, handoff.sequence(), Math::max);
        toSweep.merge(pair, handoff.sequence(), Math::max);
    }

    // ---- sweep and restart
    // -------------------------------------------------------------------------------------------

    /** Deletes rows that are recorded, one batch for each slot of the calling lane that has any. */
    void sweep(Store from, IntPredicate slots, Consumer<Changes> write) {
        Map<Integer, Changes> batches = new HashMap<>();
        for (Integer pair : toSweep.keySet()) {
            int slot = pair >> 10;
            if (!slots.test(slot)) {
                continue;
            }
            Changes changes = batches.computeIfAbsent(slot, number -> new Changes(from, number));
            if (changes.rows() < SWEEP_ROWS) {
                Long upTo = toSweep.remove(pair);
                if (upTo != null) {
                    sweep(changes, slot, pair & 0x3FF, upTo);
                }
            }
        }
        batches.values().stream().filter(changes -> !changes.isEmpty()).forEach(write);
    }

    private void sweep(Changes changes, int from, int to, long upTo) {
        OwnerKey slot = new OwnerKey(from, 0);
        int pair = pair(from, to);
        // Begins where the last sweep ended: what lies before is deleted, and a scan would step over all its remains.
        Long last = swept.get(pair);
        long first = last == null ? oldest(changes, slot, to, upTo) : last;
        long end = Math.min(upTo, first + SWEEP_ROWS);
        for (long sequence = first; sequence < end; sequence++) {
            changes.delete(rows, slot, new RowKey(to, sequence));
        }
        if (end == upTo) {
            changes.put(rows, slot, new RowKey(to, upTo), new Content(null, new byte[0], 0));
        } else {
            toSweep.merge(pair, upTo, Math::max);
        }
        swept.put(pair, end);
    }

    private long oldest(Changes changes, OwnerKey slot, int to, long otherwise) {
        try (Scan<RowKey, Content> pair =
                changes.scan(rows, slot, Range.prefix(key -> key.u16(to)), Direction.FORWARD)) {
            return pair.hasNext() ? pair.next().key().sequence() : otherwise;
        }
    }

    /** All stanzas that their receivers have not recorded, in order; before the lanes get other work. */
    List<Handoff> interrupted() {
        List<Handoff> open = new ArrayList<>();
        try (Scan<RowKey, Content> all = store.scanTable(rows)) {
            while (all.hasNext()) {
                Row<RowKey, Content> row = all.next();
                RowKey key = row.key();
                BareJid receiver = row.value().receiver();
                int from = row.owner().slot();
                if (receiver == null) {
                    continue;
                }
                if (key.sequence() > mark(from, key.to())) {
                    Stanza stanza = StanzaCodec.decode(row.value().stanza());
                    open.add(new Handoff(
                            from,
                            key.to(),
                            key.sequence(),
                            receiver,
                            stanza,
                            row.value().at()));
                } else {
                    toSweep.merge(pair(from, key.to()), key.sequence(), Math::max);
                }
            }
        }
        return open;
    }

    // ---- formats
    // -----------------------------------------------------------------------------------------------------

    private static final class RowKeys implements KeyCodec<RowKey> {
        @Override
        public void write(RowKey key, KeyWriter out) {
            out.u16(key.to()).u64(key.sequence());
        }

        @Override
        public RowKey read(KeyReader in) {
            return new RowKey(in.u16(), in.u64());
        }
    }

    private static void write(ValueWriter out, Content content) {
        out.nullableText(content.receiver() == null ? null : content.receiver().toString())
                .bytes(content.stanza())
                .varint(content.at());
    }

    private static Content read(ValueReader in) {
        String receiver = in.nullableText();
        byte[] stanza = in.bytes();
        long at = in.version() < 2 ? 0 : in.varint();
        return new Content(receiver == null ? null : (BareJid) Jid.of(receiver), stanza, at);
    }

    private static final class SlotKeys implements KeyCodec<Integer> {
        @Override
        public void write(Integer key, KeyWriter out) {
            out.u16(key);
        }

        @Override
        public Integer read(KeyReader in) {
            return in.u16();
        }
    }
}
