// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts, deletes and delete-prefixes of one slot, in order, applied together or not at all. Everything in it is decided
 * before it is written, so that the same batches in the same order make the same bytes anywhere, and a batch that is
 * applied twice in a row makes the same as once (docs/adr/0002). Immutable; any thread.
 */
public final class Batch {
    /** More than any stanza's turn needs; longer work is cut into several turns. */
    public static final int MAX_WRITES = 20_000;

    /** Keys and values together: what a log that replicates batches takes as one entry. */
    public static final int MAX_BYTES = 8 << 20;

    private static final int FORMAT = 1;

    private final int slot;
    private final List<Write> writes;
    private final int bytes;

    /**
     * @param slot in which every key lies
     * @throws IllegalArgumentException for a key outside the slot
     * @throws BatchTooLargeException when a bound is crossed
     */
    public Batch(int slot, List<Write> writes) {
        this.slot = slot;
        this.writes = List.copyOf(writes);
        byte[] owner = OwnerKey.ofSlot(slot).toBytes();
        long bytes = 0;
        for (Write write : this.writes) {
            byte[] key = write.key;
            if (key.length < (write.kind == Kind.DELETE_PREFIX ? 2 : OwnerKey.BYTES)
                    || key[0] != owner[0]
                    || key[1] != owner[1]) {
                throw new IllegalArgumentException(write + ": a key outside of slot " + slot);
            }
            bytes += write.bytes();
        }
        checkBounds(writes.size(), bytes);
        this.bytes = (int) bytes;
    }

    static void checkBounds(int writes, long bytes) {
        if (writes > MAX_WRITES || bytes > MAX_BYTES) {
            throw new BatchTooLargeException("a batch of " + writes + " writes and " + bytes
                    + " bytes (expected: at most " + MAX_WRITES + " and " + MAX_BYTES + ")");
        }
    }

    public int slot() {
        return slot;
    }

    public List<Write> writes() {
        return writes;
    }

    /** Keys and values together. */
    public int bytes() {
        return bytes;
    }

    public boolean isEmpty() {
        return writes.isEmpty();
    }

    /** The batch as bytes: version, slot, names of the tables in order of first use, writes. */
    public byte[] encode() {
        Map<String, Integer> tables = new LinkedHashMap<>();
        for (Write write : writes) {
            tables.putIfAbsent(write.table, tables.size());
        }
        ValueWriter out = new ValueWriter(FORMAT).varint(slot).list(tables.keySet(), ValueWriter::text);
        return out.list(writes, (o, write) -> {
                    o.u8(write.kind.ordinal())
                            .varint(tables.getOrDefault(write.table, 0))
                            .bytes(write.key);
                    if (write.kind == Kind.PUT) {
                        o.bytes(write.value);
                    }
                })
                .toBytes();
    }

    /** @throws CorruptionException for bytes that {@link #encode} does not make */
    public static Batch decode(byte[] bytes) {
        ValueReader in = new ValueReader(bytes);
        if (in.version() != FORMAT) {
            throw new CorruptionException("a batch of format " + in.version() + " (known: " + FORMAT + ")");
        }
        int slot = in.size();
        List<String> tables = in.list(ValueReader::text);
        List<Write> writes = in.list(i -> Write.read(i, tables));
        in.end();
        try {
            return new Batch(slot, writes);
        } catch (IllegalArgumentException | BatchTooLargeException e) {
            throw new CorruptionException("a batch that nobody may write: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Batch that && slot == that.slot && writes.equals(that.writes);
    }

    @Override
    public int hashCode() {
        return 31 * slot + writes.hashCode();
    }

    /** What a write does. The ordinals are on disk. */
    public enum Kind {
        PUT,
        DELETE,
        /** Every key that begins so, whatever is there when the batch is applied. */
        DELETE_PREFIX
    }

    /** One write. Its arrays belong to it and are not changed. */
    public static final class Write {
        private static final byte[] NO_VALUE = {};

        private final Kind kind;
        private final String table;
        private final byte[] key;
        private final byte[] value;

        private Write(Kind kind, String table, byte[] key, byte[] value) {
            this.kind = kind;
            this.table = table;
            this.key = key;
            this.value = value;
        }

        public static Write put(String table, byte[] key, byte[] value) {
            return new Write(Kind.PUT, table, key, value);
        }

        public static Write delete(String table, byte[] key) {
            return new Write(Kind.DELETE, table, key, NO_VALUE);
        }

        public static Write deletePrefix(String table, byte[] prefix) {
            return new Write(Kind.DELETE_PREFIX, table, prefix, NO_VALUE);
        }

        public Kind kind() {
            return kind;
        }

        public String table() {
            return table;
        }

        /** The whole key, or for {@link Kind#DELETE_PREFIX} its beginning. */
        public byte[] key() {
            return key;
        }

        /** Empty but for a {@link Kind#PUT}. */
        public byte[] value() {
            return value;
        }

        /** Just behind the last key of a {@link Kind#DELETE_PREFIX}. */
        public byte[] prefixEnd() {
            return Range.afterPrefix(key);
        }

        int bytes() {
            return key.length + value.length;
        }

        private static Write read(ValueReader in, List<String> tables) {
            int kind = in.u8();
            int table = in.size();
            if (kind >= Kind.values().length || table >= tables.size()) {
                throw new CorruptionException("a batch with a write of kind " + kind + " on table " + table);
            }
            byte[] key = in.bytes();
            return new Write(
                    Kind.values()[kind], tables.get(table), key, kind == Kind.PUT.ordinal() ? in.bytes() : NO_VALUE);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Write that
                    && kind == that.kind
                    && table.equals(that.table)
                    && Arrays.equals(key, that.key)
                    && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return 31 * table.hashCode() + Arrays.hashCode(key);
        }

        @Override
        public String toString() {
            return kind + " " + table;
        }
    }
}
