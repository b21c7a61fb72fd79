// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import java.time.Instant;
import java.util.List;

/** What other modules may have of synchronization, and add to it. Found with {@code Setup.require}. */
public interface SynchronizationView {
    String NAMESPACE = "https://xabber.com/protocol/synchronization";

    /** A part of a conversation, named by whose it is. */
    Name METADATA = Name.of(NAMESPACE, "metadata");

    /** The items of conversations show these calls. While the server is built. */
    void show(LiveCalls calls);

    /** The items of conversations with groups show these. While the server is built. */
    void show(GroupFacts groups);

    /** The stamp if it says what a client knows; else 0, and the client needs everything. */
    long known(Reader reader, OwnerKey account, BareJid jid, long stamp);

    /**
     * The conversations that changed after a stamp, newest first.
     *
     * @param since 0 for all that live
     * @param below only those with lower order stamps
     */
    List<Row<ConversationKey, ConversationHead>> newest(
            Reader reader, OwnerKey account, long since, long below, int max);

    /**
     * @param account the owner of the rows, and {@code jid} its address
     * @param maxBytes of last messages, all together
     */
    ConversationWriter writer(Reader reader, OwnerKey account, BareJid jid, Instant now, int maxBytes);
}
