// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.text.SpoofChecker;
import com.ibm.icu.util.ULocale;
import org.jspecify.annotations.Nullable;

/**
 * Comparison of nicknames (RFC 8266), and beyond it: two that look alike to people, such as one with a Cyrillic letter, are the
 * same (UTS 39 §4, threat S13).
 */
public final class Nickname {
    private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();

    /** RFC 8266 §2.3 repeats the rules until nothing changes, and gives up soon. */
    private static final int ROUNDS = 3;

    private static final SpoofChecker LOOKS =
            new SpoofChecker.Builder().setChecks(SpoofChecker.CONFUSABLE).build();

    private Nickname() {}

    /**
     * What is compared of a nickname, fit for nothing else: it depends on the version of Unicode and is never stored.
     *
     * @param nickname a prepared resourcepart
     * @return null if it is none: nothing but spaces
     */
    public static @Nullable String comparable(String nickname) {
        String text = nickname;
        for (int i = 0; i < ROUNDS; i++) {
            text = NFKC.normalize(UCharacter.toLowerCase(ULocale.ROOT, spaced(text)));
        }
        return text.isEmpty() ? null : LOOKS.getSkeleton(text);
    }

    /**
     * The other way round: letters that look alike as they are written, whatever they are in lower case, such as a Cyrillic capital
     * among Latin ones. Two nicknames are one to people if either way says so.
     */
    public static String look(String nickname) {
        return UCharacter.toLowerCase(ULocale.ROOT, LOOKS.getSkeleton(NFKC.normalize(spaced(nickname))));
    }

    /** Each run of spaces is one, and there is none at the ends. */
    private static String spaced(String text) {
        StringBuilder spaced = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (!UCharacter.isUWhiteSpace(c)) {
                spaced.appendCodePoint(c);
            } else if (spaced.length() > 0 && spaced.charAt(spaced.length() - 1) != ' ') {
                spaced.append(' ');
            }
        });
        return spaced.toString().stripTrailing();
    }
}
