// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.storage.Scan;
import im.dunlin.sync.log.LogEntry.State;
import im.dunlin.sync.log.LogTables.Place;
import im.dunlin.sync.log.LogTables.Rewrite;
import im.dunlin.sync.log.LogTables.UnreadSums;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log, on a snapshot off the lanes unless it is a look at few rows. What is asked for decides what it costs, not how
 * much there is. Any thread.
 */
public final class LogReader {
    /** Places of entries that are gone which a search for the first entry passes. */
    private static final int MAX_GONE = 1_000;

    /** So many rewrites are read to learn of which conversations they are; for more, the conversations are asked. */
    private static final int FEW_REWRITES = 100;

    private final LogTables tables;

    LogReader(LogTables tables) {
        this.tables = tables;
    }

    public @Nullable LogEntry entry(Reader reader, OwnerKey account, long id) {
        LogEntry entry = reader.get(tables.log, account, id);
        return entry == null || reader.has(tables.clearing, account, entry.conversation()) ? null : entry;
    }

    /** Whether the id marks a place in the archive: its entry is there, or was retracted. */
    public boolean isPlace(Reader reader, OwnerKey account, long id) {
        if (reader.has(tables.log, account, id)) {
            return true;
        }
        Long cleared = reader.get(tables.cleared, account, Keys.Single.ROW);
        return cleared != null && id > 0 && id <= cleared;
    }

    /** The oldest entry, or with {@link Direction#BACKWARD} the newest. */
    public @Nullable Row<Long, LogEntry> first(Reader reader, OwnerKey account, Direction direction) {
        try (Entries entries = entries(reader, account, 0, Long.MAX_VALUE, direction)) {
            Row<Long, LogEntry> row = entries.next();
            for (int passed = 0; row != null && passed < MAX_GONE; passed++) {
                if (row.value().state() != State.GONE) {
                    return row;
                }
                row = entries.next();
            }
            if (row == null) {
                return null;
            }
        }
        return firstOfConversations(reader, account, direction);
    }

    /**
     * The entries between which all others are.
     *
     * @param oldest null if there is none
     * @param newest the same
     */
    public record Ends(
            @Nullable Row<Long, LogEntry> oldest, @Nullable Row<Long, LogEntry> newest) {}

    /** Both ends, if a look at the first row of either side tells; null if that is gone, and {@link #first} has to search. */
    public @Nullable Ends endsAtOnce(Reader reader, OwnerKey account) {
        Row<Long, LogEntry> oldest = reader.first(tables.log, account, Range.all(), Direction.FORWARD);
        if (oldest == null) {
            return new Ends(null, null);
        }
        Row<Long, LogEntry> newest = reader.first(tables.log, account, Range.all(), Direction.BACKWARD);
        return newest != null && isThere(reader, oldest) && isThere(reader, newest) ? new Ends(oldest, newest) : null;
    }

    private boolean isThere(Reader reader, Row<Long, LogEntry> row) {
        return row.value().state() != State.GONE
                && !reader.has(tables.clearing, row.owner(), row.value().conversation());
    }

    /** As {@link #first}, where too many places lie before it: asks each conversation. */
    private @Nullable Row<Long, LogEntry> firstOfConversations(Reader reader, OwnerKey account, Direction direction) {
        long first = 0;
        try (Scan<ConversationKey, ConversationHead> heads =
                reader.scan(tables.conversations, account, Range.all(), Direction.FORWARD)) {
            while (heads.hasNext()) {
                ConversationHead head = heads.next().value();
                long number = head.number();
                Row<Place, EntryFlags> row = head.digest().count() == 0
                        ? null
                        : reader.first(tables.byConversation, account, Range.prefix(key -> key.u64(number)), direction);
                long id = row == null ? 0 : row.key().id();
                boolean isNearer = direction == Direction.FORWARD ? id < first : id > first;
                first = id != 0 && (first == 0 || isNearer) ? id : first;
            }
        }
        LogEntry entry = first == 0 ? null : entry(reader, account, first);
        return entry == null ? null : new Row<>(account, first, entry);
    }

    /** The conversations with a peer, at most one of each type. */
    public List<Row<ConversationKey, ConversationHead>> conversations(Reader reader, OwnerKey account, BareJid peer) {
        try (Scan<ConversationKey, ConversationHead> scan = reader.scan(
                tables.conversations, account, Range.prefix(k -> k.text(peer.toString())), Direction.FORWARD)) {
            return scan.take(ConversationType.values().length);
        }
    }

