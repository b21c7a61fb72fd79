// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The machine's clock, but for jumps: when somebody sets it, that counts two minutes later, and until then time passes as it did. So
 * what lasts for seconds lasts as long as it should, such as a call that rings. Any thread.
 */
public final class SteadyClock implements InstantSource {
    /** What a clock may be off that is only kept right. */
    private static final Duration SLACK = Duration.ofSeconds(1);

    /** Longer than anything rings. */
    private static final Duration HELD = Duration.ofMinutes(2);

    /** How often the two clocks are compared anew. */
    private static final Duration ANCHORED = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(SteadyClock.class);

    /**
     * A moment on both clocks.
     *
     * @param jumped since when they do not agree, by the one that nobody sets
     */
    private record Anchor(
            Instant wall, long nanos, @Nullable Long jumped) {}

    private final InstantSource wall;
    private final LongSupplier ticks;

    /** Threads that look at once may set it one after the other; each finds the same. */
    private volatile Anchor anchor;

    /** @param ticks nanoseconds of a clock that nobody sets, such as {@link System#nanoTime} */
    public SteadyClock(InstantSource wall, LongSupplier ticks) {
        this.wall = wall;
        this.ticks = ticks;
        this.anchor = new Anchor(wall.instant(), ticks.getAsLong(), null);
    }

    /** Of this machine. */
    public static SteadyClock system() {
        return new SteadyClock(InstantSource.system(), System::nanoTime);
    }

    @Override
    public Instant instant() {
        Anchor last = anchor;
        long nanos = ticks.getAsLong();
        Instant shown = wall.instant();
        Instant expected = last.wall.plusNanos(nanos - last.nanos);
        Duration off = Duration.between(expected, shown);
        if (off.abs().compareTo(SLACK) <= 0) {
            if (last.jumped != null || nanos - last.nanos > ANCHORED.toNanos()) {
                anchor = new Anchor(shown, nanos, null);
            }
            return shown;
        }
        Long jumped = last.jumped;
        if (jumped == null) {
            anchor = new Anchor(last.wall, last.nanos, nanos);
            return expected;
        }
        if (nanos - jumped < HELD.toNanos()) {
            return expected;
        }
        anchor = new Anchor(shown, nanos, null);
        log.warn("The clock of this machine was set by {} s", off.toSeconds());
        return shown;
    }
}
