// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows that were looked up by their whole key, and which keys had none, over a reader whose rows only the owner of this cache
 * changes: it says of each batch that it {@link #written wrote}. Small rows only, those used last. For one thread.
 */
public final class RowCache implements Reader {
    /** Larger values are read from below again. */
    static final int MAX_VALUE_BYTES = 1 << 10;

    /** Stands for no row; known by identity. */
    private static final byte[] ABSENT = {};

    private final Reader below;
    private final Map<Key, byte[]> rows;

    private record Key(String table, byte[] bytes) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && table.equals(that.table) && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * table.hashCode() + Arrays.hashCode(bytes);
        }
    }

    /** @param most rows that are kept */
    public RowCache(Reader below, int most) {
        this.below = below;
        rows = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, byte[]> eldest) {
                return size() > most;
            }
        };
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        Key row = new Key(table, key);
        byte[] known = rows.get(row);
        if (known != null) {
            return known == ABSENT ? null : known;
        }
        byte[] value = below.find(table, key);
        if (value == null || value.length <= MAX_VALUE_BYTES) {
            rows.put(row, value == null ? ABSENT : value);
        }
        return value;
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        return below.cursor(table, from, to, direction);
    }

    /** What was written below. A row that nobody has looked up is not kept for that. */
    public void written(Batch batch) {
        for (Batch.Write write : batch.writes()) {
            switch (write.kind()) {
                case PUT ->
                    rows.computeIfPresent(
                            new Key(write.table(), write.key()),
                            (key, old) -> write.value().length <= MAX_VALUE_BYTES ? write.value() : null);
                case DELETE -> rows.computeIfPresent(new Key(write.table(), write.key()), (key, old) -> ABSENT);
                // Rare, as an account that goes.
                case DELETE_PREFIX -> rows.clear();
            }
        }
    }
}
