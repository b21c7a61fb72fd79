// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What both sides have acknowledged (XEP-0198). Belongs to the session's event loop; a resumed session takes it over. */
public final class Management {
    static final String NS = "urn:xmpp:sm:3";

    /** Stanzas after which the server is asked what it has. */
    private static final int ASK_AFTER = 5;

    private final Deque<String> unacknowledged = new ArrayDeque<>();
    private @Nullable String id;
    private long handled;
    private long acknowledged;
    private int unasked;

    /** The server's id of the session; null if it cannot be resumed. */
    @Nullable
    String id() {
        return id;
    }

    void enabled(@Nullable String given) {
        id = given;
    }

    long handled() {
        return handled;
    }

    void received() {
        handled++;
    }

    /** @return whether it is time to ask for an acknowledgement */
    boolean sent(String stanza) {
        unacknowledged.add(stanza);
        if (++unasked < ASK_AFTER) {
            return false;
        }
        unasked = 0;
        return true;
    }

    /** The server has handled this many. @return whether it can have */
    boolean acknowledge(long count) {
        if (count < acknowledged || count > acknowledged + unacknowledged.size()) {
            return false;
        }
        while (acknowledged < count) {
            unacknowledged.remove();
            acknowledged++;
        }
        return true;
    }

    /** What the server may not have. */
    List<String> unacknowledged() {
        return List.copyOf(unacknowledged);
    }
}
