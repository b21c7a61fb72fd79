// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead.Positions;
import im.dunlin.sync.log.LogTables.Lookup;
import im.dunlin.sync.log.LogTables.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The only writer of an account's messages and of the state of its conversations ({@link LogTables}).
 *
 * <p>All methods run in a turn of the account, so entries, heads and indexes change together or not at all. Reading in other
 * ways, on a snapshot, is for {@link LogReader}.
 */
public final class ConversationLog {
    /** Which of a message's ids to look for. */
    public enum IdKind {
        /** XEP-0359 origin-id. */
        ORIGIN(1),
        /** The id attribute. */
        STANZA(1 << 1),
        /** The id of the peer's archive. */
        FOREIGN(1 << 2);

        private final int bit;

        IdKind(int bit) {
            this.bit = bit;
        }
    }

    /** Longer ids are kept in their message but cannot be looked for. */
    private static final int MAX_ID = 1024;

    /** Entries of one peer with the same id; the newest are looked at. */
    private static final int MAX_SAME_ID = 8;

    private static final int COUNT_AT_ONCE = 1_000;

    /** Ids run ahead of the wall by a little in every burst; only more than this is written down. */
    static final long USUAL_SKEW = 1L << 20;

    private static final CacheKey<Long> SKEW = new CacheKey<>("log.skew");

    private final ServerConfig config;
    private final LogTables tables;
    private final List<ChangeObserver> observers = new ArrayList<>();

    public ConversationLog(Setup setup) {
        config = setup.config();
        tables = new LogTables(setup);
    }

    /** What was written, for views. */
    public LogReader reader() {
        return new LogReader(tables);
    }

    /** Whether all that was written agrees. */
    public LogCheck check() {
        return new LogCheck(tables);
    }

