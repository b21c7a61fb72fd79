// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.apps.webpush.WebPushHybridEncrypt;
import im.dunlin.storage.Seed;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random content, keys and padding against another implementation, in both directions. */
class WebPushSealProperties {
    private static final int RUNS = 300;

    private final long seed = Seed.next();
    private final Random random = new Random(seed);
    private final SecureRandom keys = new SecureRandom();
    private final WebPushSeal seal = new WebPushSeal(keys);

    @Test
    void othersOpenWhatIsSealed() throws GeneralSecurityException {
        for (int run = 0; run < RUNS; run++) {
            Phone phone = Phone.random(keys);
            byte[] content = content();
            int padded = content.length + 1 + random.nextInt(3994 - content.length);
            byte[] body = seal.seal(phone.key(), content, padded);
            assertThat(body).as("seed %d, run %d", seed, run).hasSize(padded + WebPushSeal.OVERHEAD);
            assertThat(phone.openByOthers(body))
                    .as("seed %d, run %d", seed, run)
                    .isEqualTo(content);
            assertThat(phone.open(body)).as("seed %d, run %d", seed, run).isEqualTo(content);
        }
    }

    @Test
    void phoneOpensWhatOthersSealed() throws GeneralSecurityException {
        for (int run = 0; run < RUNS; run++) {
            Phone phone = Phone.random(keys);
            byte[] content = content();
            byte[] body = new WebPushHybridEncrypt.Builder()
                    .withAuthSecret(phone.secret())
                    .withRecipientPublicKey(phone.publicKey())
                    .build()
                    .encrypt(content, null);
            assertThat(phone.open(body)).as("seed %d, run %d", seed, run).isEqualTo(content);
        }
    }

    @Test
    void saltAndKeyAreNeverTheSame() {
        Phone phone = Phone.random(keys);
        Set<String> seen = new HashSet<>();
        for (int run = 0; run < RUNS; run++) {
            byte[] body = seal.seal(phone.key(), new byte[] {1}, 2);
            assertThat(seen.add(Arrays.toString(Arrays.copyOf(body, 16)))).isTrue();
            assertThat(seen.add(Arrays.toString(Arrays.copyOfRange(body, 21, 86))))
                    .isTrue();
        }
    }

    /** Also such as ends like padding. */
    private byte[] content() {
        byte[] content = new byte[random.nextInt(3993)];
        random.nextBytes(content);
        if (content.length > 2 && random.nextBoolean()) {
            content[content.length - 2] = 2;
            content[content.length - 1] = 0;
        }
        return content;
    }
}
