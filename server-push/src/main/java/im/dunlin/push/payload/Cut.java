// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.text.BreakIterator;
import java.util.function.Predicate;

/** Shortens text for people without leaving half a character. */
final class Cut {
    static final String ELLIPSIS = "…";

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
        // A character of people has a bounded length, whatever the text has.
        int from = Math.max(0, index - 64);
        BreakIterator characters = BreakIterator.getCharacterInstance();
        characters.setText(text.substring(from, Math.min(text.length(), index + 64)));
        int here = index - from;
        int border = characters.isBoundary(here) ? here : characters.preceding(here);
        if (border > 0) {
            return from + border;
        }
        return index > 0
                        && Character.isLowSurrogate(text.charAt(index))
                        && Character.isHighSurrogate(text.charAt(index - 1))
                ? index - 1
                : index;
    }
}
