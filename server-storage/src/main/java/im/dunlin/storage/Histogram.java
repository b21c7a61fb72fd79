// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts values in buckets that grow with the value, eight to each power of two, so that a quantile is right to an
 * eighth and the whole takes four kilobytes for ever. Any thread; readers see a moment that may never have been.
 */
public final class Histogram {
    private static final int STEPS = 8;

    private final AtomicLongArray buckets = new AtomicLongArray(STEPS * 62);
    private final AtomicLong max = new AtomicLong();

    public void add(long value) {
        long counted = Math.max(0, value);
        buckets.incrementAndGet(bucket(counted));
        max.accumulateAndGet(counted, Math::max);
    }

    public long count() {
        long count = 0;
        for (int i = 0; i < buckets.length(); i++) {
            count += buckets.get(i);
        }
        return count;
    }

    public long max() {
        return max.get();
    }

    /** A value that the given part (0 to 1) of all values does not exceed; 0 when there are none. */
    public long quantile(double part) {
        long left = (long) Math.ceil(part * count());
        for (int i = 0; i < buckets.length() && left > 0; i++) {
            left -= buckets.get(i);
            if (left <= 0) {
                return Math.min(top(i), max());
            }
        }
        return 0;
    }

    private static int bucket(long value) {
        if (value < STEPS) {
            return (int) value;
        }
        int power = 63 - Long.numberOfLeadingZeros(value);
        return (power - 2) * STEPS + (int) (value >> power - 3 & STEPS - 1);
    }

    /** The greatest value of a bucket. */
    private static long top(int bucket) {
        if (bucket < STEPS) {
            return bucket;
        }
        int power = bucket / STEPS + 2;
        return (1L << power) + ((long) (bucket % STEPS + 1) << power - 3) - 1;
    }
}
