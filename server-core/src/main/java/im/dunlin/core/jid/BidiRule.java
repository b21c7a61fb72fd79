// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterDirection;

/** The Bidi Rule (RFC 5893 section 2), for text that has right-to-left characters at all. */
final class BidiRule {
    private BidiRule() {}

    static boolean allows(String text) {
        boolean rightToLeft = text.codePoints().map(UCharacter::getDirection).anyMatch(BidiRule::isRightToLeft);
        return !rightToLeft || follows(text);
    }

    private static boolean isRightToLeft(int direction) {
        return direction == UCharacterDirection.RIGHT_TO_LEFT
                || direction == UCharacterDirection.RIGHT_TO_LEFT_ARABIC
                || direction == UCharacterDirection.ARABIC_NUMBER;
    }

    /** Condition 1 with the rest of it: with right-to-left characters inside, only conditions 2 to 4 can hold. */
    private static boolean follows(String text) {
        int first = UCharacter.getDirection(text.codePointAt(0));
        if (first != UCharacterDirection.RIGHT_TO_LEFT && first != UCharacterDirection.RIGHT_TO_LEFT_ARABIC) {
            return false;
        }
        boolean european = false;
        boolean arabic = false;
        int last = first;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int direction = UCharacter.getDirection(text.codePointAt(i));
            switch (direction) {
                case UCharacterDirection.RIGHT_TO_LEFT, UCharacterDirection.RIGHT_TO_LEFT_ARABIC -> last = direction;
                case UCharacterDirection.EUROPEAN_NUMBER -> {
                    european = true;
                    last = direction;
                }
                case UCharacterDirection.ARABIC_NUMBER -> {
                    arabic = true;
                    last = direction;
                }
                case UCharacterDirection.EUROPEAN_NUMBER_SEPARATOR,
                        UCharacterDirection.COMMON_NUMBER_SEPARATOR,
                        UCharacterDirection.EUROPEAN_NUMBER_TERMINATOR,
                        UCharacterDirection.OTHER_NEUTRAL,
                        UCharacterDirection.BOUNDARY_NEUTRAL -> last = direction;
                case UCharacterDirection.DIR_NON_SPACING_MARK -> {
                    // Marks at the end do not count for the end.
                }
                default -> {
                    return false;
                }
            }
        }
        boolean endsWell = isRightToLeft(last) || last == UCharacterDirection.EUROPEAN_NUMBER;
        return endsWell && !(european && arabic);
    }
}
