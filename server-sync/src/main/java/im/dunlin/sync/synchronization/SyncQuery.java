// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for.
 *
 * @param since the stamp it has; 0 for everything
 * @param isPaged whether it asked for a page, and so is told of pages
 * @param max conversations at most; 0 asks for the count only
 * @param after only conversations with smaller order stamps; {@link Long#MAX_VALUE} for all
 * @param before only conversations with greater order stamps, those next to it; 0 for all
 * @param isBackward whether the page is the one that ends where {@code before} says, or the last of all
 */
record SyncQuery(long since, boolean isPaged, int max, long after, long before, boolean isBackward) {
    /** A page that is not the last is full, since a client takes a short one for the end; so no less than any asks for. */
    static final int LARGEST_PAGE = 250;

    /** More digits are no stamp of any clock; they are from the future. */
    private static final int MAX_DIGITS = 18;

    /**
     * @throws im.dunlin.core.stanza.StanzaException {@code bad-request} for a stamp that is no number, {@code item-not-found}
     *     for such a cursor
     */
    static SyncQuery parse(Element query) {
        String stamp = query.attr("stamp");
        Long since = stamp == null || stamp.isEmpty() ? (Long) 0L : number(stamp);
        if (since == null) {
            throw StanzaError.badRequest("a stamp is a number").toException();
        }
        Element set = query.first(PageRequest.SET);
        PageRequest page = PageRequest.parse(set, LARGEST_PAGE, LARGEST_PAGE);
        String before = page.before();
        return new SyncQuery(
                since,
                set != null,
                page.max(),
                page.after() == null ? Long.MAX_VALUE : cursor(page.after()),
                before == null || before.isEmpty() ? 0 : cursor(before),
                page.isBackward());
    }

    /** Whether it asks for what comes next to something, and so does not begin. */
    boolean hasCursor() {
        return after != Long.MAX_VALUE || before != 0;
    }

    private static long cursor(String text) {
        Long cursor = number(text);
        if (cursor == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return cursor;
    }

    private static @Nullable Long number(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return null;
        }
        return text.length() > MAX_DIGITS ? Long.MAX_VALUE - 1 : Long.parseLong(text);
    }
}
