// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Builds a value: its format's version, then the parts. Not for sharing between threads. */
public final class ValueWriter {
    private byte[] bytes = new byte[64];
    private int length;

    /** @param version of the format, 1 to 255 */
    public ValueWriter(int version) {
        if (version < 1 || version > 255) {
            throw new IllegalArgumentException("format version: " + version + " (expected: 1 to 255)");
        }
        bytes[length++] = (byte) version;
    }

    public ValueWriter u8(int value) {
        if (value < 0 || value > 0xFF) {
            throw new IllegalArgumentException("byte in a value: " + value + " (expected: 0 to 255)");
        }
        grow(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public ValueWriter bool(boolean value) {
        return u8(value ? 1 : 0);
    }

    /** Seven bits a byte, the lowest first; short for small numbers, ten bytes for negative ones. */
    public ValueWriter varint(long value) {
        grow(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
        return this;
    }

    /** Eight bytes, big endian: for stamps and ids, which are never small. */
    public ValueWriter fixed64(long value) {
        grow(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >> shift);
        }
        return this;
    }

    public ValueWriter bytes(byte[] value) {
        varint(value.length);
        grow(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    public ValueWriter text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public <T> ValueWriter nullable(@Nullable T value, BiConsumer<ValueWriter, T> write) {
        bool(value != null);
        if (value != null) {
            write.accept(this, value);
        }
        return this;
    }

    public ValueWriter nullableText(@Nullable String value) {
        return nullable(value, ValueWriter::text);
    }

    /** The elements in the order of the collection. */
    public <T> ValueWriter list(Collection<T> values, BiConsumer<ValueWriter, T> write) {
        varint(values.size());
        for (T value : values) {
            write.accept(this, value);
        }
        return this;
    }

    public byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    private void grow(int by) {
        if (bytes.length - length < by) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + by));
        }
    }
}