    /**
     * The conversations that changed after a stamp, tombstones among them, in no order.
     *
     * @param limit at most so many; a view that gets as many as it asked for starts over with all
     */
    public List<Row<ConversationKey, ConversationHead>> changedSince(
            Reader reader, OwnerKey account, long stamp, int limit) {
        Set<ConversationKey> keys = new LinkedHashSet<>();
        for (StampIndex index : List.of(tables.byChange, tables.byOrder)) {
            // A conversation that was ordered and changed after the stamp is in both.
            index.list(reader, account, stamp, Long.MAX_VALUE, Direction.FORWARD, limit)
                    .forEach(row -> keys.add(row.value()));
        }
        return heads(reader, account, keys, limit);
    }

    /** The conversations to show, from the one that was ordered last before a stamp on. */
    public List<Row<ConversationKey, ConversationHead>> newest(
            Reader reader, OwnerKey account, long before, int limit) {
        return ordered(reader, account, 0, before, Direction.BACKWARD, limit);
    }

    /** The conversations to show whose order stamps lie between two bounds, both excluded. */
    public List<Row<ConversationKey, ConversationHead>> ordered(
            Reader reader, OwnerKey account, long above, long below, Direction direction, int limit) {
        return ordered(tables.byOrder, reader, account, above, below, direction, limit);
    }

    private List<Row<ConversationKey, ConversationHead>> ordered(
            StampIndex index, Reader reader, OwnerKey account, long above, long below, Direction direction, int limit) {
        List<ConversationKey> keys = new ArrayList<>();
        index.list(reader, account, above, below, direction, limit).forEach(row -> keys.add(row.value()));
        return heads(reader, account, keys, limit);
    }

    /**
     * The conversations that changed after a stamp and were not ordered after it, tombstones among them whenever they are
     * from: those that {@link #ordered} does not give.
     */
    public void changedInPlace(
            Reader reader, OwnerKey account, long stamp, Consumer<Row<ConversationKey, ConversationHead>> each) {
        tables.byChange.forEach(reader, account, stamp, key -> {
            ConversationHead head = reader.get(tables.conversations, account, key);
            if (head != null && (!head.isLive() || head.orderStamp() <= stamp)) {
                each.accept(new Row<>(account, key, head));
            }
        });
    }

    /** Every conversation that a view shows or has shown, in the order of peers. */
    public void forEachConversation(
            Reader reader, OwnerKey account, Consumer<Row<ConversationKey, ConversationHead>> each) {
        try (Scan<ConversationKey, ConversationHead> heads =
                reader.scan(tables.conversations, account, Range.all(), Direction.FORWARD)) {
            while (heads.hasNext()) {
                Row<ConversationKey, ConversationHead> row = heads.next();
                if (row.value().orderStamp() != 0) {
                    each.accept(row);
                }
            }
        }
    }

    /** How many conversations were ordered after a stamp. Counts as many rows; 0 is all of them, and kept in one row. */
    public long countOrdered(Reader reader, OwnerKey account, long after) {
        if (after == 0) {
            Long count = reader.get(tables.count, account, Keys.Single.ROW);
            return count == null ? 0 : count;
        }
        LongAdder count = new LongAdder();
        tables.byOrder.forEach(reader, account, after, key -> count.increment());
        return count.sum();
    }

    /** How many peers have a conversation to show. */
    public long countPeers(Reader reader, OwnerKey account) {
        Long count = reader.get(tables.peers, account, Keys.Single.ROW);
        return count == null ? 0 : count;
    }

    /** As {@link #ordered}, of the conversations that have something unread. */
    public List<Row<ConversationKey, ConversationHead>> unread(
            Reader reader, OwnerKey account, long above, long below, Direction direction, int limit) {
        return ordered(tables.unread, reader, account, above, below, direction, limit);
    }

    /** How much is unread in all. */
    public UnreadSums unread(Reader reader, OwnerKey account) {
        UnreadSums sums = reader.get(tables.unreadSums, account, Keys.Single.ROW);
        return sums == null ? UnreadSums.NONE : sums;
    }

    /** Whether at most so many conversations changed after a stamp; reads no more index rows than that. */
    public boolean changedAtMost(Reader reader, OwnerKey account, long stamp, int limit) {
        int left = limit;
        for (StampIndex index : List.of(tables.byOrder, tables.byChange)) {
            left -= index.list(reader, account, stamp, Long.MAX_VALUE, Direction.FORWARD, left + 1)
                    .size();
            if (left < 0) {
                return false;
            }
        }
        return true;
    }

    public @Nullable ConversationHead head(Reader reader, OwnerKey account, ConversationKey key) {
        return reader.get(tables.conversations, account, key);
    }

