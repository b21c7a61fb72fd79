// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.inbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.ArchiveResult;
import im.dunlin.sync.archive.PageBound;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.Entries;
import im.dunlin.sync.log.LogTables.UnreadSums;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the inbox, read.
 *
 * @param chats last activity first
 * @param total chats that there are
 * @param unread chats with something unread
 * @param allUnread unread messages in all
 * @param version of the last edit or retraction that it knows of
 */
record InboxPage(List<Chat> chats, long total, long unread, long allUnread, long version) {
    /**
     * @param lastId the newest id of the archive; 0 without
     * @param message the last one; null if there is none, or it is not wanted
     */
    record Chat(InboxEntry entry, long lastId, @Nullable Row<Long, LogEntry> message) {}

    /** Reads pages of one account's inbox: what a page shows, and no more. */
    static final class Source {
        private final LogReader log;
        private final Reader reader;
        private final OwnerKey account;

        Source(LogReader log, Reader reader, OwnerKey account) {
            this.log = log;
            this.reader = reader;
            this.account = account;
        }

        /** @param bound at which the page is cut */
        InboxPage read(InboxQuery query, PageBound bound) {
            UnreadSums unread = log.unread(reader, account);
            List<InboxEntry> entries = entries(query, Math.min(query.max(), bound.stanzas()));
            List<Chat> chats = new ArrayList<>();
            int bytes = 0;
            for (InboxEntry entry : entries) {
                Row<Long, LogEntry> message = query.messages() ? message(entry) : null;
                bytes += ArchiveResult.WRAPPER_BYTES
                        + (message == null
                                ? 0
                                : message.value().message().payload().size());
                if (bytes > bound.bytes() && !chats.isEmpty()) {
                    break;
                }
                chats.add(new Chat(entry, lastId(entry), message));
            }
            if (query.backward()) {
                Collections.reverse(chats);
            }
            return new InboxPage(
                    chats,
                    log.countPeers(reader, account),
                    unread.peers(),
                    unread.messages(),
                    log.rewriteVersion(reader, account));
        }

        /** Those nearest to where the page begins, in the direction of the query. */
        private List<InboxEntry> entries(InboxQuery query, int most) {
            List<InboxEntry> entries = new ArrayList<>();
            Direction direction = query.backward() ? Direction.FORWARD : Direction.BACKWARD;
            long above = query.above();
            long below = query.below();
            boolean isEnd = most == 0;
            while (!isEnd) {
                List<Row<ConversationKey, ConversationHead>> rows = query.unreadOnly()
                        ? log.unread(reader, account, above, below, direction, most)
                        : log.ordered(reader, account, above, below, direction, most);
                for (Row<ConversationKey, ConversationHead> row : rows) {
                    long place = row.value().orderStamp();
                    above = query.backward() ? place : above;
                    below = query.backward() ? below : place;
                    BareJid peer = row.key().peer();
                    InboxEntry entry =
                            InboxEntry.of(peer, log.conversations(reader, account, peer), query.unreadOnly());
                    // A peer with several conversations stands where the newest of them does.
                    if (entry.place() == place && entries.size() < most) {
                        entries.add(entry);
                    }
                }
                isEnd = rows.size() < most || entries.size() == most;
            }
            return entries;
        }

        private @Nullable Row<Long, LogEntry> message(InboxEntry entry) {
            LogEntry last = entry.lastMessage() == 0 ? null : log.entry(reader, account, entry.lastMessage());
            return last == null || !last.isKept() ? null : new Row<>(account, entry.lastMessage(), last);
        }

        private long lastId(InboxEntry entry) {
            try (Entries entries = log.entries(reader, account, entry.peer(), 0, Long.MAX_VALUE, Direction.BACKWARD)) {
                Row<Long, LogEntry> newest = entries.next();
                return newest == null ? 0 : newest.key();
            }
        }
    }
}
