// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.Arrays;

/**
 * Builds a key. Numbers are unsigned and big endian, text is UTF-8 ended by a zero byte: both compare as bytes the way
 * they compare as values, also when more follows. Not for sharing between threads.
 */
public final class KeyWriter {
    private byte[] bytes = new byte[48];
    private int length;

    public KeyWriter u8(int value) {
        check(value, 0xFF);
        grow(1);
        bytes[length++] = (byte) value;
        return this;
    }

    public KeyWriter u16(int value) {
        check(value, 0xFFFF);
        grow(2);
        bytes[length++] = (byte) (value >> 8);
        bytes[length++] = (byte) value;
        return this;
    }

    public KeyWriter u32(long value) {
        check(value, 0xFFFF_FFFFL);
        grow(4);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >> shift);
        }
        return this;
    }

    /** Read as unsigned: a negative number sorts after all others. */
    public KeyWriter u64(long value) {
        grow(8);
        for (int shift = 56; shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (value >> shift);
        }
        return this;
    }

    /** The greatest first: the complement of {@link #u64}. */
    public KeyWriter descending(long value) {
        return u64(~value);
    }

    /**
     * Text, ordered by code point and ended by a zero byte.
     *
     * @throws IllegalArgumentException for U+0000, which would end the text early, and for lone surrogates, of which
     *     all would become one key
     */
    public KeyWriter text(String value) {
        int chars = value.length();
        grow(3 * chars + 1);
        byte[] out = bytes;
        int at = length;
        for (int i = 0; i < chars; i++) {
            int c = value.charAt(i);
            if (c < 0x80) {
                if (c == 0) {
                    throw new IllegalArgumentException("U+0000 in the text of a key");
                }
                out[at++] = (byte) c;
                continue;
            }
            if (c < 0x800) {
                out[at++] = (byte) (0xC0 | c >> 6);
            } else {
                if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                    c = value.codePointAt(i);
                    if (c < 0x10000) {
                        throw new IllegalArgumentException("lone surrogate in the text of a key");
                    }
                    i++;
                    out[at++] = (byte) (0xF0 | c >> 18);
                    out[at++] = (byte) (0x80 | c >> 12 & 0x3F);
                } else {
                    out[at++] = (byte) (0xE0 | c >> 12);
                }
                out[at++] = (byte) (0x80 | c >> 6 & 0x3F);
            }
            out[at++] = (byte) (0x80 | c & 0x3F);
        }
        out[at++] = 0;
        length = at;
        return this;
    }

    /** Bytes as they are: of a length that the reader knows, or the last part of the key. */
    public KeyWriter bytes(byte[] value) {
        grow(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
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

    private static void check(long value, long max) {
        if (value < 0 || value > max) {
            throw new IllegalArgumentException("number in a key: " + value + " (expected: 0 to " + max + ")");
        }
    }
}
