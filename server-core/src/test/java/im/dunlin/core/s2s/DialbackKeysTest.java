// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class DialbackKeysTest {
    private final DialbackKeys keys = new DialbackKeys("s3cr3tf0rd14lb4ck".getBytes(StandardCharsets.US_ASCII));

    @Test
    void keyIsThatOfTheExample() {
        assertThat(keys.key("xmpp.example.com", "example.org", "D60000229F"))
                .as("XEP-0185, example 1")
                .isEqualTo("37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643");
    }

    @Test
    void spaceAroundAKeyDoesNotCount() {
        String key = keys.key("b.example", "a.example", "id");

        assertThat(keys.isOurs("\n " + key + " ", "b.example", "a.example", "id"))
                .isTrue();
    }

    /** A key holds for its two domains and its stream, in their order, and for nothing that is like them. */
    @RepeatedTest(200)
    void keyHoldsForItsOwnThreeOnly(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        String receiving = domain(random);
        String originating = domain(random);
        String id = Long.toHexString(random.nextLong());
        String key = keys.key(receiving, originating, id);

        assertThat(keys.isOurs(key, receiving, originating, id)).isTrue();
        for (List<String> other : List.of(
                List.of("x." + receiving, originating, id),
                List.of(receiving, "x." + originating, id),
                List.of(receiving + "x", originating, id),
                List.of(receiving, originating, id + "0"),
                List.of(receiving, originating, id.substring(1)))) {
            assertThat(keys.isOurs(key, other.get(0), other.get(1), other.get(2)))
                    .as(other.toString())
                    .isFalse();
        }
        if (!receiving.equals(originating)) {
            assertThat(keys.isOurs(key, originating, receiving, id)).isFalse();
        }
        char[] wrong = key.toCharArray();
        int at = random.nextInt(wrong.length);
        wrong[at] = wrong[at] == '0' ? '1' : '0';
        assertThat(keys.isOurs(new String(wrong), receiving, originating, id)).isFalse();
        assertThat(keys.isOurs(key.substring(1), receiving, originating, id)).isFalse();
    }

    @Test
    void anotherSecretMakesOtherKeys() {
        DialbackKeys others = new DialbackKeys(new byte[32]);

        assertThat(others.isOurs(keys.key("b.example", "a.example", "id"), "b.example", "a.example", "id"))
                .isFalse();
    }

    private static String domain(Random random) {
        StringBuilder domain = new StringBuilder();
        for (int labels = 1 + random.nextInt(3); labels > 0; labels--) {
            for (int letters = 1 + random.nextInt(5); letters > 0; letters--) {
                domain.append((char) ('a' + random.nextInt(26)));
            }
            domain.append('.');
        }
        return domain + "example";
    }
}
