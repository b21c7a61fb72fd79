// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * An open load: something is due at fixed times, whether or not the server keeps up. Latencies count from the due time, so a
 * server that stalls is charged for all that had to wait (no coordinated omission). How late this program itself was is
 * kept, because then it is the bottleneck.
 */
public final class Pace {
    private final double interval;
    private final long begin;
    private final long end;
    private final Histogram late = new Histogram(TimeUnit.MINUTES.toNanos(10), 2);
    private long count;

    public Pace(double perSecond, double seconds) {
        this(perSecond, seconds, System.nanoTime());
    }

    Pace(double perSecond, double seconds, long begin) {
        this.interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.begin = begin;
        this.end = begin + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
    }

    /** Waits until the next is due. @return its due time in {@link System#nanoTime}, or -1 when the time is over */
    public long awaitNext() {
        long due = begin + (long) (count * interval);
        if (due >= end) {
            return -1;
        }
        count++;
        long now = System.nanoTime();
        while (now < due) {
            LockSupport.parkNanos(due - now);
            now = System.nanoTime();
        }
        late.recordValue(Math.min(now - due, late.getHighestTrackableValue()));
        return due;
    }

    /** Microseconds behind the due time that 99 % of the sends did not exceed. */
    public double lateMicros() {
        return late.getValueAtPercentile(99) / 1e3;
    }
}
