// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which of an owner's rows a scan gives: all that begin with a prefix, from one bound to the other. Bounds are whole
 * keys, or the first parts of keys:
 *
 * <pre>{@code
 * Range.<LogKey>all().below(key)                          // older than this entry
 * Range.<LogKey>prefix(k -> k.text(peer)).above(key)      // newer, with this peer
 * Range.<ChangeKey>all().abovePrefix(k -> k.u64(stamp))   // every key whose first part is greater than the stamp
 * }</pre>
 *
 * Immutable. The bytes of {@code Range} are made anew at each scan.
 */
public final class Range<K> {
    private static final Range<?> ALL = new Range<>(null, null, null);

    private final @Nullable Consumer<KeyWriter> prefix;
    private final @Nullable Bound<K> low;
    private final @Nullable Bound<K> high;

    private Range(@Nullable Consumer<KeyWriter> prefix, @Nullable Bound<K> low, @Nullable Bound<K> high) {
        this.prefix = prefix;
        this.low = low;
        this.high = high;
    }

    @SuppressWarnings("unchecked")
    public static <K> Range<K> all() {
        return (Range<K>) ALL;
    }

    /** The rows whose key, after the owner, begins with these parts. */
    public static <K> Range<K> prefix(Consumer<KeyWriter> prefix) {
        return new Range<>(prefix, null, null);
    }

    /** From this key on, with it. */
    public Range<K> from(K key) {
        return new Range<>(prefix, new Bound<>(key, null, false), high);
    }

    /** Behind this key. */
    public Range<K> above(K key) {
        return new Range<>(prefix, new Bound<>(key, null, true), high);
    }

    /** Up to this key, with it. */
    public Range<K> to(K key) {
        return new Range<>(prefix, low, new Bound<>(key, null, true));
    }

    /** Before this key. */
    public Range<K> below(K key) {
        return new Range<>(prefix, low, new Bound<>(key, null, false));
    }

    /** From the first key that begins with these parts on. */
    public Range<K> fromPrefix(Consumer<KeyWriter> parts) {
        return new Range<>(prefix, new Bound<>(null, parts, false), high);
    }

    /** Behind the last key that begins with these parts. */
    public Range<K> abovePrefix(Consumer<KeyWriter> parts) {
        return new Range<>(prefix, new Bound<>(null, parts, true), high);
    }

    /** Up to the last key that begins with these parts. */
    public Range<K> toPrefix(Consumer<KeyWriter> parts) {
        return new Range<>(prefix, low, new Bound<>(null, parts, true));
    }

    /** Before the first key that begins with these parts. */
    public Range<K> belowPrefix(Consumer<KeyWriter> parts) {
        return new Range<>(prefix, low, new Bound<>(null, parts, false));
    }

    /** The first key of the range, as bytes. */
    byte[] from(OwnerKey owner, KeyCodec<K> codec) {
        byte[] start = start(owner);
        if (low == null) {
            return start;
        }
        byte[] bound = low.bytes(owner, codec);
        return Arrays.compareUnsigned(bound, start) > 0 ? bound : start;
    }

    /** Just behind the last key of the range, as bytes. */
    byte[] to(OwnerKey owner, KeyCodec<K> codec) {
        byte[] end = afterPrefix(start(owner));
        if (high == null) {
            return end;
        }
        byte[] bound = high.bytes(owner, codec);
        return Arrays.compareUnsigned(bound, end) < 0 ? bound : end;
    }

    private byte[] start(OwnerKey owner) {
        KeyWriter out = new KeyWriter();
        owner.write(out);
        if (prefix != null) {
            prefix.accept(out);
        }
        return out.toBytes();
    }

    /**
     * The least bytes greater than everything that begins with a prefix. Behind the greatest prefix of all, 0xFF only,
     * nothing follows; no key begins so, because slots end below.
     */
    static byte[] afterPrefix(byte[] prefix) {
        int end = prefix.length;
        while (end > 0 && prefix[end - 1] == (byte) 0xFF) {
            end--;
        }
        if (end == 0) {
            throw new IllegalArgumentException("nothing lies behind this prefix");
        }
        byte[] after = Arrays.copyOf(prefix, end);
        after[end - 1]++;
        return after;
    }

    /** One end of a range; exactly one of key and parts is there. */
    private record Bound<K>(@Nullable K key, @Nullable Consumer<KeyWriter> parts, boolean behind) {
        byte[] bytes(OwnerKey owner, KeyCodec<K> codec) {
            KeyWriter out = new KeyWriter();
            owner.write(out);
            if (parts != null) {
                parts.accept(out);
                return behind ? afterPrefix(out.toBytes()) : out.toBytes();
            }
            if (key != null) {
                codec.write(key, out);
            }
            // A zero byte makes the least key that is greater, whatever else begins with this one.
            return behind ? out.u8(0).toBytes() : out.toBytes();
        }
    }
}
