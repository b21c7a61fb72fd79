// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AuthThrottleTest {
    private static final BareJid ROMEO = BareJid.of("romeo@montague.example");
    private static final BareJid JULIET = BareJid.of("juliet@capulet.example");
    private static final InetAddress VERONA = address("192.0.2.1");
    private static final InetAddress MANTUA = address("192.0.2.2");

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final AuthThrottle throttle = new AuthThrottle(AuthThrottle.Limits.DEFAULT, () -> now);

    @Test
    void firstAttemptIsNotDelayed() {
        assertThat(throttle.admit(VERONA, ROMEO)).isEqualTo(Duration.ZERO);
        assertThat(throttle.size()).isZero();
    }

    @Test
    void delayDoublesUpToEightSeconds() {
        long[] expected = {500, 1000, 2000, 4000, 8000, 8000};
        for (long millis : expected) {
            throttle.failed(VERONA, ROMEO);

            assertThat(throttle.admit(VERONA, ROMEO)).isEqualTo(Duration.ofMillis(millis));
        }
        assertThat(throttle.admit(VERONA, JULIET)).isEqualTo(Duration.ZERO);
        assertThat(throttle.admit(MANTUA, ROMEO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void tenthFailureOnAnAccountShutsItToThatAddressOnly() {
        fail(VERONA, ROMEO, 10);

        assertThat(throttle.admit(VERONA, ROMEO)).isNull();
        assertThat(throttle.admit(VERONA, JULIET)).isEqualTo(Duration.ZERO);
        assertThat(throttle.admit(MANTUA, ROMEO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void fortiethFailureShutsTheAddress() {
        for (int i = 0; i < 40; i++) {
            throttle.failed(VERONA, BareJid.of("user" + i + "@montague.example"));
        }

        assertThat(throttle.admit(VERONA, JULIET)).isNull();
        assertThat(throttle.admit(MANTUA, JULIET)).isEqualTo(Duration.ZERO);
    }

    /** T10: a stranger must not be able to lock the owner out. */
    @Test
    void accountAttackedFromManyAddressesIsDelayedButNeverShut() {
        for (int i = 0; i < 200; i++) {
            throttle.failed(address("198.51.100." + i), ROMEO);
        }

        assertThat(throttle.admit(MANTUA, ROMEO)).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void windowEnds() {
        fail(VERONA, ROMEO, 10);

        now = now.plus(Duration.ofMinutes(15)).minusMillis(1);
        assertThat(throttle.admit(VERONA, ROMEO)).isNull();
        now = now.plusMillis(1);
        assertThat(throttle.admit(VERONA, ROMEO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void clockThatIsSetBackKeepsNobodyOut() {
        fail(VERONA, ROMEO, 10);
        now = now.minus(Duration.ofHours(1));

        assertThat(throttle.admit(VERONA, ROMEO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void successForgetsTheMisspellingsBeforeIt() {
        fail(VERONA, ROMEO, 9);
        throttle.succeeded(VERONA, ROMEO);

        assertThat(throttle.admit(VERONA, ROMEO)).isEqualTo(Duration.ZERO);
    }

    @Test
    void successDoesNotForgetFailuresOnOtherAccounts() {
        for (int i = 0; i < 40; i++) {
            throttle.failed(VERONA, BareJid.of("user" + i + "@montague.example"));
            throttle.succeeded(VERONA, ROMEO);
        }

        assertThat(throttle.admit(VERONA, ROMEO)).isNull();
    }

    @Test
    void addressesOfOneIpv6SubscriberAreOne() {
        fail(address("2001:db8:1:2::1"), ROMEO, 10);

        assertThat(throttle.admit(address("2001:db8:1:2:ffff::99"), ROMEO)).isNull();
        assertThat(throttle.admit(address("2001:db8:1:3::1"), ROMEO)).isEqualTo(Duration.ZERO);
    }

    /** R05. */
    @Test
    void memoryIsBounded() {
        AuthThrottle small =
                new AuthThrottle(new AuthThrottle.Limits(Duration.ofMinutes(15), 10, 40, 20, 100), () -> now);
        for (int i = 0; i < 10_000; i++) {
            small.failed(address("10.0." + i / 256 % 256 + "." + i % 256), BareJid.of("user" + i + "@example.org"));
            now = now.plusMillis(1);
        }

        assertThat(small.size()).isLessThanOrEqualTo(100);
    }

    @Test
    void countersWhoseWindowIsOverAreDropped() {
        for (int i = 0; i < 100; i++) {
            throttle.failed(address("198.51.100." + i), ROMEO);
        }
        now = now.plus(Duration.ofMinutes(15));
        throttle.failed(VERONA, JULIET);

        assertThat(throttle.size()).isEqualTo(3);
    }

    private void fail(InetAddress address, BareJid account, int times) {
        for (int i = 0; i < times; i++) {
            throttle.failed(address, account);
        }
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
