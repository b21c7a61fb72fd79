// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.StanzaError;
import java.util.Objects;

/** Pages of a session that are being read, of whatever view: together they are bounded, and each by {@link PageBound}. */
public final class OpenPages {
    private static final SessionKey<Integer> READING = new SessionKey<>("archive.reading");

    private OpenPages() {}

    /** @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} if the session has too many */
    public static void begin(Turn turn, ClientSession session, AccountLimits limits) {
        int reading = Objects.requireNonNullElse(turn.get(session, READING), 0);
        if (reading >= limits.archiveQueries()) {
            throw StanzaError.resourceConstraint("too many queries at a time").toException();
        }
        turn.set(session, READING, reading + 1);
    }

    public static void end(Turn turn, ClientSession session) {
        int reading = Objects.requireNonNullElse(turn.get(session, READING), 1);
        turn.set(session, READING, reading - 1);
    }
}
