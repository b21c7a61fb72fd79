// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.util.ULocale;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Preparation and comparison of text (PRECIS, RFC 8264) in the profiles that XMPP uses: localparts by
 * UsernameCaseMapped, resourceparts and passwords by OpaqueString (RFC 8265).
 *
 * <p>All Unicode data is ICU4J's, so that an upgrade of the running JDK never changes which names are
 * equal. Preparing prepared text changes nothing.
 */
public final class Precis {
    static final int MAX_PART_BYTES = 1023;

    /** RFC 7622 section 3.3.1: what would make an address ambiguous. */
    private static final String EXCLUDED_FROM_LOCALPART = "\"&'/:<>@";

    private static final Normalizer2 NFC = Normalizer2.getNFCInstance();
    private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();

    private Precis() {}

    /**
     * The version of Unicode that decides which names are equal.
     */
    public static String unicodeVersion() {
        return UCharacter.getUnicodeVersion().toString();
    }

    static String localpart(String text) throws JidException {
        if (isPlainLocalpart(text)) {
            return withinPart(text, "localpart");
        }
        if (text.length() > MAX_PART_BYTES) {
            throw new JidException("localpart is too long");
        }
        String prepared = usernameCaseMapped(text);
        if (prepared == null) {
            throw new JidException("localpart has characters that are not allowed");
        }
        for (int i = 0; i < prepared.length(); i++) {
            if (EXCLUDED_FROM_LOCALPART.indexOf(prepared.charAt(i)) >= 0) {
                throw new JidException("localpart has one of " + EXCLUDED_FROM_LOCALPART);
            }
        }
        return withinPart(prepared, "localpart");
    }

    static String resourcepart(String text) throws JidException {
        if (text.length() > MAX_PART_BYTES) {
            throw new JidException("resourcepart is too long");
        }
        String prepared = isPrintableAscii(text) ? text : opaqueString(text);
        if (prepared == null) {
            throw new JidException("resourcepart has characters that are not allowed");
        }
        return withinPart(prepared, "resourcepart");
    }

    static String withinPart(String part, String what) throws JidException {
        if (part.isEmpty()) {
            throw new JidException(what + " is empty");
        }
        if (part.length() > MAX_PART_BYTES / 3 && part.getBytes(StandardCharsets.UTF_8).length > MAX_PART_BYTES) {
            throw new JidException(what + " is longer than " + MAX_PART_BYTES + " bytes");
        }
        return part;
    }

    private static boolean isPlainLocalpart(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7F || c >= 'A' && c <= 'Z' || EXCLUDED_FROM_LOCALPART.indexOf(c) >= 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPrintableAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) >= 0x7F) {
                return false;
            }
        }
        return true;
    }

    /** RFC 8265 section 3.3; null if the text is not allowed. */
    static @Nullable String usernameCaseMapped(String text) {
        String prepared = NFC.normalize(UCharacter.toLowerCase(ULocale.ROOT, narrow(text)));
        return !prepared.isEmpty() && isIdentifier(prepared) && BidiRule.allows(prepared) ? prepared : null;
    }

    /**
     * RFC 8265 section 4.2, OpaqueString: what is compared of a password or a resourcepart.
     *
     * @return null if the text is empty or has characters that are not allowed
     */
    public static @Nullable String opaqueString(String text) {
        StringBuilder spaced = new StringBuilder(text.length());
        text.codePoints()
                .map(c -> UCharacter.getType(c) == UCharacter.SPACE_SEPARATOR ? ' ' : c)
                .forEach(spaced::appendCodePoint);
        String prepared = NFC.normalize(spaced);
        return !prepared.isEmpty() && isFreeform(prepared) ? prepared : null;
    }

    /** The width mapping rule: fullwidth and halfwidth forms become what they are forms of. */
    private static String narrow(String text) {
        StringBuilder mapped = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            int width = UCharacter.getIntPropertyValue(c, UProperty.EAST_ASIAN_WIDTH);
            String narrow = width == UCharacter.EastAsianWidth.FULLWIDTH || width == UCharacter.EastAsianWidth.HALFWIDTH
                    ? NFKC.getRawDecomposition(c)
                    : null;
            if (narrow == null) {
                mapped.appendCodePoint(c);
            } else {
                mapped.append(narrow);
            }
        });
        return mapped.toString();
    }

    private static boolean isIdentifier(String text) {
        return allows(text, false);
    }

    private static boolean isFreeform(String text) {
        return allows(text, true);
    }

    private static boolean allows(String text, boolean freeform) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            boolean allowed = switch (PrecisClass.of(text.codePointAt(i))) {
                case VALID -> true;
                case FREEFORM_ONLY -> freeform;
                case IN_CONTEXT -> PrecisContext.allows(text, i);
                case DISALLOWED -> false;
            };
            if (!allowed) {
                return false;
            }
        }
        return true;
    }
}
