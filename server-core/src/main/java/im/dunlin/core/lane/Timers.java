// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
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
import im.dunlin.storage.Slots;
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
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Durable timers: a timer is a turn of its owner at or after a time.
 *
 * <pre>
 * timers   slot · 0 · due µs, random   → owner, kind, data
 * </pre>
 *
 * In memory there is one number a slot, the earliest due time, so that a tick costs nothing while nothing is due. The row is
 * deleted in the batch of the turn that it causes; if that turn fails, the timer is put off.
 */
final class Timers {
    /** Timers of one slot that one tick starts; the rest follow at the next. */
    private static final int AT_ONCE = 100;

    /** When a timer is tried again whose turn has failed. */
    private static final Duration RETRY = Duration.ofMinutes(1);

    record Key(long due, long random) {}

    /** @param number of the owner: one that was removed and made again under its name is another */
    record Content(BareJid owner, long number, String kind, byte[] data) {}

    static final TableSpec<Key, Content> TIMERS =
            new TableSpec<>("timers", Shape.QUEUE, new TimerKeys(), Values.versioned(1, Timers::write, Timers::read));

    private final Store store;
    private final Table<Key, Content> timers;
    private final AtomicLongArray earliest = new AtomicLongArray(Slots.COUNT);

    Timers(Store store) {
        this.store = store;
        this.timers = store.open(TIMERS);
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            earliest.set(slot, Long.MAX_VALUE);
        }
    }

    void load() {
        try (Scan<Key, Content> all = store.scanTable(timers)) {
            all.forEachRemaining(
                    row -> added(row.owner().slot(), Micros.toInstant(row.key().due())));
        }
    }

    void add(Changes changes, Owner owner, Instant due, String kind, byte[] data, long random) {
        changes.put(
                timers,
                new OwnerKey(owner.key().slot(), 0),
                new Key(Micros.of(due), random),
                new Content(owner.jid(), owner.key().number(), kind, data));
    }

    void added(int slot, Instant due) {
        earliest.accumulateAndGet(slot, Micros.of(due), Math::min);
    }

    /** Starts what is due. On the slot's lane. */
    void due(Lanes lanes, int slot, Instant now) {
        long until = Micros.of(now);
        if (earliest.get(slot) > until) {
            return;
        }
        OwnerKey owner = new OwnerKey(slot, 0);
        List<Row<Key, Content>> rows = new ArrayList<>();
        long next = Long.MAX_VALUE;
        try (Scan<Key, Content> scan = store.scan(timers, owner, Range.all(), Direction.FORWARD)) {
            while (scan.hasNext()) {
                Row<Key, Content> row = scan.next();
                if (row.key().due() > until || rows.size() == AT_ONCE) {
                    next = row.key().due();
                    break;
                }
                rows.add(row);
            }
        }
        earliest.set(slot, next);
        for (Row<Key, Content> row : rows) {
            BareJid jid = row.value().owner();
            lanes.submit(
                    jid,
                    turn -> fire(lanes, owner, row, (LaneTurn) turn),
                    () -> lanes.submit(jid, turn -> postpone(owner, row, (LaneTurn) turn)));
        }
    }

    private void fire(Lanes lanes, OwnerKey slot, Row<Key, Content> row, LaneTurn turn) {
        // A tick may have found the row twice before its turn came.
        if (turn.changes().get(timers, slot, row.key()) == null) {
            return;
        }
        turn.changes().delete(timers, slot, row.key());
        Content content = row.value();
        if (!isFor(turn, content)) {
            return;
        }
        if (content.kind().equals(Questions.DEADLINE)) {
            lanes.questions().deadline(turn, content.data());
        } else {
            lanes.outlet().due(turn, content.kind(), content.data());
        }
    }

    /** What the timer started has failed, and its row is still there: it stands in nobody's way until it is tried again. */
    private void postpone(OwnerKey slot, Row<Key, Content> row, LaneTurn turn) {
        if (turn.changes().get(timers, slot, row.key()) != null) {
            turn.changes().delete(timers, slot, row.key());
            if (isFor(turn, row.value())) {
                turn.schedule(
                        row.value().kind(), turn.now().plus(RETRY), row.value().data());
            }
        }
    }

    private static boolean isFor(LaneTurn turn, Content content) {
        return turn.exists() && turn.owner().key().number() == content.number();
    }

    private static void write(ValueWriter out, Content content) {
        out.text(content.owner().toString())
                .varint(content.number())
                .text(content.kind())
                .bytes(content.data());
    }

    private static Content read(ValueReader in) {
        return new Content((BareJid) Jid.of(in.text()), in.varint(), in.text(), in.bytes());
    }

    private static final class TimerKeys implements KeyCodec<Key> {
        @Override
        public void write(Key key, KeyWriter out) {
            out.u64(key.due()).u64(key.random());
        }

        @Override
        public Key read(KeyReader in) {
            return new Key(in.u64(), in.u64());
        }
    }
}
