// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.Changes;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stanzas that leave for other servers, kept until they have left (docs/adr/0020).
 *
 * <pre>
 * departures   slot of the sender · 0 · sequence   → stanza, time
 * </pre>
 *
 * The sender's batch adds the row; when the other server has the stanza, or its sender was told that it will not, a sweep in the
 * sender's slot deletes it. A crash between the two sends the stanza once more.
 *
 * <p>Sequences are the time in microseconds, or one more than the last of the slot, and belong to the slot's lane.
 */
final class Departures {
    private static final Logger log = LoggerFactory.getLogger(Departures.class);

    /** Rows that one batch deletes. */
    private static final int SWEEP_ROWS = 1_000;

    private record Content(byte[] stanza, long at) {}

    private static final TableSpec<Long, Content> ROWS = new TableSpec<>(
            "departures", Shape.QUEUE, Keys.NUMBER, Values.versioned(1, Departures::write, Departures::read));

    private final Store store;
    private final Table<Long, Content> rows;
    private final long[] last = new long[Slots.COUNT];
    /** By slot: sequences of what has left. */
    private final Map<Integer, Queue<Long>> left = new ConcurrentHashMap<>();

    Departures(Store store) {
        this.store = store;
        this.rows = store.open(ROWS);
    }

    /** Adds a row to the sender's batch. Its lane only. */
    Departure add(Changes changes, int slot, Stanza stanza, Instant now) {
        long at = Micros.of(now);
        long sequence = Math.max(at, last[slot] + 1);
        last[slot] = sequence;
        changes.put(rows, new OwnerKey(slot, 0), sequence, new Content(StanzaCodec.encode(stanza), at));
        return new Departure(stanza, at, slot, sequence);
    }

    /** It has left, or never will. Any thread. */
    void left(Departure departure) {
        if (departure.isRecorded()) {
            left.computeIfAbsent(departure.slot(), slot -> new ConcurrentLinkedQueue<>())
                    .add(departure.sequence());
        }
    }

    /** Deletes the rows of all that has left, in batches for each slot of the calling lane that has any. */
    void sweep(IntPredicate slots, Consumer<Changes> write) {
        left.forEach((slot, sequences) -> {
            while (slots.test(slot) && !sequences.isEmpty()) {
                Changes changes = new Changes(store, slot);
                while (changes.rows() < SWEEP_ROWS && !sequences.isEmpty()) {
                    changes.delete(rows, new OwnerKey(slot, 0), sequences.remove());
                }
                write.accept(changes);
            }
        });
    }

    /** All that have not left, those of a slot in order, but for damaged ones, which go no further. */
    List<Departure> waiting() {
        List<Departure> waiting = new ArrayList<>();
        forEachRow(row -> waiting.add(new Departure(
                StanzaCodec.decode(row.value().stanza()),
                row.value().at(),
                row.owner().slot(),
                row.key())));
        return waiting;
    }

    /** Goes on behind what an earlier run has left. Before the lanes begin. */
    void load() {
        forEachRow(row -> {
            int slot = row.owner().slot();
            last[slot] = Math.max(last[slot], row.key());
        });
    }

    /** A row that is damaged is one stanza less, and no reason not to start. */
    private void forEachRow(Consumer<Row<Long, Content>> then) {
        try (Scan<Long, Content> all = store.scanTable(rows)) {
            while (true) {
                try {
                    if (!all.hasNext()) {
                        return;
                    }
                    then.accept(all.next());
                } catch (CorruptionException e) {
                    log.error("A stanza for another server is damaged and will not be sent", e);
                }
            }
        }
    }

    private static void write(ValueWriter out, Content content) {
        out.bytes(content.stanza()).varint(content.at());
    }

    private static Content read(ValueReader in) {
        return new Content(in.bytes(), in.varint());
    }
}
