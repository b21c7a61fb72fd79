// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.stanza.Presence;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RemoteDomainTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Failure AWAY = Failure.unreachable("away");

    private static Departure sent(Duration ago, boolean recorded) {
        long at = NOW.minus(ago).getEpochSecond() * 1_000_000;
        return new Departure(
                Presence.unavailable(Jid.of("juliet@capulet.example"), Jid.of("romeo@montague.example")),
                at,
                0,
                recorded ? 1 : 0);
    }

    @Test
    void messageWaitsForTheNextStreamUntilItIsTooOld() {
        for (boolean useful : new boolean[] {false, true}) {
            assertThat(RemoteDomain.stays(sent(Duration.ofHours(23), true), AWAY, useful, DAY, NOW))
                    .isTrue();
            assertThat(RemoteDomain.stays(sent(Duration.ofHours(25), true), AWAY, useful, DAY, NOW))
                    .isFalse();
        }
        assertThat(RemoteDomain.stays(sent(Duration.ZERO, true), Failure.notFound("none"), false, DAY, NOW))
                .isFalse();
    }

    @Test
    void whatHasNoRowWaitsOnlyBehindAStreamThatCarriedSomething() {
        assertThat(RemoteDomain.stays(sent(Duration.ZERO, false), AWAY, true, DAY, NOW))
                .isTrue();
        assertThat(RemoteDomain.stays(sent(Duration.ZERO, false), AWAY, false, DAY, NOW))
                .isFalse();
    }

    @Test
    void waitsGetLongerUpToFiveMinutesAndAreNeverTheSame() {
        Random random = new Random(1);
        for (int failures = 1; failures < 100; failures++) {
            long longest = Math.min(300, 5L << Math.min(failures - 1, 10));
            long wait = RemoteDomain.backOff(failures, random.nextDouble());

            assertThat(wait)
                    .as("after %d failures", failures)
                    .isBetween(TimeUnit.SECONDS.toNanos(longest) / 2, TimeUnit.SECONDS.toNanos(longest));
        }
        assertThat(RemoteDomain.backOff(3, 0.1)).isNotEqualTo(RemoteDomain.backOff(3, 0.9));
    }
}
