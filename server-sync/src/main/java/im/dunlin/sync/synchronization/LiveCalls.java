// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Message;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Knows which calls ring. Whoever keeps calls registers itself with {@link ConversationItems#show(LiveCalls)} while the
 * server is built, and changes the conversation with cause CALL when a call begins or ends.
 *
 * <p>The same answer is asked for in turns, for live pushes, and on snapshots, for queries; so it comes from tables alone.
 */
public interface LiveCalls {
    /** The newest offer of this peer that still rings, as it was sent, from the caller's full JID. On the account's lane. */
    @Nullable
    Message liveOffer(Turn turn, BareJid peer);

    /** As above, on a snapshot. Any thread. */
    @Nullable
    Message liveOffer(Reader reader, OwnerKey account, BareJid peer, Instant now);
}
