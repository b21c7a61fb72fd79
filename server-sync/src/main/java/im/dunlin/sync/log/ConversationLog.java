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
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead.Positions;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.LogEntry.State;
import im.dunlin.sync.log.LogTables.Lookup;
import im.dunlin.sync.log.LogTables.Place;
import im.dunlin.sync.log.LogTables.Rewrite;
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
    /** Entries of one sender with the same id; the newest are looked at. */
    private static final int MAX_SAME_ID = 8;

    /** Conversations that one turn prunes: each that looks otherwise then is pushed to the account's devices. */
    static final int PRUNE_AT_ONCE = 50;

    /** Ids run ahead of the wall by a little in every burst; only more than this is written down. */
    static final long USUAL_SKEW = 1L << 20;

    private static final CacheKey<Long> SKEW = new CacheKey<>("log.skew");

    private final ServerConfig config;
    private final LogTables tables;
    private final Heads heads;
    private final Listing listing;
    private final Digests digests;
    private final Clearing clearing;
    private final List<ChangeObserver> observers = new ArrayList<>();
    private final List<RewriteObserver> rewriteObservers = new ArrayList<>();

    public ConversationLog(Setup setup) {
        config = setup.config();
        tables = new LogTables(setup);
        heads = new Heads(tables);
        listing = new Listing(tables);
        digests = new Digests(tables);
        clearing = new Clearing(setup, tables);
        XabberStreams.declare(setup);
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

    /** Calls this whenever a message was edited or retracted, before the change observers. As {@link #observe}. */
    public void observeRewrites(RewriteObserver observer) {
        rewriteObservers.add(observer);
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
        return append(turn, way, message, traits, null);
    }

    /**
     * As above, for a message that may say something of another one.
     *
     * @param target the entry that it edits or retracts, which is still to be done; null for none
     */
    public long append(
            Turn turn, Way way, Message message, MessageTraits traits, @Nullable Row<Long, LogEntry> target) {
        return append(turn, way, message, traits, target, target != null);
    }

    /** As above. @param isHidden whether it is nothing to show, since it says something of another message */
    public long append(
            Turn turn,
            Way way,
            Message message,
            MessageTraits traits,
            @Nullable Row<Long, LogEntry> target,
            boolean isHidden) {
        long id = turn.stamp();
        append(turn, way, message, traits, target, isHidden, id, Micros.of(turn.now()), false);
        return id;
    }

    /**
     * Records what another archive has had, in an account that is on its way in. The account has read it, unless {@link #unread} or
     * {@link #restore} says otherwise.
     *
     * @param message as {@link #append}; one that was taken back has a tombstone (XEP-0424 §5)
     * @param isHidden as {@link #append}
     * @param id greater than {@link #lastId} and than 0; not above the account's clock
     * @param received microseconds since 1970, not above the id
     */
    public void adopt(
            Turn turn,
            Way way,
            Message message,
            @Nullable Row<Long, LogEntry> target,
            boolean isHidden,
            long id,
            long received) {
        append(turn, way, message, message.traits(), target, isHidden, id, received, true);
    }

    /** The newest id that the log has given; 0 before the first. */
    public long lastId(Turn turn) {
        List<Row<Long, LogEntry>> newest = turn.scan(tables.log, Range.all(), Direction.BACKWARD, 1);
        return newest.isEmpty() ? 0 : newest.get(0).key();
    }

    private void append(
            Turn turn,
            Way way,
            Message message,
            MessageTraits traits,
            @Nullable Row<Long, LogEntry> target,
            boolean isHidden,
            long id,
            long received,
            boolean isAdopted) {
        boolean outbound = way == Way.OUTBOUND;
        noteSkew(turn, id - received);

        Jid other = outbound ? message.to() : message.from();
        BareJid peer = other == null ? turn.jid() : other.bare();
        ConversationKey key = target != null
                ? target.value().key(turn.jid())
                : new ConversationKey(peer, typeOf(turn, peer, message, outbound));
        ConversationHead old = turn.get(tables.conversations, key);
        ConversationHead head = old == null ? ConversationHead.begun(id) : old;

        LogEntry entry = LogEntry.of(
                head,
                key.type(),
                outbound,
                received,
                outbound ? null : Lookups.foreignId(message, peer),
                Lookups.indexable(OriginId.find(message.payload())),
                message,
                target == null ? 0 : target.key());
        boolean own = entry.isOwn(turn.jid());
        EntryFlags flags = EntryFlags.of(message, traits, outbound, own, isHidden)
                .mentioning(Mentions.has(message.payload(), turn.jid()));
        if (isAdopted && message.payload().has(StandardRewrites.RETRACTED)) {
            entry = entry.rewritten(State.RETRACTED, message.payload(), id, 0);
            flags = flags.retracted();
        }

        turn.put(tables.log, id, entry);
        turn.put(tables.byConversation, new Place(head.number(), id), flags);
        Lookups.of(entry, peer, id).forEach((lookup, kinds) -> turn.put(tables.lookup, lookup, kinds));

        head = digests.counted(turn, head, id, entry);
        // An invitation to a group is shown where the group is.
        boolean isShown = flags.isShown() || traits.isInvite() && !GroupInvitation.isToAnother(message);
        head = head.withStamps(isShown ? id : head.orderStamp(), id);
        if (isShown) {
            head = head.woken(turn.now());
        }
        if (flags.isShown()) {
            head = head.withLastMessage(id);
        }
        if (isAdopted || own && flags.isShown()) {
            // Whoever writes has read what came before.
            head = head.withPositions(head.positions().withRead(id), 0).withUnreadMention(0);
        } else if (flags.counts()) {
            head = head.withPositions(head.positions(), head.unread() + 1);
            if (flags.mentions() && head.unreadMention() == 0) {
                head = head.withUnreadMention(id);
            }
        }
        boolean isReplaced = !outbound && (old == null || !old.isLive()) && head.isLive() && endGroup(turn, key);
        put(turn, key, old, head, isReplaced ? Cause.STATE : Cause.MESSAGE);
    }

    /** The account has read neither this entry nor what is behind it. */
    public void unread(Turn turn, ConversationKey key, long id) {
        change(turn, key, Cause.READ, head -> {
            Positions at = head.positions();
            return id > at.read() ? head : readUpTo(turn, head, at.withRead(id - 1));
        });
    }

    private ConversationHead readUpTo(Turn turn, ConversationHead head, Positions at) {
        int unread = listing.counting(turn, head.number(), at.read(), Long.MAX_VALUE);
        return head.withPositions(at, unread)
                .withUnreadMention(unread == 0 ? 0 : listing.firstMention(turn, head.number(), at.read()));
    }

    /** Makes a conversation, of an account that is on its way in, what it was elsewhere: what its messages do not say. */
    public void restore(Turn turn, ConversationKey key, Status status, long pin, long mutedUntil, Positions positions) {
        changeOrBegin(turn, key, Cause.STATE, turn::stamp, head -> {
            ConversationHead shown = head.orderStamp() == 0 ? head.withOrderStamp(head.number()) : head;
            return readUpTo(turn, shown, positions)
                    .withStatus(status == Status.DELETED ? Status.ACTIVE : status)
                    .withPin(pin)
                    .withMutedUntil(mutedUntil);
        });
        if (status == Status.DELETED) {
            delete(turn, key);
        }
    }

    /** An address that begins to write as a person is no group any more. */
    private boolean endGroup(Turn turn, ConversationKey key) {
        if (key.type() == ConversationType.GROUP) {
            return false;
        }
        ConversationKey group = new ConversationKey(key.peer(), ConversationType.GROUP);
        return isLive(turn, group) && delete(turn, group);
    }

    private boolean isLive(Turn turn, ConversationKey key) {
        ConversationHead head = turn.get(tables.conversations, key);
        return head != null && head.isLive();
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

    /**
     * The number of a change that an archived message tells of: the message's own, unless it stands in another conversation. The
     * indexes have one conversation for a number.
     *
     * @param archived the message's id; 0 if it is not archived
     */
    public long numberOf(Turn turn, ConversationKey key, long archived) {
        LogEntry entry = archived == 0 ? null : turn.get(tables.log, archived);
        return entry != null && entry.key(turn.jid()).equals(key) ? archived : turn.stamp();
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
     * Leaves a tombstone in the place of a conversation, so that other devices learn that it is gone. Its messages stay.
     *
     * @return false if views never showed it
     */
    public boolean delete(Turn turn, ConversationKey key) {
        ConversationHead head = turn.get(tables.conversations, key);
        if (head == null || head.orderStamp() == 0) {
            return false;
        }
        put(turn, key, head, head.deleted(turn.stamp()), Cause.STATE);
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
     * The account has read this entry and all before it, as a message of its own says.
     *
     * @param stamp the number of the change, asked for only if there is one
     * @return whether that was news
     */
    public boolean read(Turn turn, ConversationKey key, long id, LongSupplier stamp) {
        return read(turn, key, id, Cause.POSITION, stamp);
    }

    /** As above, and no message says so. */
    public boolean readSilently(Turn turn, ConversationKey key, long id) {
        return read(turn, key, id, Cause.READ, turn::stamp);
    }

    private boolean read(Turn turn, ConversationKey key, long id, Cause cause, LongSupplier stamp) {
        return change(turn, key, cause, stamp, head -> {
            long read = head.positions().read();
            if (id <= read) {
                return head;
            }
            long unread = head.lastMessage() != 0 && id >= head.lastMessage()
                    ? 0
                    : head.unread() - listing.counting(turn, head.number(), read, id);
            ConversationHead moved = head.withPositions(head.positions().withRead(id), unread);
            return head.unreadMention() != 0 && head.unreadMention() <= id
                    ? moved.withUnreadMention(unread == 0 ? 0 : listing.firstMention(turn, head.number(), id))
                    : moved;
        });
    }

    /** A message names the user in a way that only its group's own words tell. */
    public void mentioned(Turn turn, ConversationKey key, long id) {
        ConversationHead head = turn.get(tables.conversations, key);
        Place place = head == null ? null : new Place(head.number(), id);
        EntryFlags flags = place == null ? null : turn.get(tables.byConversation, place);
        if (head == null || place == null || flags == null || flags.mentions() || !flags.counts()) {
            return;
        }
        turn.put(tables.byConversation, place, flags.mentioning(true));
        if (id > head.positions().read() && (head.unreadMention() == 0 || id < head.unreadMention())) {
            heads.keep(turn, key, head, head.withUnreadMention(id));
        }
    }

    /** The peer's archive has this entry under an id that it told later. */
    public void identify(Turn turn, long id, String foreignId) {
        LogEntry entry = entry(turn, id);
        if (entry != null && entry.foreignId() == null && Lookups.mayBeNamedLater(entry, turn.jid())) {
            turn.put(tables.log, id, entry.withForeignId(Lookups.indexable(foreignId)));
        }
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
     * @param limit entries at most; the batch of a turn is bounded, and so is the number of conversations
     * @return how many it removed; unless that is none, there may be more
     */
    public int prune(Turn turn, Predicate<LogEntry> which, int limit) {
        Map<ConversationKey, ConversationHead> before = new LinkedHashMap<>();
        Map<ConversationKey, ConversationHead> after = new HashMap<>();
        int removed = 0;
        int places = 0;
        long last = 0;
        for (Row<Long, LogEntry> row : turn.scan(tables.log, Range.all(), Direction.FORWARD, limit)) {
            long id = row.key();
            LogEntry entry = row.value();
            ConversationKey key = entry.key(turn.jid());
            boolean isFull = before.size() == PRUNE_AT_ONCE && !before.containsKey(key);
            if (isFull || !which.test(entry)) {
                break;
            }
            removed++;
            last = id;
            places += entry.state() == State.GONE ? 1 : 0;
            ConversationHead head = after.get(key);
            if (head == null) {
                head = turn.get(tables.conversations, key);
            }
            Place place = new Place(entry.conversation(), id);
            EntryFlags flags = turn.get(tables.byConversation, place);
            turn.delete(tables.log, id);
            turn.delete(tables.byConversation, place);
            Lookups.of(entry, key.peer(), id).keySet().forEach(lookup -> turn.delete(tables.lookup, lookup));
            if (head != null && flags != null && head.number() == entry.conversation()) {
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
                heads.keep(turn, key, old, head);
            }
        });
        if (places > 0) {
            Heads.count(turn, tables.gone, -places);
        }
        if (removed > 0) {
            pruneRewrites(turn, last, limit);
        }
        return removed;
    }

    /**
     * Rewrites go with what they rewrote, and are younger than that. What was retracted with all its conversation went before,
     * and may still be with clients as long as it is younger than the last entry that went.
     */
    private void pruneRewrites(Turn turn, long last, int limit) {
        List<Row<Long, LogEntry>> oldest = turn.scan(tables.log, Range.all(), Direction.FORWARD, 1);
        Range<Long> older = oldest.isEmpty()
                ? Range.all()
                : Range.<Long>all().below(oldest.get(0).key());
        for (Row<Long, Rewrite> row : turn.scan(tables.rewrites, older, Direction.FORWARD, limit)) {
            long entry = row.value().entry();
            if (row.key() > last && (entry == 0 || entry > last)) {
                continue;
            }
            ConversationHead head = turn.get(tables.conversations, row.value().conversation());
            if (head != null) {
                turn.delete(tables.rewritesByConversation, new Place(head.number(), row.key()));
            }
            turn.delete(tables.rewrites, row.key());
        }
    }

    private ConversationHead withoutEntry(Turn turn, ConversationHead head, long id, LogEntry entry, EntryFlags flags) {
        ConversationHead without = digests.uncounted(turn, head, id, entry);
        if (flags.counts() && id > head.positions().read()) {
            without = without.withPositions(head.positions(), head.unread() - 1);
        }
        if (id == head.unreadMention()) {
            without = without.withUnreadMention(listing.firstMention(turn, head.number(), id));
        }
        // The oldest go first: when the last message goes, nothing older is left to take its place.
        return id == head.lastMessage() ? without.withLastMessage(0) : without;
    }

    // ---- rewriting
    // ---------------------------------------------------------------------------------------------------

    /**
     * Puts other content in the place of a message's. Its id, its place and what it counts for stay as they are.
     *
     * @param content all of it, but for what identifies a message
     * @param version of the change, from the account's clock
     * @param by the entry that tells others of the change; 0 if none does
     * @return whether there was such a message
     */
    public boolean replace(Turn turn, long id, Payload content, long version, long by) {
        return rewrite(turn, id, Rewrite.Kind.REPLACED, State.KEPT, content, version, by);
    }

    /**
     * Takes a message away. It counts no longer, and an older one is the last message.
     *
     * @param tombstone what stands in its place for those who read the archive (XEP-0424); null if nothing does
     * @return whether there was such a message
     */
    public boolean retract(Turn turn, long id, @Nullable Payload tombstone, long version, long by) {
        State state = tombstone == null ? State.GONE : State.RETRACTED;
        return rewrite(
                turn, id, Rewrite.Kind.RETRACTED, state, tombstone == null ? Payload.EMPTY : tombstone, version, by);
    }

    private boolean rewrite(
            Turn turn, long id, Rewrite.Kind kind, State state, Payload payload, long version, long by) {
        LogEntry entry = entry(turn, id);
        ConversationKey key = entry == null ? null : entry.key(turn.jid());
        ConversationHead old = key == null ? null : turn.get(tables.conversations, key);
        if (entry == null || key == null || old == null || !entry.isKept()) {
            return false;
        }
        ConversationHead head = old;
        if (entry.rewrittenBy() != 0 && entry.rewrittenBy() != by) {
            // What told of the change before this one has been overtaken, and would repeat what is no longer so.
            head = vanished(turn, key, head, entry.rewrittenBy());
        }
        LogEntry after = entry.rewritten(state, payload, version, by);
        turn.put(tables.log, id, after);
        if (state == State.GONE) {
            Heads.count(turn, tables.gone, 1);
            head = unlisted(turn, key, head, id, entry);
        } else {
            head = digests.redigested(
                    turn,
                    head,
                    id,
                    head.bytes() - entry.bytes() + after.bytes(),
                    digest -> digest.minus(id, entry.changedOr(id)).plus(id, version));
            Place place = new Place(head.number(), id);
            EntryFlags flags = turn.get(tables.byConversation, place);
            if (state == State.RETRACTED) {
                if (flags != null) {
                    turn.put(tables.byConversation, place, flags.retracted());
                    head = unshown(turn, head, id, flags);
                }
            } else if (flags != null) {
                head = remarked(turn, head, place, flags, flags.mentioning(Mentions.has(payload, turn.jid())));
            }
        }
        rewritten(turn, key, old, head, version, new Rewrite(kind, key, id, Micros.of(turn.now())), after);
        return true;
    }

    /** An edit names the user, or does so no longer. */
    private ConversationHead remarked(
            Turn turn, ConversationHead head, Place place, EntryFlags before, EntryFlags after) {
        if (after.mentions() == before.mentions()) {
            return head;
        }
        turn.put(tables.byConversation, place, after);
        boolean isUnread = place.id() > head.positions().read();
        boolean isFirst = head.unreadMention() == 0 || place.id() <= head.unreadMention();
        return isUnread && isFirst
                ? head.withUnreadMention(listing.firstMention(
                        turn, head.number(), head.positions().read()))
                : head;
    }

    private void rewritten(
            Turn turn,
            ConversationKey key,
            ConversationHead old,
            ConversationHead head,
            long version,
            Rewrite rewrite,
            @Nullable LogEntry after) {
        turn.put(tables.rewrites, version, rewrite);
        turn.put(tables.rewritesByConversation, new Place(head.number(), version), true);
        rewriteObservers.forEach(observer -> observer.rewritten(turn, version, rewrite, after));
        put(turn, key, old, head.withRewriteVersion(version).withStamps(head.orderStamp(), version), Cause.REWRITE);
    }

    /** Leaves nothing of an entry but its place in the archive. */
    private ConversationHead vanished(Turn turn, ConversationKey key, ConversationHead head, long id) {
        LogEntry entry = entry(turn, id);
        if (entry == null || entry.state() == State.GONE) {
            return head;
        }
        turn.put(tables.log, id, entry.gone());
        Heads.count(turn, tables.gone, 1);
        return unlisted(turn, key, head, id, entry);
    }

    private ConversationHead unlisted(Turn turn, ConversationKey key, ConversationHead head, long id, LogEntry entry) {
        Place place = new Place(head.number(), id);
        EntryFlags flags = turn.get(tables.byConversation, place);
        if (flags == null) {
            return head;
        }
        turn.delete(tables.byConversation, place);
        Lookups.of(entry, key.peer(), id).keySet().forEach(lookup -> turn.delete(tables.lookup, lookup));
        return unshown(turn, digests.uncounted(turn, head, id, entry), id, flags);
    }

    private ConversationHead unshown(Turn turn, ConversationHead head, long id, EntryFlags flags) {
        ConversationHead without = head;
        if (flags.counts() && id > head.positions().read()) {
            without = without.withPositions(head.positions(), head.unread() - 1);
        }
        if (id == head.unreadMention()) {
            without = without.withUnreadMention(listing.firstMention(turn, head.number(), id));
        }
        return id == head.lastMessage() ? without.withLastMessage(listing.lastShown(turn, head.number(), id)) : without;
    }

    /**
     * Takes away all messages of a conversation. For everybody who looks they are gone with this turn, since the conversation
     * goes on under another number; their rows are cleared away by and by.
     *
     * @return the version of the change; 0 if there was nothing to take away
     */
    public long retractAll(Turn turn, ConversationKey key) {
        ConversationHead old = turn.get(tables.conversations, key);
        if (old == null || old.digest().count() == 0) {
            return 0;
        }
        long version = turn.stamp();
        clearing.begin(turn, old.number());
        turn.put(tables.cleared, Keys.Single.ROW, version);
        rewritten(
                turn,
                key,
                old,
                old.emptied(version),
                version,
                new Rewrite(Rewrite.Kind.ALL_RETRACTED, key, 0, Micros.of(turn.now())),
                null);
        return version;
    }

    // ---- looking up
    // --------------------------------------------------------------------------------------------------

    public @Nullable LogEntry entry(Turn turn, long id) {
        LogEntry entry = turn.get(tables.log, id);
        return entry == null || clearing.isClearing(turn, entry) ? null : entry;
    }

    public @Nullable ConversationHead head(Turn turn, ConversationKey key) {
        return turn.get(tables.conversations, key);
    }

    /**
     * The newest entries to or from a peer with this id, newest first; few, since ids are meant to be unique.
     *
     * @param way of the message; a note to oneself is inbound
     */
    public List<Row<Long, LogEntry>> find(Turn turn, Way way, BareJid peer, IdKind kind, String text) {
        List<Row<Long, LogEntry>> found = new ArrayList<>(1);
        boolean outbound = way == Way.OUTBOUND;
        long hash = Lookups.hash(outbound, peer, text);
        for (Row<Lookup, Integer> row :
                turn.scan(tables.lookup, Range.prefix(k -> k.u64(hash)), Direction.FORWARD, MAX_SAME_ID)) {
            long id = row.key().id();
            LogEntry entry = (row.value() & kind.bit()) == 0 ? null : entry(turn, id);
            if (entry != null
                    && entry.outbound() == outbound
                    && text.equals(Lookups.id(entry, kind))
                    && entry.peer(turn.jid()).equals(peer)) {
                found.add(new Row<>(row.owner(), id, entry));
            }
        }
        return found;
    }

    // ---- parts
    // -------------------------------------------------------------------------------------------------------

    /** Which conversation with the peer a message belongs to. */
    ConversationType typeOf(Turn turn, BareJid peer, Message message, boolean outbound) {
        ConversationType named = ConversationType.named(message, outbound);
        if (named != null) {
            return named;
        }
        if (peer.isDomain() && config.hosts().containsKey(peer.domain())) {
            return ConversationType.SERVER;
        }
        // A client's message to a group does not say that it is one.
        boolean toGroup = outbound
                && !isLive(turn, new ConversationKey(peer, ConversationType.CHAT))
                && isLive(turn, new ConversationKey(peer, ConversationType.GROUP));
        return toGroup ? ConversationType.GROUP : ConversationType.CHAT;
    }

    private void put(
            Turn turn, ConversationKey key, @Nullable ConversationHead old, ConversationHead head, Cause cause) {
        heads.keep(turn, key, old, head);
        observers.forEach(observer -> observer.changed(turn, key, head, cause));
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
