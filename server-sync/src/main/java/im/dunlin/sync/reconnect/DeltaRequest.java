// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/**
 * What a client has, and how much it wants.
 *
 * @param since the stamp of the last answer that it kept; 0 for none
 * @param conversations in the answer at most
 * @param bytes of messages in the answer at most
 * @param each messages of one conversation at most
 * @param after where the page before ended; null for the first page
 */
record DeltaRequest(
        long since,
        int conversations,
        int bytes,
        int each,
        @Nullable DeltaCursor after) {
    static final int MOST_CONVERSATIONS = 250;
    static final int MOST_EACH = 100;

    private static final int USUAL_CONVERSATIONS = 50;
    private static final int USUAL_EACH = 20;

    /** A number with more digits is no stamp that any clock gives. */
    private static final int MAX_DIGITS = 18;

    /** @throws im.dunlin.core.stanza.StanzaException {@code bad-request}, or {@code item-not-found} for a cursor that is none */
    static DeltaRequest parse(Element request) {
        String after = request.attr("after");
        DeltaCursor cursor = after == null ? null : DeltaCursor.parse(after);
        if (after != null && cursor == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return new DeltaRequest(
                number(request, "stamp", 0, 0, Long.MAX_VALUE),
                (int) number(request, "conversations", USUAL_CONVERSATIONS, 1, MOST_CONVERSATIONS),
                (int) number(request, "bytes", 0, 0, Integer.MAX_VALUE),
                (int) number(request, "each", USUAL_EACH, 1, MOST_EACH),
                cursor);
    }

    /** @return what was asked for, or the most there is */
    static long number(Element of, String name, long absent, long least, long most) {
        String text = of.attr(name);
        if (text == null) {
            return absent;
        }
        boolean isNumber =
                !text.isEmpty() && text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        long value = isNumber ? Long.parseLong(text) : -1;
        if (value < least) {
            throw StanzaError.badRequest(name + " is a number of at least " + least)
                    .toException();
        }
        return Math.min(value, most);
    }

    DeltaRequest since(long stamp) {
        return new DeltaRequest(stamp, conversations, bytes, each, null);
    }
}
