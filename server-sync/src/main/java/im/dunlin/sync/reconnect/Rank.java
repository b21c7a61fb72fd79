// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;

/** What a person who takes the phone out of the pocket wants to see first. */
enum Rank {
    RINGS,
    MENTIONS,
    UNREAD,
    OTHER,
    DELETED;

    static Rank of(ConversationKey key, ConversationHead head, boolean rings) {
        if (head.status() == Status.DELETED) {
            return DELETED;
        }
        if (rings) {
            return RINGS;
        }
        if (head.unreadMention() != 0) {
            return MENTIONS;
        }
        boolean isPerson = key.type() != ConversationType.GROUP && key.type() != ConversationType.CHANNEL;
        return isPerson && head.unread() > 0 ? UNREAD : OTHER;
    }
}
