// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows. A {@link Store} shows the latest, a {@link Snapshot} what was there when it was taken, {@link Changes}
 * its own rows over another reader's. The typed methods are the ones to call; {@link #find} and {@link #cursor} are for
 * stores and for what works on any table: backup, export, migration.
 */
public interface Reader {
    /** The value of a row by its whole key. The caller does not change it. */
    byte @Nullable [] find(String table, byte[] key);

    /**
     * The rows of a table from one whole key to before another, as bytes.
     *
     * @param from first key
     * @param to just behind the last key
     */
    Cursor cursor(String table, byte[] from, byte[] to, Direction direction);

    default <K, V> @Nullable V get(Table<K, V> table, OwnerKey owner, K key) {
        byte[] value = find(table.name(), table.key(owner, key));
        return value == null ? null : table.readValue(value);
    }

    default <K, V> boolean has(Table<K, V> table, OwnerKey owner, K key) {
        return find(table.name(), table.key(owner, key)) != null;
    }

    /** The rows of one owner in a range. */
    default <K, V> Scan<K, V> scan(Table<K, V> table, OwnerKey owner, Range<K> range, Direction direction) {
        KeyCodec<K> codec = table.spec().keys();
        return new Scan<>(table, cursor(table.name(), range.from(owner, codec), range.to(owner, codec), direction));
    }

    /** The first row of a range, or with {@link Direction#BACKWARD} the last. */
    default <K, V> @Nullable Row<K, V> first(Table<K, V> table, OwnerKey owner, Range<K> range, Direction direction) {
        try (Scan<K, V> scan = scan(table, owner, range, direction)) {
            return scan.hasNext() ? scan.next() : null;
        }
    }

    /** The first rows of a range, at most so many. */
    default <K, V> List<Row<K, V>> list(
            Table<K, V> table, OwnerKey owner, Range<K> range, Direction direction, int limit) {
        try (Scan<K, V> scan = scan(table, owner, range, direction)) {
            return scan.take(limit);
        }
    }

    /** All rows of a slot, of its owners and its own, in key order. */
    default <K, V> Scan<K, V> scanSlot(Table<K, V> table, int slot) {
        return scanSlot(table, slot, OwnerKey.ofSlot(slot).toBytes());
    }

    /** The rows of a slot from a whole key on: long work in pieces remembers where the next one begins. */
    default <K, V> Scan<K, V> scanSlot(Table<K, V> table, int slot, byte[] from) {
        byte[] to = slot == OwnerKey.CLUSTER_SLOT
                ? Range.afterPrefix(OwnerKey.CLUSTER.toBytes())
                : new KeyWriter().u16(slot + 1).toBytes();
        return new Scan<>(table, cursor(table.name(), from, to, Direction.FORWARD));
    }

    /** All rows of all slots, in key order; those of {@link OwnerKey#CLUSTER} not with them. */
    default <K, V> Scan<K, V> scanTable(Table<K, V> table) {
        byte[] to = new KeyWriter().u16(Slots.COUNT).toBytes();
        return new Scan<>(table, cursor(table.name(), new byte[0], to, Direction.FORWARD));
    }
}