    private List<Row<ConversationKey, ConversationHead>> heads(
            Reader reader, OwnerKey account, Collection<ConversationKey> keys, int limit) {
        List<Row<ConversationKey, ConversationHead>> heads = new ArrayList<>();
        for (ConversationKey key : keys) {
            ConversationHead head = reader.get(tables.conversations, account, key);
            if (head != null && heads.size() < limit) {
                heads.add(new Row<>(account, key, head));
            }
        }
        return heads;
    }

    /** The account's stamp: when anything that a view shows last changed. */
    public long stamp(Reader reader, OwnerKey account) {
        return Math.max(tables.byChange.last(reader, account), tables.byOrder.last(reader, account));
    }

    /** The digest of a conversation's entries with ids from one to another, both included. */
    public record DigestRange(long from, long to, Digest digest) {
        private static DigestRange of(long bucket, Digest digest) {
            return new DigestRange(Digest.firstOf(bucket), Digest.firstOf(bucket + 1) - 1, digest);
        }
    }

    /**
     * The digests of a conversation's ranges of ids that have entries, newest first.
     *
     * @param below only those that begin below this id
     */
    public List<DigestRange> digests(
            Reader reader, OwnerKey account, ConversationHead conversation, long below, int limit) {
        List<DigestRange> ranges = new ArrayList<>();
        DigestRange open = DigestRange.of(conversation.bucket(), conversation.bucketDigest());
        if (open.digest().count() > 0 && open.from() < below) {
            ranges.add(open);
        }
        long number = conversation.number();
        long before = Math.min(conversation.bucket(), Digest.bucketOf(below - 1) + 1);
        Range<Place> closed = Range.<Place>prefix(key -> key.u64(number)).below(new Place(number, before));
        reader.list(tables.digests, account, closed, Direction.BACKWARD, limit - ranges.size())
                .forEach(row -> ranges.add(DigestRange.of(row.key().id(), row.value())));
        return ranges;
    }

    /** Entries and their bytes, over all conversations, and what the places of those cost that are gone. Reads every head. */
    public Size size(Reader reader, OwnerKey account) {
        long count = 0;
        long bytes = 0;
        try (Scan<ConversationKey, ConversationHead> scan =
                reader.scan(tables.conversations, account, Range.all(), Direction.FORWARD)) {
            while (scan.hasNext()) {
                ConversationHead head = scan.next().value();
                count += head.digest().count();
                bytes += head.bytes();
            }
        }
        Long gone = reader.get(tables.gone, account, Keys.Single.ROW);
        return new Size(count, bytes + (gone == null ? 0 : gone) * LogEntry.PLACE_BYTES);
    }

    /** How much an account has. */
    public record Size(long count, long bytes) {}

    /** The version of the account's last edit or retraction; 0 if there was none. */
    public long rewriteVersion(Reader reader, OwnerKey account) {
        Row<Long, Rewrite> last = reader.first(tables.rewrites, account, Range.all(), Direction.BACKWARD);
        return last == null ? 0 : last.key();
    }

    /** The conversations in which something was rewritten after a version, in no order. Reads what changed since, at most. */
    public List<Row<ConversationKey, ConversationHead>> rewrittenSince(
            Reader reader, OwnerKey account, long version, int limit) {
        List<Row<Long, Rewrite>> rewrites = reader.list(
                tables.rewrites, account, Range.<Long>all().above(version), Direction.FORWARD, FEW_REWRITES);
        if (rewrites.size() == FEW_REWRITES) {
            return changedSince(reader, account, version, limit).stream()
                    .filter(row -> row.value().rewriteVersion() > version)
                    .toList();
        }
        Set<ConversationKey> keys = new LinkedHashSet<>();
        rewrites.forEach(row -> keys.add(row.value().conversation()));
        return heads(reader, account, keys, limit);
    }

    /** The versions behind one in which something of a conversation was rewritten, oldest first. */
    public List<Long> rewritesSince(
            Reader reader, OwnerKey account, ConversationHead conversation, long version, int limit) {
        if (conversation.rewriteVersion() <= version) {
            return List.of();
        }
        long number = conversation.number();
        return reader
                .list(
                        tables.rewritesByConversation,
                        account,
                        Range.<Place>prefix(key -> key.u64(number)).above(new Place(number, version)),
                        Direction.FORWARD,
                        limit)
                .stream()
                .map(row -> row.key().id())
                .toList();
    }

