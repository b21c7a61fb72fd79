// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.security.SecureRandom;
import java.util.Base64;

/** Encrypts for a {@link TigaseKey}: AES-128-GCM under the one key, with a nonce that is sent beside. Any thread. */
final class TigaseSeal {
    private final SecureRandom random;

    TigaseSeal(SecureRandom random) {
        this.random = random;
    }

    /** Both in base64. */
    record Sealed(String nonce, String ciphertext) {}

    Sealed seal(TigaseKey key, byte[] content) {
        byte[] nonce = new byte[Aes128Gcm.NONCE_BYTES];
        random.nextBytes(nonce);
        return seal(key, nonce, content);
    }

    static Sealed seal(TigaseKey key, byte[] nonce, byte[] content) {
        Base64.Encoder base64 = Base64.getEncoder();
        return new Sealed(
                base64.encodeToString(nonce), base64.encodeToString(Aes128Gcm.encrypt(key.key(), nonce, content)));
    }

    /** How many bytes of content become at most so many characters. */
    static int contentFitting(int characters) {
        return characters / 4 * 3 - Aes128Gcm.TAG_BYTES;
    }
}
