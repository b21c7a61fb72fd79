// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Shortens text for people without leaving half a character. */
final class Cut {
    static final String ELLIPSIS = "…";

    /** Between what people see as characters, some of which are several code points. */
    private static final Pattern BORDER = Pattern.compile("\\b{g}");

    /** In chars; what is longer may be cut. */
    private static final int LONGEST_CHARACTER = 32;

    private Cut() {}

    /** At most so many code points. */
    static String toCodePoints(String text, int most) {
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, border(text, text.offsetByCodePoints(0, most)));
    }

    /**
     * As much of the text as fits, with an ellipsis behind it.
     *
     * @param longest how many chars can fit at the most
     * @param fits whether that text does; of a shorter one true as well
     * @return empty if nothing fits but the ellipsis, or not even that
     */
    static String toFit(String text, int longest, Predicate<String> fits) {
        int fitting = 0;
        int tooLong = Math.min(text.length(), longest) + 1;
        while (tooLong - fitting > 1) {
            int middle = (fitting + tooLong) >>> 1;
            if (fits.test(text.substring(0, border(text, middle)) + ELLIPSIS)) {
                fitting = middle;
            } else {
                tooLong = middle;
            }
        }
        int end = border(text, fitting);
        return end == 0 ? "" : text.substring(0, end) + ELLIPSIS;
    }

    /** The last border of characters as people see them that is not behind the index; of code points where there is none. */
    private static int border(String text, int index) {
        if (index >= text.length()) {
            return text.length();
        }
        int from = Math.max(0, index - LONGEST_CHARACTER);
        Matcher borders = BORDER.matcher(text).region(from, Math.min(text.length(), index + LONGEST_CHARACTER));
        int border = from;
        while (borders.find() && borders.start() <= index) {
            border = borders.start();
        }
        if (border > from) {
            return border;
        }
        return Character.isLowSurrogate(text.charAt(index)) ? Math.max(0, index - 1) : index;
    }
}
