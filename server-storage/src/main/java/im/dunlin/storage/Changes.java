// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A batch under construction that reads its own writes: what a turn puts and deletes lies over what it reads, until
 * {@link #toBatch}. A scan shows the changes made before it was opened, so a loop over it may delete what it meets. For
 * one thread.
 */
public final class Changes implements Reader {
    /** In an overlay, the value of a row that is deleted; known by identity. */
    private static final byte[] DELETED = {};

    private final Reader base;
    private final int slot;
    private final Map<String, Overlay> overlays = new LinkedHashMap<>();
    private int rows;
    private long bytes;

    /**
     * @param base what lies under the changes
     * @param slot in which every owner that is written lies
     */
    public Changes(Reader base, int slot) {
        this.base = base;
        this.slot = slot;
    }

    public int slot() {
        return slot;
    }

    /** @throws BatchTooLargeException when the batch would cross a bound */
    public <K, V> void put(Table<K, V> table, OwnerKey owner, K key, V value) {
        checkSlot(owner);
        set(table.name(), table.key(owner, key), table.value(value));
    }

    /** Deletes a row; nothing happens when there is none. */
    public <K, V> void delete(Table<K, V> table, OwnerKey owner, K key) {
        checkSlot(owner);
        set(table.name(), table.key(owner, key), DELETED);
    }

    /** Deletes all rows of an owner. */
    public <K, V> void deleteAll(Table<K, V> table, OwnerKey owner) {
        deletePrefix(table, owner, out -> {});
    }

    /**
     * Deletes all rows of an owner whose key begins with these parts. Meant for what is rare, such as the removal of an
     * account: on disk it leaves a mark over the whole range that later reads have to pass.
     */
    public <K, V> void deletePrefix(Table<K, V> table, OwnerKey owner, Consumer<KeyWriter> prefix) {
        checkSlot(owner);
        KeyWriter out = new KeyWriter();
        owner.write(out);
        prefix.accept(out);
        byte[] from = out.toBytes();
        Overlay overlay = overlay(table.name());
        NavigableMap<byte[], byte[]> covered = overlay.rows.subMap(from, true, Range.afterPrefix(from), false);
        rows += 1 - covered.size();
        bytes += from.length;
        covered.forEach((key, value) -> bytes -= key.length + value.length);
        covered.clear();
        overlay.prefixes.add(from);
        Batch.checkBounds(rows, bytes);
    }

    /** How many writes there are. */
    public int rows() {
        return rows;
    }

    /** Keys and values together. */
    public long bytes() {
        return bytes;
    }

    public boolean isEmpty() {
        return rows == 0;
    }

    /** What has been written until now: tables in order of first use; in each the prefixes, then rows in key order. */
    public Batch toBatch() {
        List<Batch.Write> writes = new ArrayList<>(rows);
        overlays.forEach((table, overlay) -> {
            overlay.prefixes.forEach(prefix -> writes.add(Batch.Write.deletePrefix(table, prefix)));
            overlay.rows.forEach((key, value) ->
                    writes.add(value == DELETED ? Batch.Write.delete(table, key) : Batch.Write.put(table, key, value)));
        });
        return new Batch(slot, writes);
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        Overlay overlay = overlays.get(table);
        if (overlay != null) {
            byte[] value = overlay.rows.get(key);
            if (value != null) {
                return value == DELETED ? null : value;
            }
            if (covered(overlay.prefixes, key)) {
                return null;
            }
        }
        return base.find(table, key);
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        Overlay overlay = overlays.get(table);
        if (overlay == null || Arrays.compareUnsigned(from, to) >= 0) {
            return base.cursor(table, from, to, direction);
        }
        NavigableMap<byte[], byte[]> own = new TreeMap<>(overlay.rows.subMap(from, true, to, false));
        return new Merged(
                base.cursor(table, from, to, direction),
                (direction == Direction.FORWARD ? own : own.descendingMap())
                        .entrySet()
                        .iterator(),
                List.copyOf(overlay.prefixes),
                direction == Direction.FORWARD ? 1 : -1);
    }

    private void checkSlot(OwnerKey owner) {
        if (owner.slot() != slot) {
            throw new IllegalArgumentException("a write to slot " + owner.slot() + " in the changes of slot " + slot);
        }
    }

    private void set(String table, byte[] key, byte[] value) {
        byte[] before = overlay(table).rows.put(key, value);
        if (before == null) {
            rows++;
            bytes += key.length + value.length;
        } else {
            bytes += value.length - before.length;
        }
        Batch.checkBounds(rows, bytes);
    }

    private Overlay overlay(String table) {
        return overlays.computeIfAbsent(table, name -> new Overlay());
    }

    private static boolean covered(List<byte[]> prefixes, byte[] key) {
        for (byte[] prefix : prefixes) {
            if (key.length >= prefix.length && Arrays.equals(prefix, 0, prefix.length, key, 0, prefix.length)) {
                return true;
            }
        }
        return false;
    }

    /** One table's changes: the prefixes come first, rows put since lie over them. */
    private static final class Overlay {
        final NavigableMap<byte[], byte[]> rows = new TreeMap<>(Arrays::compareUnsigned);
        final List<byte[]> prefixes = new ArrayList<>(0);
    }

    /** Own rows and those below, in order; an own row hides the one below it. */
    private static final class Merged implements Cursor {
        private final Cursor below;
        private final Iterator<Map.Entry<byte[], byte[]>> own;
        private final List<byte[]> prefixes;
        private final int sign;
        private boolean belowReady;
        private Map.@Nullable Entry<byte[], byte[]> nextOwn;
        private byte[] key = DELETED;
        private byte[] value = DELETED;

        Merged(Cursor below, Iterator<Map.Entry<byte[], byte[]>> own, List<byte[]> prefixes, int sign) {
            this.below = below;
            this.own = own;
            this.prefixes = prefixes;
            this.sign = sign;
            advanceBelow();
            advanceOwn();
        }

        @Override
        public boolean next() {
            while (belowReady || nextOwn != null) {
                Map.Entry<byte[], byte[]> mine = nextOwn;
                int order =
                        mine == null ? -1 : !belowReady ? 1 : sign * Arrays.compareUnsigned(below.key(), mine.getKey());
                if (mine == null || order < 0) {
                    key = below.key();
                    value = below.value();
                    advanceBelow();
                    return true;
                }
                key = mine.getKey();
                value = mine.getValue();
                advanceOwn();
                if (order == 0) {
                    advanceBelow();
                }
                if (value != DELETED) {
                    return true;
                }
            }
            return false;
        }

        private void advanceOwn() {
            nextOwn = own.hasNext() ? own.next() : null;
        }

        private void advanceBelow() {
            do {
                belowReady = below.next();
            } while (belowReady && covered(prefixes, below.key()));
        }

        @Override
        public byte[] key() {
            return key;
        }

        @Override
        public byte[] value() {
            return value;
        }

        @Override
        public void close() {
            below.close();
        }
    }
}
