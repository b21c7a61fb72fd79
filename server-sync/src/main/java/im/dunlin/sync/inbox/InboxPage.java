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
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
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

    /** Reads pages of one account's inbox: its own rows, and the heads of what is unread. */
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
            Unread unread = new Unread(query, Math.min(query.max(), bound.stanzas()));
            log.unread(reader, account, unread::add);
            unread.finish();
            List<InboxEntry> entries = query.unreadOnly() ? unread.nearest() : all(query, unread.most);
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
                    unread.peers,
                    unread.messages,
                    log.rewriteVersion(reader, account));
        }

        private InboxEntry entry(BareJid peer) {
            return InboxEntry.of(peer, log.conversations(reader, account, peer));
        }

        /** Those nearest to where the page begins, in the direction of the query. */
        private List<InboxEntry> all(InboxQuery query, int most) {
            List<InboxEntry> entries = new ArrayList<>();
            Direction direction = query.backward() ? Direction.FORWARD : Direction.BACKWARD;
            long above = query.above();
            long below = query.below();
            boolean isEnd = most == 0;
            while (!isEnd) {
                List<Row<ConversationKey, ConversationHead>> rows =
                        log.ordered(reader, account, above, below, direction, most);
                for (Row<ConversationKey, ConversationHead> row : rows) {
                    long place = row.value().orderStamp();
                    above = query.backward() ? place : above;
                    below = query.backward() ? below : place;
                    InboxEntry entry = entry(row.key().peer());
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

        /** Counts what is unread, and keeps what of it belongs on the page. */
        private final class Unread {
            private final InboxQuery query;
            private final int most;
            private final Comparator<InboxEntry> nearest;
            private final PriorityQueue<InboxEntry> page;
            private long peers;
            private long messages;
            private @Nullable BareJid peer;

            Unread(InboxQuery query, int most) {
                this.query = query;
                this.most = most;
                Comparator<InboxEntry> oldest = Comparator.comparingLong(InboxEntry::place);
                nearest = query.backward() ? oldest : oldest.reversed();
                page = new PriorityQueue<>(nearest.reversed());
            }

            void add(Row<ConversationKey, ConversationHead> row) {
                messages += row.value().unread();
                if (!row.key().peer().equals(peer)) {
                    finish();
                    peer = row.key().peer();
                    peers++;
                }
            }

            /** All conversations of a peer have been passed. */
            void finish() {
                if (peer == null || !query.unreadOnly()) {
                    return;
                }
                InboxEntry entry = entry(peer);
                if (entry.place() > query.above() && entry.place() < query.below()) {
                    page.add(entry);
                    if (page.size() > most) {
                        page.remove();
                    }
                }
            }

            List<InboxEntry> nearest() {
                return page.stream().sorted(nearest).toList();
            }
        }
    }
}
