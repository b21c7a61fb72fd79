// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keys of dialback, which only we can make: {@code HMAC-SHA256(SHA256(secret), "receiving originating id")} (XEP-0185 §3). Any thread. */
final class DialbackKeys {
    private final SecretKeySpec key;

    /** @param secret the same for as long as the server's data lives */
    DialbackKeys(byte[] secret) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret);
            key = new SecretKeySpec(HexFormat.of().formatHex(hash).getBytes(StandardCharsets.US_ASCII), "HmacSHA256");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The key that the originating domain shows to the receiving one on the stream with this id. */
    String key(String receiving, String originating, String streamId) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            byte[] text = (receiving + ' ' + originating + ' ' + streamId).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(mac.doFinal(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA-256", e);
        }
    }

    /** Whether we made this key for exactly these. Takes as long for a wrong one as for a right one. */
    boolean isOurs(String shown, String receiving, String originating, String streamId) {
        return MessageDigest.isEqual(
                key(receiving, originating, streamId).getBytes(StandardCharsets.US_ASCII),
                shown.strip().getBytes(StandardCharsets.UTF_8));
    }
}
