// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;

/**
 * Clients that read the archive need no second copy of what waits for them (XEP-0160). Whoever shows the archive to a session
 * says so here; both methods run in a turn of its account. Found with {@code Setup.require}.
 */
public interface ArchiveReaders {
    /** The session has asked, and will see all that waits now. */
    void querying(Turn turn, ClientSession session);

    /** The session has been given what it asked for. */
    void queried(Turn turn, ClientSession session);
}
