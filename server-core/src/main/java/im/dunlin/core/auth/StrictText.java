// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Decoders that accept one spelling of a value only: what passes here has no second meaning for anyone else. */
public final class StrictText {
    private StrictText() {}

    /**
     * Decodes base64 as RFC 4648 section 4 writes it: padded, nothing between the letters, unused bits zero.
     *
     * @return null if it is anything else
     */
    public static byte @Nullable [] base64(String text) {
        try {
            byte[] decoded = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(decoded).equals(text) ? decoded : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Decodes UTF-8; null if the octets are not well formed. */
    static @Nullable String utf8(byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
