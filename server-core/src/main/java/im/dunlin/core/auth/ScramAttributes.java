// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The common syntax of SCRAM messages: attributes of one letter, joined by commas (RFC 5802 section 5.1). */
final class ScramAttributes {
    /** A nonce comes back in two of our messages; clients use 16 to 40 characters. */
    private static final int MAX_NONCE = 256;

    /** Any letter but those with a meaning of their own. */
    private static final Pattern EXTENSION = Pattern.compile("[A-Za-z&&[^aceimnprsv]]=.+", Pattern.DOTALL);

    private ScramAttributes() {}

    /** The parts between the commas; null if the octets are not UTF-8 or contain the zero octet. */
    static @Nullable List<String> split(byte[] octets) {
        String text = StrictText.utf8(octets);
        return text == null || text.indexOf('\0') >= 0 ? null : List.of(text.split(",", -1));
    }

    /** The value of the attribute with this letter; null if the part is another one or has no value. */
    static @Nullable String value(char letter, String part) {
        return part.length() > 2 && part.charAt(0) == letter && part.charAt(1) == '=' ? part.substring(2) : null;
    }

    static boolean isNonce(String value) {
        return value.length() <= MAX_NONCE && value.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    static boolean areExtensions(List<String> parts) {
        return parts.stream().allMatch(part -> EXTENSION.matcher(part).matches());
    }
}
