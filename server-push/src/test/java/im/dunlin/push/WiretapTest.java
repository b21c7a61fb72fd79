// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/** The wiretap of all other tests hears what it should. */
class WiretapTest {
    private static void finds(String word) {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> Wiretap.check())
                .withMessageContaining(word);
    }

    @Test
    void nameInTheClearIsFound() {
        Wiretap.hears("{\"account\":\"juliet@localhost\"}");
        finds("juliet@localhost");
    }

    @Test
    void encodedNameIsFound() {
        Wiretap.hears("{\"e\":\""
                + Base64.getUrlEncoder().encodeToString("xromeo@localhost".getBytes(StandardCharsets.UTF_8)) + "\"}");
        finds("romeo@localhost");
    }

    @Test
    void textOfTheTestIsFound() {
        PushFixture.chat("juliet@localhost", "it is the east");
        Wiretap.hears("it is the east");
        finds("it is the east");
    }

    @Test
    void whatTheAccountAskedForIsAllowed() {
        Wiretap.allows("juliet@localhost");
        Wiretap.hears("juliet@localhost");
        Wiretap.check();
        assertThat(Wiretap.heard()).isEmpty();
    }
}
