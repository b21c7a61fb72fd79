// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.LogTables.UnreadSums;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Keeps the heads of conversations, and with them what views find them by and what they sum up. In a turn of the account. */
final class Heads {
    private final LogTables tables;

    Heads(LogTables tables) {
        this.tables = tables;
    }

    /** Keeps a head, and its one row in each index that shows it. */
    void keep(Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head) {
        turn.put(tables.conversations, key, head);
        tables.byOrder.move(turn, key, old, head);
        tables.byChange.move(turn, key, old, head);
        tables.unread.move(turn, key, old, head);
        int more = (head.isLive() ? 1 : 0) - (old != null && old.isLive() ? 1 : 0);
        if (more != 0) {
            count(turn, tables.count, more);
            if (isOnly(turn, key, ConversationHead::isLive)) {
                count(turn, tables.peers, more);
            }
        }
        sum(turn, key, old, head);
    }

    /** Whether no other conversation with the peer is like that. */
    private boolean isOnly(Turn turn, ConversationKey key, Predicate<ConversationHead> which) {
        return turn
                .scan(
                        tables.conversations,
                        Range.prefix(k -> k.text(key.peer().toString())),
                        Direction.FORWARD,
                        ConversationType.values().length)
                .stream()
                .noneMatch(row -> !row.key().equals(key) && which.test(row.value()));
    }

    /** Keeps the sums of what is unread. */
    private void sum(Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head) {
        long messages = (head.isUnread() ? head.unread() : 0) - (old != null && old.isUnread() ? old.unread() : 0);
        if (messages == 0) {
            return;
        }
        int more = (head.isUnread() ? 1 : 0) - (old != null && old.isUnread() ? 1 : 0);
        int peers = more != 0 && isOnly(turn, key, ConversationHead::isUnread) ? more : 0;
        UnreadSums sums = Objects.requireNonNullElse(turn.get(tables.unreadSums, Keys.Single.ROW), UnreadSums.NONE);
        turn.put(tables.unreadSums, Keys.Single.ROW, new UnreadSums(sums.peers() + peers, sums.messages() + messages));
    }

    /** Adds to a number that is kept of the whole account. */
    static void count(Turn turn, Table<Keys.Single, Long> counter, int more) {
        Long count = turn.get(counter, Keys.Single.ROW);
        turn.put(counter, Keys.Single.ROW, (count == null ? 0 : count) + more);
    }
}
