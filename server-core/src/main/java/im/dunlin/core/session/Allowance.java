// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How much of something a session may still do at once: a token bucket, as a value for an attribute of the session.
 *
 * @param left times
 * @param at when that was so
 */
public record Allowance(double left, Instant at) {
    /**
     * Does it once more.
     *
     * @param before null for a session that has not done it yet
     * @param atOnce how often after a silence
     * @param perMinute how often in the long run
     * @return null if nothing is left
     */
    public static @Nullable Allowance spend(@Nullable Allowance before, int atOnce, int perMinute, Instant now) {
        double left = before == null ? atOnce : Math.min(atOnce, before.left + before.filledUntil(now, perMinute));
        return left < 1 ? null : new Allowance(left - 1, now);
    }

    /** Nothing is left. */
    public static Allowance none(Instant now) {
        return new Allowance(0, now);
    }

    /** A clock that was set back fills as well as time does, or a session might have to wait for long. */
    private double filledUntil(Instant now, int perMinute) {
        return Duration.between(at, now).abs().toMillis() * (perMinute / 60_000.0);
    }
}
