// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a result a client wants (XEP-0059).
 *
 * @param max items at most; 0 asks for the count only
 * @param after the item before the page; null for none
 * @param before the item behind the page; empty asks for the last page, null for none
 */
public record PageRequest(
        int max, @Nullable String after, @Nullable String before) {
    public static final Name SET = Name.of(Ns.RSM, "set");
    public static final Name MAX = Name.of(Ns.RSM, "max");
    public static final Name AFTER = Name.of(Ns.RSM, "after");
    public static final Name BEFORE = Name.of(Ns.RSM, "before");
    public static final Name INDEX = Name.of(Ns.RSM, "index");
    public static final Name FIRST = Name.of(Ns.RSM, "first");
    public static final Name LAST = Name.of(Ns.RSM, "last");
    public static final Name COUNT = Name.of(Ns.RSM, "count");

    /** @param usual the size of a page when the client names none, or when there is no request at all */
    public static PageRequest parse(@Nullable Element set, int usual, int largest) {
        if (set == null) {
            return new PageRequest(usual, null, null);
        }
        if (set.has(INDEX)) {
            throw StanzaError.featureNotImplemented().toException();
        }
        String max = set.text(MAX);
        String after = set.text(AFTER);
        return new PageRequest(
                max == null ? usual : Math.min(largest, number(max.strip())),
                after == null || after.isEmpty() ? null : after,
                set.text(BEFORE));
    }

    private static int number(String text) {
        boolean isNumber = !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!isNumber) {
            throw StanzaError.badRequest("max must be a number").toException();
        }
        return text.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(text);
    }

    public boolean isBackward() {
        return before != null;
    }
}
