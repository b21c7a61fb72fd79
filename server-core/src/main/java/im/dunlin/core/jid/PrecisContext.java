// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.lang.UScript;

/** Code points that are allowed only beside certain others (RFC 5892 appendix A). */
final class PrecisContext {
    private static final int VIRAMA = 9;

    private PrecisContext() {}

    static boolean allows(String text, int at) {
        int c = text.codePointAt(at);
        int before = at == 0 ? -1 : text.codePointBefore(at);
        int next = at + Character.charCount(c);
        int after = next < text.length() ? text.codePointAt(next) : -1;
        return switch (c) {
            case 0x200C -> isVirama(before) || joins(text, at, next);
            case 0x200D -> isVirama(before);
            case 0xB7 -> before == 'l' && after == 'l';
            case 0x375 -> after >= 0 && UScript.getScript(after) == UScript.GREEK;
            case 0x5F3, 0x5F4 -> before >= 0 && UScript.getScript(before) == UScript.HEBREW;
            case 0x30FB -> text.codePoints().anyMatch(PrecisContext::isJapanese);
            default ->
                c <= 0x669
                        ? text.codePoints().noneMatch(o -> o >= 0x6F0 && o <= 0x6F9)
                        : text.codePoints().noneMatch(o -> o >= 0x660 && o <= 0x669);
        };
    }

    private static boolean isVirama(int c) {
        return c >= 0 && UCharacter.getCombiningClass(c) == VIRAMA;
    }

    private static boolean isJapanese(int c) {
        int script = UScript.getScript(c);
        return script == UScript.HIRAGANA || script == UScript.KATAKANA || script == UScript.HAN;
    }

    /** The non-joiner between two letters that would join, transparent ones aside. */
    private static boolean joins(String text, int at, int next) {
        int before = at;
        int type = UCharacter.JoiningType.TRANSPARENT;
        while (before > 0 && type == UCharacter.JoiningType.TRANSPARENT) {
            int c = text.codePointBefore(before);
            type = joiningType(c);
            before -= Character.charCount(c);
        }
        if (type != UCharacter.JoiningType.LEFT_JOINING && type != UCharacter.JoiningType.DUAL_JOINING) {
            return false;
        }
        type = UCharacter.JoiningType.TRANSPARENT;
        int after = next;
        while (after < text.length() && type == UCharacter.JoiningType.TRANSPARENT) {
            int c = text.codePointAt(after);
            type = joiningType(c);
            after += Character.charCount(c);
        }
        return type == UCharacter.JoiningType.RIGHT_JOINING || type == UCharacter.JoiningType.DUAL_JOINING;
    }

    private static int joiningType(int c) {
        return UCharacter.getIntPropertyValue(c, UProperty.JOINING_TYPE);
    }
}
