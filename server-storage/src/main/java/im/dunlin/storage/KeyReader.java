// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads what a {@link KeyWriter} wrote, part by part. Every method throws {@link CorruptionException} when the key ends
 * too early. Not for sharing between threads.
 */
public final class KeyReader {
    private final byte[] bytes;
    private int at;

    public KeyReader(byte[] key) {
        bytes = key;
    }

    public int u8() {
        need(1);
        return bytes[at++] & 0xFF;
    }

    public int u16() {
        return (int) number(2);
    }

    public long u32() {
        return number(4);
    }

    public long u64() {
        return number(8);
    }

    public long descending() {
        return ~u64();
    }

    public String text() {
        int end = at;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        if (end == bytes.length) {
            throw new CorruptionException("a text without end in a key");
        }
        String text = new String(bytes, at, end - at, StandardCharsets.UTF_8);
        at = end + 1;
        return text;
    }

    /** As many bytes as the writer is known to have written. */
    public byte[] bytes(int count) {
        need(count);
        at += count;
        return Arrays.copyOfRange(bytes, at - count, at);
    }

    /** All that is left. */
    public byte[] rest() {
        return bytes(bytes.length - at);
    }

    /** Nothing may be left: a longer key than its codec knows is not this table's. */
    void end() {
        if (at != bytes.length) {
            throw new CorruptionException("a key with " + (bytes.length - at) + " bytes too many");
        }
    }

    private long number(int count) {
        need(count);
        long value = 0;
        for (int i = 0; i < count; i++) {
            value = value << 8 | bytes[at++] & 0xFF;
        }
        return value;
    }

    private void need(int count) {
        if (bytes.length - at < count) {
            throw new CorruptionException("a key that ends too early");
        }
    }
}
