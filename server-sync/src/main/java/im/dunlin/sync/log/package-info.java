// SPDX-License-Identifier: Apache-2.0
/**
 * The conversation log: what an account keeps of its messages, and the state of each conversation.
 *
 * <p>{@link im.dunlin.sync.log.ConversationLog} is the only writer. Archive, deltas, unread counts and calls are views: they
 * read its tables and never keep a copy. Everything runs in turns of the account, but for reads on a snapshot.
 */
@NullMarked
package im.dunlin.sync.log;

import org.jspecify.annotations.NullMarked;
