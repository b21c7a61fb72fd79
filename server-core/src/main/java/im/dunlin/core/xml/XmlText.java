// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

/** Which bytes are text and which text is a name, by XML 1.0 and Namespaces in XML 1.0. */
public final class XmlText {
    private XmlText() {}

    /**
     * Checks that bytes are strict UTF-8 of characters XML allows: no overlong forms, surrogates, code points
     * above U+10FFFF, U+FFFE, U+FFFF, or control characters other than tab, line feed and carriage return.
     *
     * @return where the last complete character ends: {@code to}, or up to 3 bytes before it where a character
     *     is cut that may still become right; or, of bytes that cannot be right whatever follows, the
     *     complement ({@code ~}) of where the wrong character begins
     */
    public static int check(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to) {
            int b = bytes[i];
            if (b >= 0) {
                if (b < ' ' && b != '\t' && b != '\n' && b != '\r') {
                    return ~i;
                }
                i++;
                continue;
            }
            int length = sequence(bytes, i, to);
            if (length < 0) {
                return ~i;
            }
            if (i + length > to) {
                return i;
            }
            i += length;
        }
        return to;
    }

    /** The length that the lead byte announces; -1 if what is there of the sequence is wrong. */
    private static int sequence(byte[] bytes, int at, int to) {
        int lead = bytes[at] & 0xFF;
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        if (at + 1 < to) {
            int second = bytes[at + 1] & 0xFF;
            int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
            int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
            if (second < low || second > high) {
                return -1;
            }
        }
        for (int i = at + 2; i < to && i < at + length; i++) {
            if ((bytes[i] & 0xC0) != 0x80) {
                return -1;
            }
        }
        boolean nonCharacter =
                lead == 0xEF && at + 2 < to && (bytes[at + 1] & 0xFF) == 0xBF && (bytes[at + 2] & 0xFF) >= 0xBE;
        return nonCharacter ? -1 : length;
    }

    /** A name without colon (NCName). */
    public static boolean isName(String text) {
        int plain = 0;
        while (plain < text.length() && isPlain(text.charAt(plain))) {
            plain++;
        }
        if (plain > 0 && plain == text.length()) {
            return true;
        }
        if (text.isEmpty() || !isNameStart(text.codePointAt(0))) {
            return false;
        }
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (!isNameStart(c) && !isNameRest(c)) {
                return false;
            }
        }
        return true;
    }

    /** Letters, which may stand anywhere: nearly every name has no other characters. */
    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private static boolean isNameStart(int c) {
        if (c < 0x80) {
            return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_';
        }
        return c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7
                || c >= 0x370 && c <= 0x1FFF && c != 0x37E
                || c >= 0x200C && c <= 0x200D
                || c >= 0x2070 && c <= 0x218F
                || c >= 0x2C00 && c <= 0x2FEF
                || c >= 0x3001 && c <= 0xD7FF
                || c >= 0xF900 && c <= 0xFDCF
                || c >= 0xFDF0 && c <= 0xFFFD
                || c >= 0x10000 && c <= 0xEFFFF;
    }

    private static boolean isNameRest(int c) {
        return c == '-'
                || c == '.'
                || c >= '0' && c <= '9'
                || c == 0xB7
                || c >= 0x300 && c <= 0x36F
                || c >= 0x203F && c <= 0x2040;
    }
}
