// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.inbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import java.util.List;

/**
 * All that is to be shown of one peer: a chat of the inbox has an address, and encrypted or not is no other chat.
 *
 * @param place when it last got something to show, by the account's clock; 0 if there is nothing
 * @param lastMessage the newest entry that may stand for it; 0 without
 */
record InboxEntry(BareJid peer, long place, long unread, long lastMessage) {
    /**
     * @param conversations with the peer, of all types
     * @param unreadOnly whether it stands where the newest of them does that has something unread
     */
    static InboxEntry of(BareJid peer, List<Row<ConversationKey, ConversationHead>> conversations, boolean unreadOnly) {
        long place = 0;
        long unread = 0;
        long last = 0;
        for (Row<ConversationKey, ConversationHead> row : conversations) {
            ConversationHead head = row.value();
            if (head.isLive()) {
                place = unreadOnly && !head.isUnread() ? place : Math.max(place, head.orderStamp());
                unread += head.unread();
                last = Math.max(last, head.lastMessage());
            }
        }
        return new InboxEntry(peer, place, unread, last);
    }
}
