// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;

/** Names a conversation within its account. */
public record ConversationKey(BareJid peer, ConversationType type) {}
