// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client-first-message (RFC 5802 section 7).
 *
 * @param gs2Header up to and with its second comma
 * @param bindingFlag {@code n}, {@code y} or {@code p}
 * @param bindingType the channel-binding type named after {@code p=}; empty if there is none
 * @param authzid empty if absent
 * @param bare the message without the header
 * @param hasMandatoryExtension whether the client insists on an extension; we know none
 */
record ScramClientFirst(
        String gs2Header,
        char bindingFlag,
        String bindingType,
        String authzid,
        String bare,
        boolean hasMandatoryExtension,
        String username,
        String nonce) {

    /** Null if the octets are not such a message. */
    static @Nullable ScramClientFirst parse(byte[] octets) {
        List<String> parts = ScramAttributes.split(octets);
        if (parts == null || parts.size() < 4) {
            return null;
        }
        String flag = parts.get(0);
        String bindingType = flag.startsWith("p=") ? flag.substring(2) : "";
        if (bindingType.isEmpty() && !flag.equals("n") && !flag.equals("y")) {
            return null;
        }
        String authzid = parts.get(1).isEmpty() ? "" : name(ScramAttributes.value('a', parts.get(1)));
        boolean mandatory = parts.stream().skip(2).anyMatch(part -> part.startsWith("m="));
        int at = parts.get(2).startsWith("m=") ? 3 : 2;
        if (authzid == null || parts.size() < at + 2) {
            return null;
        }
        String username = name(ScramAttributes.value('n', parts.get(at)));
        String nonce = ScramAttributes.value('r', parts.get(at + 1));
        if (username == null
                || nonce == null
                || !ScramAttributes.isNonce(nonce)
                || (!mandatory && !ScramAttributes.areExtensions(parts.subList(at + 2, parts.size())))) {
            return null;
        }
        String header = flag + "," + parts.get(1) + ",";
        String bare = String.join(",", parts.subList(2, parts.size()));
        return new ScramClientFirst(header, flag.charAt(0), bindingType, authzid, bare, mandatory, username, nonce);
    }

    /** Undoes the escapes of a saslname; null if there are others than its two. */
    private static @Nullable String name(@Nullable String saslname) {
        if (saslname == null || saslname.replace("=2C", "").replace("=3D", "").indexOf('=') >= 0) {
            return null;
        }
        return saslname.replace("=2C", ",").replace("=3D", "=");
    }
}
