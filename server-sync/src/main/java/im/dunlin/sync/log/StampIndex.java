// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An account's conversations in the order of one of their stamps, a row for each that has a place there.
 *
 * <p>The row of the newest may lie behind its place, which its head tells: one message after the other in the same conversation
 * moves no row. All others lie where they should, so the order of rows is the order of places. {@link #move} is for turns of
 * the account, what reads is for any thread with a snapshot.
 */
final class StampIndex {
    /**
     * What a lane remembers of an account's index.
     *
     * @param key null if it is not known whose row is the newest; all rows are where they should be then
     * @param row where the newest row lies; without a key, no row lies above
     */
    private record Newest(@Nullable ConversationKey key, long row) {}

    private final Table<Long, ConversationKey> rows;
    private final Table<ConversationKey, ConversationHead> heads;
    private final ToLongFunction<ConversationHead> placeOf;
    private final CacheKey<Newest> newest;

    /** @param placeOf where a conversation belongs; 0 for nowhere */
    StampIndex(
            Table<Long, ConversationKey> rows,
            Table<ConversationKey, ConversationHead> heads,
            ToLongFunction<ConversationHead> placeOf) {
        this.rows = rows;
        this.heads = heads;
        this.placeOf = placeOf;
        this.newest = new CacheKey<>(rows.name() + ".newest");
    }

    String name() {
        return rows.name();
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    /** A conversation's head has been put. @param old the head before; null if there was none */
    void move(Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head) {
        long from = old == null ? 0 : placeOf.applyAsLong(old);
        long to = placeOf.applyAsLong(head);
        if (from == to) {
            return;
        }
        Newest before = turn.cached(newest, () -> newest(turn));
        if (!key.equals(before.key())) {
            if (from != 0) {
                turn.delete(rows, from);
            }
            if (to != 0) {
                put(turn, key, to, before);
            }
        } else if (to < before.row()) {
            turn.delete(rows, before.row());
            remember(turn, new Newest(null, Math.max(from, before.row())));
            if (to != 0) {
                turn.put(rows, to, key);
            }
        }
    }

    private void put(Turn turn, ConversationKey key, long place, Newest before) {
        Newest settled = before.key() != null && place > before.row() ? settled(turn, before.key(), before) : before;
        turn.put(rows, place, key);
        remember(turn, place > settled.row() ? new Newest(key, place) : settled);
    }

    /** Puts the newest row where it should be, before another one may lie above it. */
    private Newest settled(Turn turn, ConversationKey key, Newest before) {
        ConversationHead head = turn.get(heads, key);
        long place = head == null ? before.row() : placeOf.applyAsLong(head);
        if (place == before.row()) {
            return before;
        }
        turn.delete(rows, before.row());
        turn.put(rows, place, key);
        return new Newest(key, place);
    }

    private Newest newest(Turn turn) {
        List<Row<Long, ConversationKey>> last = turn.scan(rows, Range.all(), Direction.BACKWARD, 1);
        return last.isEmpty()
                ? new Newest(null, 0)
                : new Newest(last.get(0).value(), last.get(0).key());
    }

    private void remember(Turn turn, Newest now) {
        turn.forget(newest);
        turn.cached(newest, () -> now);
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    /** Places between two bounds, both excluded, with who is there. */
    List<Row<Long, ConversationKey>> list(
            Reader reader, OwnerKey account, long above, long below, Direction direction, int limit) {
        Row<Long, ConversationKey> last = reader.first(rows, account, Range.all(), Direction.BACKWARD);
        if (last == null || limit == 0) {
            return List.of();
        }
        List<Row<Long, ConversationKey>> found = new ArrayList<>();
        long place = place(reader, last);
        boolean isLastMeant = place > above && place < below;
        if (isLastMeant && direction == Direction.BACKWARD) {
            found.add(new Row<>(account, place, last.value()));
        }
        Range<Long> others = Range.<Long>all().above(above).below(Math.min(below, last.key()));
        if (above < last.key()) {
            found.addAll(reader.list(rows, account, others, direction, limit - found.size()));
        }
        if (isLastMeant && direction == Direction.FORWARD && found.size() < limit) {
            found.add(new Row<>(account, place, last.value()));
        }
        return found;
    }

    /** Everybody whose place lies above a stamp, however many, from the oldest on. */
    void forEach(Reader reader, OwnerKey account, long above, Consumer<ConversationKey> each) {
        Row<Long, ConversationKey> last = reader.first(rows, account, Range.all(), Direction.BACKWARD);
        if (last == null) {
            return;
        }
        if (above < last.key()) {
            Range<Long> others = Range.<Long>all().above(above).below(last.key());
            try (Scan<Long, ConversationKey> scan = reader.scan(rows, account, others, Direction.FORWARD)) {
                while (scan.hasNext()) {
                    each.accept(scan.next().value());
                }
            }
        }
        if (place(reader, last) > above) {
            each.accept(last.value());
        }
    }

    /** The newest place; 0 if there is none. */
    long last(Reader reader, OwnerKey account) {
        Row<Long, ConversationKey> last = reader.first(rows, account, Range.all(), Direction.BACKWARD);
        return last == null ? 0 : place(reader, last);
    }

    private long place(Reader reader, Row<Long, ConversationKey> last) {
        ConversationHead head = reader.get(heads, last.owner(), last.value());
        return head == null ? last.key() : placeOf.applyAsLong(head);
    }

    // ---- checking
    // ----------------------------------------------------------------------------------------------------

    /** All rows, those that agree with no head among them. */
    Scan<Long, ConversationKey> rows(Reader reader, OwnerKey account) {
        return reader.scan(rows, account, Range.all(), Direction.FORWARD);
    }

    /** Whether a row lies where it may. @param isLast whether no row lies above it */
    boolean isRight(Reader reader, Row<Long, ConversationKey> row, boolean isLast) {
        ConversationHead head = reader.get(heads, row.owner(), row.value());
        long place = head == null ? 0 : placeOf.applyAsLong(head);
        return row.key() == place || isLast && row.key() < place;
    }

    /** Where a conversation should be and is not; 0 if all is well. */
    long missing(Reader reader, OwnerKey account, ConversationKey key, ConversationHead head) {
        long place = placeOf.applyAsLong(head);
        if (place == 0 || key.equals(reader.get(rows, account, place))) {
            return 0;
        }
        Row<Long, ConversationKey> last = reader.first(rows, account, Range.all(), Direction.BACKWARD);
        boolean isBehind = last != null && last.key() < place && last.value().equals(key);
        return isBehind ? 0 : place;
    }
}
