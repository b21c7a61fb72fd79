// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Received;
import org.jspecify.annotations.Nullable;

/**
 * A message or presence that says in its text which one it is: flow, number in the flow, and the {@link System#nanoTime} at which it was
 * due.
 */
public record Tagged(int flow, int number, long due) {
    private static final String TEXT =
            "Art thou not Romeo, and a Montague? Neither, fair saint, if either thee dislike.";
    private static final String MARK = ">#";

    /** As a chat client would send it, with an id that is never used again. */
    public String stanza(String to) {
        String id = "m" + Long.toString(due, 36) + "." + flow + "." + number;
        return "<message type='chat' id='" + id + "' to='" + to + "'><body>" + this
                + "</body><origin-id xmlns='urn:xmpp:sid:0' id='" + id + "'/></message>";
    }

    /** The tag of a message, a copy or an archived one; null if it has none. */
    public static @Nullable Tagged of(Received stanza) {
        return after(stanza, 0);
    }

    /** As {@link #of(Received)}, but null as well for what an earlier run left: of before this {@link System#nanoTime}. */
    public static @Nullable Tagged since(long begin, Received stanza) {
        Tagged tag = of(stanza);
        return tag == null || tag.due < begin ? null : tag;
    }

    /** The first tag at or after this place. */
    public static @Nullable Tagged after(Received stanza, int from) {
        int at = stanza.find(MARK, from);
        if (at < 0) {
            return null;
        }
        String body = stanza.between(MARK, " ", at);
        if (body == null) {
            return null;
        }
        String[] parts = body.split("\\.");
        return parts.length < 3
                ? null
                : new Tagged(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Long.parseLong(parts[2]));
    }

    /** The text of a body or a status. */
    @Override
    public String toString() {
        return "#" + flow + "." + number + "." + due + ". " + TEXT;
    }
}
