// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import java.time.Instant;

/** What other modules may have of synchronization, and add to it. Found with {@code Setup.require}. */
public interface SynchronizationView {
    /** The items of conversations show these calls. While the server is built. */
    void show(LiveCalls calls);

    /**
     * The {@code <query/>} that answers a request without a cursor: what changed since a stamp, newest first.
     *
     * @param account the owner of the rows, and {@code jid} its address
     * @param since a stamp that the client has; 0 for everything. What this server cannot know is taken for 0
     * @param max conversations at most, up to 250
     * @param maxBytes of last messages; when they are spent, conversations come without
     */
    Element delta(Reader reader, OwnerKey account, BareJid jid, long since, int max, int maxBytes, Instant now);
}
