// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class HashedTokenTest {
    private final HashedToken token = new HashedToken("secret-token", new byte[] {1, 2, 3});

    @Test
    void messageIsTheNameAndAProof() {
        byte[] message = Base64.getDecoder().decode(token.first("juliet"));
        assertThat(new String(message, 0, 7, StandardCharsets.UTF_8)).isEqualTo("juliet\0");
        assertThat(message).hasSize(7 + 32);
    }

    @Test
    void serverMustProveThatItKnowsTheTokenAndNotRepeatOurs() {
        byte[] message = Base64.getDecoder().decode(token.first("juliet"));
        assertThat(token.isGenuine(Arrays.copyOfRange(message, 7, message.length)))
                .isFalse();
        assertThat(token.isGenuine(new byte[32])).isFalse();
    }
}
