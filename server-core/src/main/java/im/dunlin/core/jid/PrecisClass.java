// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UCharacterCategory;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.text.Normalizer2;

/** Which string class a code point belongs to, derived from its properties (RFC 8264 section 8). */
enum PrecisClass {
    /** In IdentifierClass and FreeformClass. */
    VALID,
    FREEFORM_ONLY,
    IN_CONTEXT,
    DISALLOWED;

    private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();

    static PrecisClass of(int c) {
        if (c >= 0x21 && c <= 0x7E) {
            return VALID;
        }
        PrecisClass exception = exception(c);
        if (exception != null) {
            return exception;
        }
        if (UCharacter.hasBinaryProperty(c, UProperty.JOIN_CONTROL)) {
            return IN_CONTEXT;
        }
        if (isOldHangulJamo(c)
                || UCharacter.hasBinaryProperty(c, UProperty.DEFAULT_IGNORABLE_CODE_POINT)
                || UCharacter.hasBinaryProperty(c, UProperty.NONCHARACTER_CODE_POINT)) {
            return DISALLOWED;
        }
        PrecisClass byCategory = switch (UCharacter.getType(c)) {
            case UCharacterCategory.LOWERCASE_LETTER,
                    UCharacterCategory.UPPERCASE_LETTER,
                    UCharacterCategory.OTHER_LETTER,
                    UCharacterCategory.MODIFIER_LETTER,
                    UCharacterCategory.DECIMAL_DIGIT_NUMBER,
                    UCharacterCategory.NON_SPACING_MARK,
                    UCharacterCategory.COMBINING_SPACING_MARK -> VALID;
            case UCharacterCategory.TITLECASE_LETTER,
                    UCharacterCategory.LETTER_NUMBER,
                    UCharacterCategory.OTHER_NUMBER,
                    UCharacterCategory.ENCLOSING_MARK,
                    UCharacterCategory.SPACE_SEPARATOR,
                    UCharacterCategory.MATH_SYMBOL,
                    UCharacterCategory.CURRENCY_SYMBOL,
                    UCharacterCategory.MODIFIER_SYMBOL,
                    UCharacterCategory.OTHER_SYMBOL,
                    UCharacterCategory.CONNECTOR_PUNCTUATION,
                    UCharacterCategory.DASH_PUNCTUATION,
                    UCharacterCategory.START_PUNCTUATION,
                    UCharacterCategory.END_PUNCTUATION,
                    UCharacterCategory.INITIAL_PUNCTUATION,
                    UCharacterCategory.FINAL_PUNCTUATION,
                    UCharacterCategory.OTHER_PUNCTUATION -> FREEFORM_ONLY;
            default -> DISALLOWED;
        };
        return byCategory == VALID && !NFKC.isNormalized(Character.toString(c)) ? FREEFORM_ONLY : byCategory;
    }

    /** RFC 8264 section 9.6. */
    private static @org.jspecify.annotations.Nullable PrecisClass exception(int c) {
        return switch (c) {
            case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007 -> VALID;
            case 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB -> IN_CONTEXT;
            case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B -> DISALLOWED;
            default -> c >= 0x660 && c <= 0x669 || c >= 0x6F0 && c <= 0x6F9 ? IN_CONTEXT : null;
        };
    }

    private static boolean isOldHangulJamo(int c) {
        int type = UCharacter.getIntPropertyValue(c, UProperty.HANGUL_SYLLABLE_TYPE);
        return type == UCharacter.HangulSyllableType.LEADING_JAMO
                || type == UCharacter.HangulSyllableType.VOWEL_JAMO
                || type == UCharacter.HangulSyllableType.TRAILING_JAMO;
    }
}
