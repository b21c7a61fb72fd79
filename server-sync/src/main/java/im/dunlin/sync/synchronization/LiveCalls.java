// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Message;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Knows which calls ring. Whoever keeps calls registers itself with {@link SynchronizationView#show(LiveCalls)} while the
 * server is built, and changes the conversation with cause CALL when a call begins or ends.
 */
public interface LiveCalls {
    /**
     * The newest offer of this peer that still rings, as it was sent, from the caller's full JID; null without one. Asked on
     * snapshots ({@code Turn.read}, any thread) and in turns ({@code Turn.reader}), so it comes from tables alone.
     */
    @Nullable
    Message liveOffer(Reader reader, OwnerKey account, BareJid peer, Instant now);

    /** The peers whose calls ring. */
    Set<BareJid> ringing(Reader reader, OwnerKey account, Instant now);
}
