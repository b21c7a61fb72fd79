// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.component.Component;
import im.dunlin.core.component.Components;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.testing.TestServer.TestTime;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComponentAccessTest {
    private static final String SECRET = "a secret of some length";

    private final TestTime time = new TestTime();
    private final Component irc =
            Objects.requireNonNull(new Components(List.of("irc.localhost"), Set.of("localhost")).at("irc.localhost"));

    @TempDir
    Path directory;

    private ComponentAccess access;
    private InetAddress one;
    private InetAddress other;

    @BeforeEach
    void configure() throws Exception {
        Path file = Files.writeString(directory.resolve("irc.secret"), SECRET);
        access = new ComponentAccess(
                new ConfigLoader(Map.of())
                        .parse("components: { irc.localhost: { secretFile: \"" + file + "\" } }")
                        .components(),
                time);
        one = InetAddress.getByName("192.0.2.1");
        other = InetAddress.getByName("192.0.2.2");
    }

    private static String handshake(String secret) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-1").digest(("stream" + secret).getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash);
    }

    private boolean tries(InetAddress from, String secret) throws Exception {
        return access.knows(from, irc, "stream", handshake(secret));
    }

    @Test
    void firstHandshakeIsJudgedAtOnce() throws Exception {
        assertThat(access.delay(one, irc)).isZero();
        assertThat(tries(one, SECRET)).isTrue();
        assertThat(tries(one, "another secret")).isFalse();
    }

    @Test
    void whoeverGuessesWaitsLongerEachTimeAndNeverForGood() throws Exception {
        Duration before = Duration.ZERO;
        for (int i = 0; i < 4; i++) {
            tries(one, "guess " + i);
            assertThat(access.delay(one, irc)).isGreaterThan(before);
            before = access.delay(one, irc);
        }
        for (int i = 0; i < 1_000; i++) {
            tries(one, "guess " + i);
        }

        assertThat(access.delay(one, irc)).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void secretThatIsPutRightEndsTheWaiting() throws Exception {
        tries(one, "a mistake");

        assertThat(tries(one, SECRET)).isTrue();
        assertThat(access.delay(one, irc)).isZero();
    }

    @Test
    void guessesFromElsewhereDoNotKeepTheComponentWaiting() throws Exception {
        for (int i = 0; i < 10; i++) {
            tries(other, "guess " + i);
        }

        assertThat(access.delay(one, irc)).isZero();
    }

    @Test
    void waitingEndsWithTheWindow() throws Exception {
        tries(one, "a mistake");
        time.advance(Duration.ofMinutes(15));

        assertThat(access.delay(one, irc)).isZero();
    }
}
