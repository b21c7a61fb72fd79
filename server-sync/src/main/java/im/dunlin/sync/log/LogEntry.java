// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import org.jspecify.annotations.Nullable;

/**
 * An archived message. Its id is the key of its row.
 *
 * @param conversation the number of its conversation
 * @param outbound whether the account sent it
 * @param tombstone whether it was retracted, and only its place is left
 * @param received microseconds since 1970 by the wall clock; the id when the clock never stepped back
 * @param changed the clock when it was last edited; 0 if never
 * @param foreignId the id that the peer's archive gave it, as far as the message said
 * @param originId the id that the sending client gave it (XEP-0359)
 * @param message as it was sent or received, without what the server added for the account
 */
public record LogEntry(
        long conversation,
        ConversationType type,
        boolean outbound,
        boolean tombstone,
        long received,
        long changed,
        @Nullable String foreignId,
        @Nullable String originId,
        Message message) {
    /** What a row costs beside its payload: keys, header, index rows. */
    private static final int OVERHEAD = 300;

    /** The other end; the account itself for a note to itself. */
    public BareJid peer(BareJid account) {
        Jid peer = outbound ? message.to() : message.from();
        return peer == null ? account : peer.bare();
    }

    public ConversationKey key(BareJid account) {
        return new ConversationKey(peer(account), type);
    }

    /** The stanza's own id attribute. */
    public @Nullable String stanzaId() {
        return message.id();
    }

    /** The change stamp that the conversation's digest counts it with. */
    long changedOr(long id) {
        return changed == 0 ? id : changed;
    }

    /** What it counts towards the quota. */
    public long bytes() {
        return OVERHEAD + message.payload().size();
    }
}
