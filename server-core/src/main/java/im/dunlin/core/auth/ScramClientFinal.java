// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client-final-message (RFC 5802 section 7).
 *
 * @param channelBinding the value of c, still in base64
 * @param withoutProof what the proof is made over
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record ScramClientFinal(String channelBinding, String nonce, byte[] proof, String withoutProof) {

    /** Null if the octets are not such a message. */
    static @Nullable ScramClientFinal parse(byte[] octets) {
        List<String> parts = ScramAttributes.split(octets);
        if (parts == null || parts.size() < 3) {
            return null;
        }
        int last = parts.size() - 1;
        String channelBinding = ScramAttributes.value('c', parts.get(0));
        String nonce = ScramAttributes.value('r', parts.get(1));
        String proof = ScramAttributes.value('p', parts.get(last));
        byte[] decoded = proof == null ? null : StrictText.base64(proof);
        if (channelBinding == null
                || nonce == null
                || decoded == null
                || !ScramAttributes.areExtensions(parts.subList(2, last))) {
            return null;
        }
        return new ScramClientFinal(channelBinding, nonce, decoded, String.join(",", parts.subList(0, last)));
    }
}
