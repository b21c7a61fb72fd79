// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.LogTables.Lookup;
import im.dunlin.sync.log.LogTables.Place;
import im.dunlin.sync.log.LogTables.UnreadSums;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says whether what is kept of an account's conversations agrees: each head with its entries, the digests with both, the
 * indexes with the heads. Reads all of it, so on a snapshot and never on a lane.
 */
public final class LogCheck {
    /**
     * Something that does not agree.
     *
     * @param conversation null where no conversation can be named
     * @param from the first archive id that it may concern
     * @param to the last one
     */
    public record Damage(@Nullable ConversationKey conversation, long from, long to, String what) {}

    /** Whoever has more than this is damaged; which rows exactly does not matter any more. */
    public static final int MAX_DAMAGE = 100;

    private final LogTables tables;

    LogCheck(LogTables tables) {
        this.tables = tables;
    }

    /** What is damaged, at most {@link #MAX_DAMAGE}; nothing if all is well. */
    public List<Damage> check(Reader reader, OwnerKey account, BareJid jid) {
        Run run = new Run(reader, account, jid);
        try {
            run.conversations();
            run.entries();
            run.index(tables.byOrder, "order");
            run.index(tables.byChange, "changes");
            run.index(tables.unread, "unread");
        } catch (CorruptionException e) {
            run.damaged(null, 0, Long.MAX_VALUE, String.valueOf(e.getMessage()));
        }
        return run.found.size() > MAX_DAMAGE ? run.found.subList(0, MAX_DAMAGE) : run.found;
    }

    private final class Run {
        private final Reader reader;
        private final OwnerKey account;
        private final BareJid jid;
        private final List<Damage> found = new ArrayList<>();
        private final Set<Long> numbers = new HashSet<>();

        Run(Reader reader, OwnerKey account, BareJid jid) {
            this.reader = reader;
            this.account = account;
            this.jid = jid;
        }

        void damaged(@Nullable ConversationKey conversation, long from, long to, String what) {
            found.add(new Damage(conversation, from, to, what));
        }

        private boolean isFull() {
            return found.size() >= MAX_DAMAGE;
        }

        // ---- each head, by the entries of its conversation
        // ------------------------------------------------------------------

        void conversations() {
            long live = 0;
            long unread = 0;
            Set<BareJid> peers = new HashSet<>();
            Set<BareJid> unreadPeers = new HashSet<>();
            try (Scan<ConversationKey, ConversationHead> heads =
                    reader.scan(tables.conversations, account, Range.all(), Direction.FORWARD)) {
                while (heads.hasNext() && !isFull()) {
                    Row<ConversationKey, ConversationHead> row = heads.next();
                    numbers.add(row.value().number());
                    if (row.value().isLive()) {
                        live++;
                        peers.add(row.key().peer());
                    }
                    if (row.value().isUnread()) {
                        unread += row.value().unread();
                        unreadPeers.add(row.key().peer());
                    }
                    try {
                        conversation(row.key(), row.value());
                    } catch (CorruptionException e) {
                        damaged(row.key(), 0, Long.MAX_VALUE, String.valueOf(e.getMessage()));
                    }
                }
            }
            counted("conversations", tables.count, live);
            counted("peers", tables.peers, peers.size());
            UnreadSums there = new UnreadSums(unreadPeers.size(), unread);
            UnreadSums kept = Objects.requireNonNullElse(
                    reader.get(tables.unreadSums, account, Keys.Single.ROW), UnreadSums.NONE);
            if (!there.equals(kept) && !isFull()) {
                damaged(null, 0, Long.MAX_VALUE, "unread in all: " + kept + " is kept, " + there + " is there");
            }
        }

        private void counted(String what, Table<Keys.Single, Long> counter, long there) {
            Long kept = reader.get(counter, account, Keys.Single.ROW);
            if (there != (kept == null ? 0 : kept) && !isFull()) {
                damaged(null, 0, Long.MAX_VALUE, what + ": " + kept + " are kept, " + there + " are there");
            }
        }

