// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Stanza;
import java.util.List;

/** A session has ended for good. */
@FunctionalInterface
public interface SessionEnd {
    /** @param unacknowledged what the client never said it had, oldest first; empty without stream management */
    void apply(ClientSession session, List<Stanza> unacknowledged, Turn turn);
}
