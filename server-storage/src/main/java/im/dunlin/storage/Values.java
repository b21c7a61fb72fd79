// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Codecs of simple values, and the way to make one for a record. */
public final class Values {
    /** The row is there, and that is all it says. Always {@code true}. */
    public static final ValueCodec<Boolean> PRESENT = versioned(1, (out, value) -> {}, in -> Boolean.TRUE);

    /** A number, eight bytes big endian. */
    public static final ValueCodec<Long> LONG = versioned(1, (out, value) -> out.fixed64(value), ValueReader::fixed64);

    public static final ValueCodec<String> TEXT = versioned(1, (out, value) -> out.text(value), ValueReader::text);

    /** Bytes as they are, behind the version. */
    public static final ValueCodec<byte[]> BYTES = new ValueCodec<>() {
        @Override
        public byte[] write(byte[] value) {
            byte[] bytes = new byte[value.length + 1];
            bytes[0] = 1;
            System.arraycopy(value, 0, bytes, 1, value.length);
            return bytes;
        }

        @Override
        public byte[] read(byte[] value) {
            checkVersion(1, value);
            return Arrays.copyOfRange(value, 1, value.length);
        }
    };

    private Values() {}

    /**
     * A codec for a record.
     *
     * @param version of the format that is written, 1 to 255; greater ones are refused when read
     * @param write the parts, in order
     * @param read the same parts; {@link ValueReader#version} says which format the value has
     */
    public static <V> ValueCodec<V> versioned(
            int version, BiConsumer<ValueWriter, V> write, Function<ValueReader, V> read) {
        return new ValueCodec<>() {
            @Override
            public byte[] write(V value) {
                ValueWriter out = new ValueWriter(version);
                write.accept(out, value);
                return out.toBytes();
            }

            @Override
            public V read(byte[] value) {
                checkVersion(version, value);
                ValueReader in = new ValueReader(value);
                V result = read.apply(in);
                in.end();
                return result;
            }
        };
    }

    private static void checkVersion(int known, byte[] value) {
        int version = value.length == 0 ? 0 : value[0] & 0xFF;
        if (version == 0 || version > known) {
            throw new CorruptionException("a value of format " + version + " (known: 1 to " + known + ")");
        }
    }
}
