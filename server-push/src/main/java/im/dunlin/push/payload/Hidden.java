// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.auth.ScramHash;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What is the same for the same, and tells whoever carries it nothing: a conversation, a call, a message. */
final class Hidden {
    /** As much as a topic of Web Push may have, and less. */
    private static final int CHARACTERS = 22;

    private Hidden() {}

    /** HMAC-SHA-256 under the registration's secret, 22 characters of base64url. */
    static String of(String text, Recipient recipient) {
        byte[] hash = ScramHash.SHA_256.hmac(recipient.secret(), text.getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash).substring(0, CHARACTERS);
    }
}
