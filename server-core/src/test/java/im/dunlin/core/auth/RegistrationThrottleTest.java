// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.Registration;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RegistrationThrottleTest {
    private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final RegistrationThrottle throttle = new RegistrationThrottle();

    @Test
    void ofTwoAtTheSameTimeFromANetworkTheSecondIsRefused() {
        Registration limits = new Registration(true, Duration.ofMinutes(10), 20);
        assertThat(throttle.admit(ADDRESS, limits, NOW)).isTrue();
        assertThat(throttle.admit(ADDRESS, limits, NOW)).isTrue();
        assertThat(throttle.take(ADDRESS, limits)).isTrue();
        assertThat(throttle.take(ADDRESS, limits)).isFalse();
    }

    @Test
    void withoutAPauseANetworkMayMakeSeveralAtTheSameTime() {
        Registration limits = new Registration(true, Duration.ZERO, 2);
        assertThat(throttle.admit(ADDRESS, limits, NOW)).isTrue();
        assertThat(throttle.admit(ADDRESS, limits, NOW)).isTrue();
        assertThat(throttle.take(ADDRESS, limits)).isTrue();
        assertThat(throttle.take(ADDRESS, limits)).isTrue();
        assertThat(throttle.admit(ADDRESS, limits, NOW))
                .as("the hour's are made")
                .isFalse();
    }
}
