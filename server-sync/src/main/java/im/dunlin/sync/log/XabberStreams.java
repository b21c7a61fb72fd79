// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions speak Client Synchronization. They learn of edits and retractions as events and see each message once, as it
 * is now; all other sessions get the standard stanzas. A session is one of them from its first such request on, to its end.
 */
public final class XabberStreams {
    private static final SessionKey<Boolean> SPEAKS = new SessionKey<>("sync.speaks");

    private XabberStreams() {}

    static void declare(Setup setup) {
        setup.keptAttribute(SPEAKS, Values.PRESENT);
    }

    /** The session of this turn has sent a request of Client Synchronization or of Rewrite. */
    public static void noted(Turn turn) {
        noted(turn, turn.origin());
    }

    /** The session has shown that it speaks these. */
    public static void noted(Turn turn, @Nullable ClientSession session) {
        if (session != null && turn.get(session, SPEAKS) == null) {
            turn.set(session, SPEAKS, true);
        }
    }

    /** As it is outside of turns, for gates. On the account's lane. */
    public static boolean isOne(ClientSession session) {
        return session.attribute(SPEAKS) != null;
    }

    public static boolean isOne(Turn turn, ClientSession session) {
        return turn.get(session, SPEAKS) != null;
    }
}
