// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.auth.ScramHash;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Encrypts for a {@link WebPushKey} (RFC 8291). Each message has a key and a salt of its own. Any thread. */
final class WebPushSeal {
    /** What a body is longer than its padded record. */
    static final int OVERHEAD = Aes128Gcm.HEADER_BYTES + P256.POINT_BYTES + Aes128Gcm.TAG_BYTES;

    private static final byte[] INFO = "WebPush: info\0".getBytes(StandardCharsets.US_ASCII);

    private final SecureRandom random;

    WebPushSeal(SecureRandom random) {
        this.random = random;
    }

    /** @param padded how long the record is before it is encrypted; more than the content */
    byte[] seal(WebPushKey key, byte[] content, int padded) {
        byte[] salt = new byte[Aes128Gcm.SALT_BYTES];
        random.nextBytes(salt);
        return seal(key, P256.newPair(random), salt, content, padded);
    }

    static byte[] seal(WebPushKey key, P256.Pair own, byte[] salt, byte[] content, int padded) {
        byte[] agreed = ScramHash.SHA_256.hmac(key.secret(), own.agree(key.point()));
        byte[] info = new byte[INFO.length + 2 * P256.POINT_BYTES + 1];
        System.arraycopy(INFO, 0, info, 0, INFO.length);
        System.arraycopy(key.encoded(), 0, info, INFO.length, P256.POINT_BYTES);
        System.arraycopy(own.point(), 0, info, INFO.length + P256.POINT_BYTES, P256.POINT_BYTES);
        info[info.length - 1] = 1;
        return Aes128Gcm.seal(ScramHash.SHA_256.hmac(agreed, info), salt, own.point(), content, padded);
    }
}