        private void conversation(ConversationKey key, ConversationHead head) {
            Digest whole = Digest.EMPTY;
            Digest bucket = Digest.EMPTY;
            long number = 0;
            long bytes = 0;
            long unread = 0;
            long last = 0;
            long mention = 0;
            try (Scan<Place, EntryFlags> places = reader.scan(
                    tables.byConversation, account, Range.prefix(k -> k.u64(head.number())), Direction.FORWARD)) {
                while (places.hasNext() && !isFull()) {
                    Row<Place, EntryFlags> row = places.next();
                    long id = row.key().id();
                    if (Digest.bucketOf(id) != number) {
                        closed(key, head, number, bucket);
                        number = Digest.bucketOf(id);
                        bucket = Digest.EMPTY;
                    }
                    LogEntry entry = entry(key, head, id);
                    if (entry == null) {
                        continue;
                    }
                    whole = whole.plus(id, entry.changedOr(id));
                    bucket = bucket.plus(id, entry.changedOr(id));
                    bytes += entry.bytes();
                    unread += row.value().counts() && id > head.positions().read() ? 1 : 0;
                    last = row.value().isShown() ? id : last;
                    mention = mention == 0
                                    && row.value().mentions()
                                    && id > head.positions().read()
                            ? id
                            : mention;
                }
            }
            closed(key, head, number, bucket);
            Digest open = number == head.bucket() ? bucket : Digest.EMPTY;
            agree(key, "entries and their digest", head.digest(), whole);
            agree(key, "digest of the newest entries", head.bucketDigest(), open);
            agree(key, "bytes", head.bytes(), bytes);
            agree(key, "unread", head.unread(), unread);
            agree(key, "last message", head.lastMessage(), last);
            agree(key, "unread mention", head.unreadMention(), mention);
            placed(tables.byOrder, key, head);
            placed(tables.byChange, key, head);
            placed(tables.unread, key, head);
        }

        private @Nullable LogEntry entry(ConversationKey key, ConversationHead head, long id) {
            LogEntry entry;
            try {
                entry = reader.get(tables.log, account, id);
            } catch (CorruptionException e) {
                damaged(key, id, id, String.valueOf(e.getMessage()));
                return null;
            }
            if (entry == null) {
                damaged(key, id, id, "an entry is missing");
                return null;
            }
            if (entry.conversation() != head.number() || !entry.key(jid).equals(key)) {
                damaged(key, id, id, "an entry is of another conversation");
                return null;
            }
            for (Map.Entry<Lookup, Integer> lookup :
                    Lookups.of(entry, key.peer(), id).entrySet()) {
                if (!lookup.getValue().equals(reader.get(tables.lookup, account, lookup.getKey()))) {
                    damaged(key, id, id, "an entry cannot be found by its ids");
                }
            }
            return entry;
        }

        /** Behind the last entry of a bucket: those before the head's have a row of their own, if anything is left in them. */
        private void closed(ConversationKey key, ConversationHead head, long bucket, Digest digest) {
            if (digest.count() == 0 || bucket == head.bucket()) {
                return;
            }
            Digest kept = reader.get(tables.digests, account, new Place(head.number(), bucket));
            if (!digest.equals(kept)) {
                damaged(key, Digest.firstOf(bucket), Digest.firstOf(bucket + 1) - 1, "digest of a range: " + kept);
            }
        }

        private void agree(ConversationKey key, String what, Object kept, Object counted) {
            if (!kept.equals(counted)) {
                damaged(key, 0, Long.MAX_VALUE, what + ": " + kept + " is kept, " + counted + " is there");
            }
        }

        private void placed(StampIndex index, ConversationKey key, ConversationHead head) {
            long place = index.missing(reader, account, key, head);
            if (place != 0) {
                damaged(key, place, place, "not in " + index.name());
            }
        }

        // ---- what belongs to no head
        // ----------------------------------------------------------------------------------------

        void entries() {
            long gone = 0;
            try (Scan<Long, LogEntry> entries = reader.scan(tables.log, account, Range.all(), Direction.FORWARD)) {
                while (entries.hasNext() && !isFull()) {
                    Row<Long, LogEntry> row = entries.next();
                    Place place = new Place(row.value().conversation(), row.key());
                    gone += row.value().state() == LogEntry.State.GONE ? 1 : 0;
                    if (row.value().state() == LogEntry.State.GONE
                            || reader.has(tables.clearing, account, place.conversation())) {
                        continue;
                    }
                    if (!numbers.contains(place.conversation()) || !reader.has(tables.byConversation, account, place)) {
                        damaged(row.value().key(jid), place.id(), place.id(), "an entry is in no conversation");
                    }
                }
            }
            counted("places of what is gone", tables.gone, gone);
        }

        void index(StampIndex index, String name) {
            try (Scan<Long, ConversationKey> rows = index.rows(reader, account)) {
                while (rows.hasNext() && !isFull()) {
                    Row<Long, ConversationKey> row = rows.next();
                    if (!index.isRight(reader, row, !rows.hasNext())) {
                        damaged(row.value(), row.key(), row.key(), "a stale place in the " + name);
                    }
                }
            }
        }
    }
}
