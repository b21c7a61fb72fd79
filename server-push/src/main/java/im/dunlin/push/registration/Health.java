// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.core.lane.Micros;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a registration fares with its service. Nothing is deleted because of an answer: a service that is wrong for an hour must
 * not silence a phone until its owner logs in again.
 *
 * @param failures answers in a row that say it reaches nobody
 * @param failureDays days on which such answers came, of this row
 * @param waits answers in a row that ask to come later
 * @param last when the last answer of either kind came, in microseconds; 0 for never
 * @param disabled since when nothing is sent any more; 0 while it is
 * @param reason why not
 */
public record Health(
        int failures,
        int failureDays,
        int waits,
        long last,
        long disabled,
        @Nullable String reason) {
    public static final Health GOOD = new Health(0, 0, 0, 0, 0, null);

    private static final int MAX_FAILURES = 5;
    private static final int MAX_FAILURE_DAYS = 3;
    private static final Duration FIRST_WAIT = Duration.ofMinutes(1);
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    /** After this a registration that was disabled is tried once more. */
    private static final Duration TRIED_AGAIN = Duration.ofHours(24);

    /** After this one that is still disabled is deleted. */
    private static final Duration KEPT = Duration.ofDays(30);

    private static final long MICROS_OF_A_DAY = Duration.ofDays(1).toMillis() * 1_000;

    public boolean isDisabled() {
        return disabled != 0;
    }

    /** Whether it may be sent something now: not while it is disabled, but for one attempt a day. */
    public boolean isUsable(Instant now) {
        return !isDisabled()
                || Micros.toInstant(Math.max(last, disabled)).plus(TRIED_AGAIN).isBefore(now);
    }

    public boolean isForgotten(Instant now) {
        return isDisabled() && Micros.toInstant(disabled).plus(KEPT).isBefore(now);
    }

    /** The service says that it reaches nobody. */
    public Health failed(String why, Instant now) {
        long at = Micros.of(now);
        boolean newDay = failures == 0 || at / MICROS_OF_A_DAY != last / MICROS_OF_A_DAY;
        int days = failureDays + (newDay ? 1 : 0);
        boolean over = failures + 1 >= MAX_FAILURES || days >= MAX_FAILURE_DAYS;
        return new Health(failures + 1, days, 0, at, isDisabled() ? disabled : over ? at : 0, why);
    }

    /** The service takes nothing for it, and may yet: it is asked again later, and not for ever. */
    public Health doubted(String why, Instant now) {
        Health failed = failed(why, now);
        return new Health(failed.failures, failed.failureDays, waits + 1, failed.last, failed.disabled, why);
    }

    /** The service asks to come later, or says nothing. */
    public Health mustWait(String why, Instant now) {
        return new Health(failures, failureDays, waits + 1, Micros.of(now), disabled, why);
    }

    public Health disabled(String why, Instant now) {
        return new Health(failures, failureDays, waits, last, Micros.of(now), why);
    }

    /** How long to wait after the last of these answers: a minute, doubling to an hour. */
    public Duration patience() {
        int doublings = Math.max(0, Math.max(waits, failures) - 1);
        Duration wait = doublings > 10 ? LONGEST_WAIT : FIRST_WAIT.multipliedBy(1L << doublings);
        return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
    }
}
