// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a {@link ValueWriter} wrote, part by part. Every method throws {@link CorruptionException} for what no
 * writer makes, and reserves no more memory than the value is long. Not for sharing between threads.
 */
public final class ValueReader {
    private final byte[] bytes;
    private int at;

    public ValueReader(byte[] value) {
        bytes = value;
        u8();
    }

    /** Of the value's format. */
    public int version() {
        return bytes[0] & 0xFF;
    }

    public int u8() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    public boolean bool() {
        int value = u8();
        if (value > 1) {
            throw new CorruptionException("a value with " + value + " for a truth");
        }
        return value == 1;
    }

    public long varint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int part = u8();
            value |= (long) (part & 0x7F) << shift;
            if (part < 0x80) {
                return value;
            }
        }
        throw new CorruptionException("a value with a number without end");
    }

    /** A {@link #varint} that is an {@code int} and not negative: a count, a size, an ordinal. */
    public int size() {
        long value = varint();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new CorruptionException("a value with a size of " + value);
        }
        return (int) value;
    }

    public long fixed64() {
        need(8);
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | bytes[at++] & 0xFF;
        }
        return value;
    }

    public byte[] bytes() {
        int count = size();
        need(count);
        at += count;
        return Arrays.copyOfRange(bytes, at - count, at);
    }

    public String text() {
        int count = size();
        need(count);
        at += count;
        return new String(bytes, at - count, count, StandardCharsets.UTF_8);
    }

    public <T> @Nullable T nullable(Function<ValueReader, T> read) {
        return bool() ? read.apply(this) : null;
    }

    public @Nullable String nullableText() {
        return nullable(ValueReader::text);
    }

    /** Each element takes at least a byte, so that a damaged count ends early. */
    public <T> List<T> list(Function<ValueReader, T> read) {
        int count = size();
        need(count);
        List<T> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            values.add(read.apply(this));
        }
        return values;
    }

    /** Nothing may be left. */
    void end() {
        if (at != bytes.length) {
            throw new CorruptionException("a value with " + (bytes.length - at) + " bytes too many");
        }
    }

    private void need(int count) {
        if (bytes.length - at < count) {
            throw new CorruptionException("a value that ends too early");
        }
    }
}
