// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.xml.Element;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;

/** Writes some conversations of one account, as some rows have them, in the form in which clients get them. */
public interface ConversationWriter {
    /** {@code <conversation/>}, whole. Its last message is left out when it is not wanted, or when there is no room left. */
    Element write(ConversationKey key, ConversationHead head, boolean withLastMessage);
}