    /** Calls this whenever what views show of a conversation has changed. To be declared while the server is built. */
    public void observe(ChangeObserver observer) {
        observers.add(observer);
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    /**
     * Records a message, and what follows from it for its conversation.
     *
     * @param message with {@code to} and {@code from}; what the server added to it is left out
     * @return its id
     */
    public long append(Turn turn, Way way, Message message, MessageTraits traits) {
        long id = turn.stamp();
        boolean outbound = way == Way.OUTBOUND;
        long received = Micros.of(turn.now());
        noteSkew(turn, id - received);

        Jid other = outbound ? message.to() : message.from();
        BareJid peer = other == null ? turn.jid() : other.bare();
        ConversationKey key = new ConversationKey(peer, typeOf(turn, peer, message, outbound));
        ConversationHead old = turn.get(tables.conversations, key);
        ConversationHead head = old == null ? ConversationHead.begun(id) : old;

        LogEntry entry = new LogEntry(
                head.number(),
                key.type(),
                outbound,
                false,
                received,
                0,
                outbound ? null : foreignId(message, peer),
                indexable(OriginId.find(message.payload())),
                message.withAdditions(List.of()));
        boolean own = outbound || peer.equals(turn.jid());
        EntryFlags flags = EntryFlags.of(message, traits, outbound, own);

        turn.put(tables.log, id, entry);
        turn.put(tables.byConversation, new Place(head.number(), id), flags);
        lookups(entry, peer, id).forEach((lookup, kinds) -> turn.put(tables.lookup, lookup, kinds));

        head = counted(turn, head, id, entry);
        head = head.withStamps(flags.isShown() || traits.isInvite() ? id : head.orderStamp(), id);
        if (flags.isShown()) {
            head = head.withLastMessage(id);
        }
        if (own && flags.isShown()) {
            // Whoever writes has read what came before.
            head = head.withPositions(head.positions().withRead(id), 0);
        } else if (flags.counts()) {
            head = head.withPositions(head.positions(), head.unread() + 1);
        }
        put(turn, key, old, head, Cause.MESSAGE);
        return id;
    }

    /**
     * Changes a conversation that there is. Head and indexes get a new change stamp, and observers are told.
     *
     * @param stamp the number of the change, asked for only if there is one
     * @return whether that was news; false also where there is no such conversation
     */
    public boolean change(
            Turn turn, ConversationKey key, Cause cause, LongSupplier stamp, UnaryOperator<ConversationHead> change) {
        ConversationHead head = turn.get(tables.conversations, key);
        return head != null && change(turn, key, head, head, cause, stamp, change);
    }

    /** As above, with the next number of the account's clock. */
    public boolean change(Turn turn, ConversationKey key, Cause cause, UnaryOperator<ConversationHead> change) {
        return change(turn, key, cause, turn::stamp, change);
    }

    /** Something of a conversation changed that its head does not show: a call that rings, and rings no more. */
    public void touch(Turn turn, ConversationKey key, Cause cause, long stamp) {
        ConversationHead head = turn.get(tables.conversations, key);
        if (head != null) {
            put(turn, key, head, head.withStamps(head.orderStamp(), stamp), cause);
        }
    }

    /**
     * As {@link #change(Turn, ConversationKey, Cause, LongSupplier, UnaryOperator)}, and where there is no such conversation
     * it begins. One that is new has nothing to show: the change gives it an order stamp, or views pass over it.
     */
    public boolean changeOrBegin(
            Turn turn, ConversationKey key, Cause cause, LongSupplier stamp, UnaryOperator<ConversationHead> change) {
        ConversationHead head = turn.get(tables.conversations, key);
        if (head != null) {
            return change(turn, key, head, head, cause, stamp, change);
        }
        long began = stamp.getAsLong();
        return change(turn, key, null, ConversationHead.begun(began), cause, () -> began, change);
    }

    /**
     * Gives a conversation that there is a new change stamp although its head stays as it is: something that views show beside
     * it has changed, such as a call.
     */
    public boolean touch(Turn turn, ConversationKey key, Cause cause, LongSupplier stamp) {
        ConversationHead head = turn.get(tables.conversations, key);
        if (head == null) {
            return false;
        }
        put(turn, key, head, head.withStamps(head.orderStamp(), stamp.getAsLong()), cause);
        return true;
    }

    private boolean change(
            Turn turn,
            ConversationKey key,
            @Nullable ConversationHead old,
            ConversationHead head,
            Cause cause,
            LongSupplier stamp,
            UnaryOperator<ConversationHead> change) {
        ConversationHead changed = change.apply(head);
        if (changed.equals(head)) {
            return false;
        }
        put(turn, key, old, changed.withStamps(changed.orderStamp(), stamp.getAsLong()), cause);
        return true;
    }

    /**
     * The account has read this entry and all before it.
     *
     * @param stamp the number of the change, asked for only if there is one
     * @return whether that was news
     */
    public boolean read(Turn turn, ConversationKey key, long id, LongSupplier stamp) {
        return change(turn, key, Cause.POSITION, stamp, head -> {
            long read = head.positions().read();
            if (id <= read) {
                return head;
            }
            long unread = id >= head.lastMessage() ? 0 : head.unread() - counting(turn, head, read, id);
            return head.withPositions(head.positions().withRead(id), unread);
        });
    }

    /** The peer's devices have this entry and all before it. @return whether that was news */
    public boolean delivered(Turn turn, ConversationKey key, long id, LongSupplier stamp) {
        return move(turn, key, stamp, at -> id > at.delivered() ? at.withDelivered(id) : at);
    }

    /** The peer has read this entry and all before it. @return whether that was news */
    public boolean displayed(Turn turn, ConversationKey key, long id, LongSupplier stamp) {
        return move(turn, key, stamp, at -> id > at.displayed() ? at.withDisplayed(id) : at);
    }

    private boolean move(Turn turn, ConversationKey key, LongSupplier stamp, UnaryOperator<Positions> move) {
        return change(
                turn,
                key,
                Cause.POSITION,
                stamp,
                head -> head.withPositions(move.apply(head.positions()), head.unread()));
    }

    /** The peer's side answered this entry with an error. */
    public void refused(Turn turn, long id) {
        LogEntry entry = turn.get(tables.log, id);
        if (entry != null) {
            Place place = new Place(entry.conversation(), id);
            EntryFlags flags = turn.get(tables.byConversation, place);
            if (flags != null) {
                turn.put(tables.byConversation, place, flags.refused());
            }
        }
    }

    public boolean isRefused(Turn turn, long id, LogEntry entry) {
        EntryFlags flags = turn.get(tables.byConversation, new Place(entry.conversation(), id));
        return flags != null && flags.isRefused();
    }

    /**
     * Removes the oldest entries, as long as {@code which} says so.
     *
     * @param limit entries at most; the batch of a turn is bounded
     * @return how many it removed
     */
    public int prune(Turn turn, Predicate<LogEntry> which, int limit) {
        Map<ConversationKey, ConversationHead> before = new LinkedHashMap<>();
        Map<ConversationKey, ConversationHead> after = new HashMap<>();
        int removed = 0;
        for (Row<Long, LogEntry> row : turn.scan(tables.log, Range.all(), Direction.FORWARD, limit)) {
            long id = row.key();
            LogEntry entry = row.value();
            if (!which.test(entry)) {
                break;
            }
            removed++;
            ConversationKey key = entry.key(turn.jid());
            ConversationHead head = after.get(key);
            if (head == null) {
                head = turn.get(tables.conversations, key);
            }
            Place place = new Place(entry.conversation(), id);
            EntryFlags flags = turn.get(tables.byConversation, place);
            turn.delete(tables.log, id);
            turn.delete(tables.byConversation, place);
            lookups(entry, key.peer(), id).keySet().forEach(lookup -> turn.delete(tables.lookup, lookup));
            if (head != null && flags != null) {
                before.putIfAbsent(key, head);
                after.put(key, withoutEntry(turn, head, id, entry, flags));
            }
        }
        before.forEach((key, old) -> {
            ConversationHead head = after.getOrDefault(key, old);
            boolean visible = head.unread() != old.unread() || head.lastMessage() != old.lastMessage();
            if (visible) {
                put(turn, key, old, head.withStamps(head.orderStamp(), turn.stamp()), Cause.PRUNED);
            } else {
                keep(turn, key, old, head);
            }
        });
        return removed;
    }

    private ConversationHead withoutEntry(Turn turn, ConversationHead head, long id, LogEntry entry, EntryFlags flags) {
        ConversationHead without = uncounted(turn, head, id, entry);
        if (flags.counts() && id > head.positions().read()) {
            without = without.withPositions(head.positions(), head.unread() - 1);
        }
        // The oldest go first: when the last message goes, nothing older is left to take its place.
        return id == head.lastMessage() ? without.withLastMessage(0) : without;
    }

    // ---- looking up
    // --------------------------------------------------------------------------------------------------

    public @Nullable LogEntry entry(Turn turn, long id) {
        return turn.get(tables.log, id);
    }

    public @Nullable ConversationHead head(Turn turn, ConversationKey key) {
        return turn.get(tables.conversations, key);
    }

    /**
     * The newest entries to or from a peer with this id, newest first; few, since ids are meant to be unique. Peers choose
     * ids: that one is found says nothing of who sent it.
     */
    public List<Row<Long, LogEntry>> find(Turn turn, BareJid peer, IdKind kind, String text) {
        List<Row<Long, LogEntry>> found = new ArrayList<>(1);
        long hash = hash(peer, text);
        for (Row<Lookup, Integer> row :
                turn.scan(tables.lookup, Range.prefix(k -> k.u64(hash)), Direction.FORWARD, MAX_SAME_ID)) {
            long id = row.key().id();
            LogEntry entry = (row.value() & kind.bit) == 0 ? null : turn.get(tables.log, id);
            if (entry != null
                    && text.equals(idOf(entry, kind))
                    && entry.peer(turn.jid()).equals(peer)) {
                found.add(new Row<>(row.owner(), id, entry));
            }
        }
        return found;
    }

    // ---- parts
    // -------------------------------------------------------------------------------------------------------

    private ConversationType typeOf(Turn turn, BareJid peer, Message message, boolean outbound) {
        ConversationType named = ConversationType.named(message, outbound);
        if (named != null) {
            return named;
        }
        if (peer.isDomain() && config.hosts().containsKey(peer.domain())) {
            return ConversationType.SERVER;
        }
        // A client's message to a group does not say that it is one.
        boolean toGroup = outbound
                && turn.get(tables.conversations, new ConversationKey(peer, ConversationType.CHAT)) == null
                && turn.get(tables.conversations, new ConversationKey(peer, ConversationType.GROUP)) != null;
        return toGroup ? ConversationType.GROUP : ConversationType.CHAT;
    }

    private static @Nullable String foreignId(Message message, BareJid peer) {
        StanzaId theirs = StanzaId.find(message.payload(), peer);
        return theirs == null ? null : indexable(theirs.id());
    }

    private static @Nullable String indexable(@Nullable String id) {
        return id == null || id.isEmpty() || id.length() > MAX_ID ? null : id;
    }

    private static @Nullable String idOf(LogEntry entry, IdKind kind) {
        return switch (kind) {
            case ORIGIN -> entry.originId();
            case STANZA -> indexable(entry.stanzaId());
            case FOREIGN -> entry.foreignId();
        };
    }

    /** The look-up rows of an entry: one for each distinct text, which with most clients is one. */
    static Map<Lookup, Integer> lookups(LogEntry entry, BareJid peer, long id) {
        Map<Lookup, Integer> rows = new LinkedHashMap<>(4);
        for (IdKind kind : IdKind.values()) {
            String text = idOf(entry, kind);
            if (text != null) {
                rows.merge(new Lookup(hash(peer, text), id), kind.bit, (a, b) -> a | b);
            }
        }
        return rows;
    }

    /** Of peer and id: the first eight bytes of SHA-256, so that nobody can choose ids which share rows with another peer's. */
    private static long hash(BareJid peer, String id) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(peer.toString().getBytes(StandardCharsets.UTF_8));
            // No JID contains it, so peer and id cannot run into each other.
            sha.update((byte) 0);
            return ByteBuffer.wrap(sha.digest(id.getBytes(StandardCharsets.UTF_8)))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private ConversationHead counted(Turn turn, ConversationHead head, long id, LogEntry entry) {
        long changed = entry.changedOr(id);
        long bucket = Digest.bucketOf(id);
        Digest open = head.bucketDigest();
        if (bucket != head.bucket()) {
            if (open.count() > 0) {
                turn.put(tables.digests, new Place(head.number(), head.bucket()), open);
            }
            open = Digest.EMPTY;
        }
        return head.withContents(
                head.bytes() + entry.bytes(), head.digest().plus(id, changed), bucket, open.plus(id, changed));
    }

    private ConversationHead uncounted(Turn turn, ConversationHead head, long id, LogEntry entry) {
        long changed = entry.changedOr(id);
        Place place = new Place(head.number(), Digest.bucketOf(id));
        Digest open = head.bucketDigest();
        if (place.id() == head.bucket()) {
            open = open.minus(id, changed);
        } else {
            Digest closed = turn.get(tables.digests, place);
            if (closed != null && closed.count() > 1) {
                turn.put(tables.digests, place, closed.minus(id, changed));
            } else {
                turn.delete(tables.digests, place);
            }
        }
        return head.withContents(head.bytes() - entry.bytes(), head.digest().minus(id, changed), head.bucket(), open);
    }

    /** Entries that count behind one id up to another. Each entry is passed once in its life. */
    private int counting(Turn turn, ConversationHead head, long after, long upTo) {
        int count = 0;
        long from = after;
        while (true) {
            List<Row<Place, EntryFlags>> rows = turn.scan(
                    tables.byConversation,
                    Range.<Place>all().above(new Place(head.number(), from)).to(new Place(head.number(), upTo)),
                    Direction.FORWARD,
                    COUNT_AT_ONCE);
            for (Row<Place, EntryFlags> row : rows) {
                count += row.value().counts() ? 1 : 0;
                from = row.key().id();
            }
            if (rows.size() < COUNT_AT_ONCE) {
                return count;
            }
        }
    }

    private void put(
            Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head, Cause cause) {
        keep(turn, key, old, head);
        observers.forEach(observer -> observer.changed(turn, key, head, cause));
    }

    /** Keeps a head, and its one row in each index that shows it. */
    private void keep(Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head) {
        turn.put(tables.conversations, key, head);
        place(turn, tables.byOrder, key, old == null ? 0 : old.orderPlace(), head.orderPlace());
        place(turn, tables.byChange, key, old == null ? 0 : old.changePlace(), head.changePlace());
    }

    private static void place(Turn turn, Table<Long, ConversationKey> index, ConversationKey key, long old, long now) {
        if (old == now) {
            return;
        }
        if (old != 0) {
            turn.delete(index, old);
        }
        if (now != 0) {
            turn.put(index, now, key);
        }
    }

    /** Ranges of time are ranges of ids, widened by this: an id is never older than its time, and at most so much newer. */
    private void noteSkew(Turn turn, long skew) {
        if (skew <= USUAL_SKEW) {
            return;
        }
        Long known = turn.cached(SKEW, () -> {
            Long stored = turn.get(tables.skew, Keys.Single.ROW);
            return stored == null ? USUAL_SKEW : stored;
        });
        if (skew > known) {
            // Doubled, so that a clock that was set back is not a row for each message until it has caught up.
            turn.put(tables.skew, Keys.Single.ROW, skew * 2);
            turn.forget(SKEW);
        }
    }
}