    public @Nullable Rewrite rewrite(Reader reader, OwnerKey account, long version) {
        return reader.get(tables.rewrites, account, version);
    }

    /** Microseconds by which an id may be ahead of the time when its entry was received. */
    public long skew(Reader reader, OwnerKey account) {
        Long stored = reader.get(tables.skew, account, Keys.Single.ROW);
        return stored == null ? ConversationLog.USUAL_SKEW : stored;
    }

    /** All entries with ids between two bounds, both excluded, and the places of those that are gone. */
    public Entries entries(Reader reader, OwnerKey account, long after, long before, Direction direction) {
        Set<Long> clearing = new HashSet<>();
        reader.list(tables.clearing, account, Range.all(), Direction.FORWARD, Integer.MAX_VALUE)
                .forEach(row -> clearing.add(row.key()));
        Scan<Long, LogEntry> scan =
                reader.scan(tables.log, account, Range.<Long>all().above(after).below(before), direction);
        return new Entries() {
            @Override
            public @Nullable Row<Long, LogEntry> next() {
                if (!scan.hasNext()) {
                    return null;
                }
                Row<Long, LogEntry> row = scan.next();
                boolean isClearing = clearing.contains(row.value().conversation());
                return isClearing
                        ? new Row<>(row.owner(), row.key(), row.value().gone())
                        : row;
            }

            @Override
            public void close() {
                scan.close();
            }
        };
    }

    /** As {@link #entries(Reader, OwnerKey, long, long, Direction)}, those that one conversation has. */
    public Entries entries(
            Reader reader,
            OwnerKey account,
            ConversationHead conversation,
            long after,
            long before,
            Direction direction) {
        return new Merged(
                reader, account, List.of(places(reader, account, conversation, after, before, direction)), direction);
    }

    /** As {@link #entries(Reader, OwnerKey, long, long, Direction)}, those of one peer. */
    public Entries entries(
            Reader reader, OwnerKey account, BareJid peer, long after, long before, Direction direction) {
        List<Scan<Place, EntryFlags>> scans = new ArrayList<>(1);
        for (Row<ConversationKey, ConversationHead> row : conversations(reader, account, peer)) {
            scans.add(places(reader, account, row.value(), after, before, direction));
        }
        return new Merged(reader, account, scans, direction);
    }

    /** As {@link #entries(Reader, OwnerKey, long, long, Direction)}, those of one conversation. */
    public Entries entries(
            Reader reader, OwnerKey account, ConversationKey key, long after, long before, Direction direction) {
        ConversationHead head = head(reader, account, key);
        List<Scan<Place, EntryFlags>> scans =
                head == null ? List.of() : List.of(places(reader, account, head, after, before, direction));
        return new Merged(reader, account, scans, direction);
    }

    private Scan<Place, EntryFlags> places(
            Reader reader, OwnerKey account, ConversationHead head, long after, long before, Direction direction) {
        Place low = new Place(head.number(), after);
        Place high = new Place(head.number(), before);
        return reader.scan(
                tables.byConversation, account, Range.<Place>all().above(low).below(high), direction);
    }

    /** Entries one by one. To be closed. */
    public interface Entries extends AutoCloseable {
        /** Null behind the last. */
        @Nullable
        Row<Long, LogEntry> next();

        @Override
        void close();
    }

    /** Several conversations as one, in the order of ids. */
    private final class Merged implements Entries {
        private record Source(long id, Scan<Place, EntryFlags> rest) {}

        private final Reader reader;
        private final OwnerKey account;
        private final List<Scan<Place, EntryFlags>> scans;
        private final PriorityQueue<Source> sources;

        Merged(Reader reader, OwnerKey account, List<Scan<Place, EntryFlags>> scans, Direction direction) {
            this.reader = reader;
            this.account = account;
            this.scans = scans;
            Comparator<Source> byId = Comparator.comparingLong(Source::id);
            this.sources = new PriorityQueue<>(direction == Direction.FORWARD ? byId : byId.reversed());
            scans.forEach(this::advance);
        }

        private void advance(Scan<Place, EntryFlags> scan) {
            if (scan.hasNext()) {
                sources.add(new Source(scan.next().key().id(), scan));
            }
        }

        @Override
        public @Nullable Row<Long, LogEntry> next() {
            while (!sources.isEmpty()) {
                Source source = sources.remove();
                advance(source.rest());
                LogEntry entry = reader.get(tables.log, account, source.id());
                if (entry != null) {
                    return new Row<>(account, source.id(), entry);
                }
            }
            return null;
        }

        @Override
        public void close() {
            scans.forEach(Scan::close);
        }
    }
}
