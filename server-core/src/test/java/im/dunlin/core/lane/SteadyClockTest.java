// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Check 50 of push: a clock that jumps ends nothing that lasts for seconds. */
class SteadyClockTest {
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicReference<Instant> wall = new AtomicReference<>(BEGIN);
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
    private final SteadyClock clock = new SteadyClock(wall::get, nanos::get);

    /** On both clocks, and somebody looks each second. */
    private void passes(Duration time) {
        for (long left = time.toSeconds(); left > 0; left--) {
            nanos.addAndGet(1_000_000_000);
            isSet(Duration.ofSeconds(1));
            assertThat(clock.instant()).isNotNull();
        }
    }

    private void isSet(Duration by) {
        wall.updateAndGet(now -> now.plus(by));
    }

    @Test
    void showsWhatTheMachineShows() {
        passes(Duration.ofHours(1));
        assertThat(clock.instant()).isEqualTo(BEGIN.plus(Duration.ofHours(1)));
    }

    @Test
    void followsAClockThatIsKeptRight() {
        for (int i = 0; i < 100; i++) {
            passes(Duration.ofSeconds(10));
            isSet(Duration.ofMillis(500));
            assertThat(clock.instant()).isEqualTo(wall.get());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT2H", "-PT2H", "PT5S", "PT8760H"})
    void jumpCountsTwoMinutesLater(String by) {
        passes(Duration.ofSeconds(10));
        isSet(Duration.parse(by));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(10));
        passes(Duration.ofSeconds(119));
        assertThat(clock.instant()).isEqualTo(BEGIN.plusSeconds(129));
        passes(Duration.ofSeconds(2));
        assertThat(clock.instant()).isEqualTo(wall.get());
        passes(Duration.ofSeconds(10));
        assertThat(clock.instant()).isEqualTo(wall.get());
    }

    @Test
    void jumpThatIsTakenBackNeverWas() {
        isSet(Duration.ofHours(2));
        passes(Duration.ofSeconds(60));
        isSet(Duration.ofHours(-2));
        passes(Duration.ofMinutes(10));
        assertThat(clock.instant()).isEqualTo(BEGIN.plus(Duration.ofSeconds(660)));
    }
}
