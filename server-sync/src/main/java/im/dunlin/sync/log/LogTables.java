// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ConversationHead.Positions;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.LogEntry.State;

/**
 * The tables of the conversation log. Every key begins with its owner, the account.
 *
 * <pre>
 * log                       id                        → the message and what is known of it
 * log-by-conversation       conversation number, id   → flags
 * log-lookup                hash, id descending       → which of the message's ids has that hash
 * log-digests               conversation number, bucket → digest of the entries whose ids fall into the bucket
 * log-skew                  –                         → by how much ids were ever ahead of the wall clock
 * conversations             peer, type                → head
 * conversations-by-order    order stamp               → peer, type; one row for each conversation to show
 * conversations-count       –                         → rows of conversations-by-order
 * conversations-by-unread   order stamp               → peer, type; one row for each conversation to show with something unread
 * conversations-unread-sums –                         → peers with something unread, unread messages
 * conversations-peers       –                         → how many peers have a conversation to show
 * conversations-by-change   change stamp              → peer, type; one row where the change is not the order's
 * rewrites                  version                   → what was edited or retracted
 * rewrites-by-conversation  conversation number, version → nothing
 * log-clearing              conversation number       → nothing; all of it was retracted, and its rows are on their way out
 * log-cleared               –                         → up to which id entries have been removed by that
 * log-gone                  –                         → entries of which only the place is left
 * </pre>
 *
 * One archived message writes four of these rows: entry, listing, usually one look-up, head; and the old and the new place in
 * the order, unless the conversation was the newest ({@link StampIndex}). Ids, stamps and versions are all numbers of the account's
 * clock.
 */
public final class LogTables {
    /** An entry within its conversation. */
    public record Place(long conversation, long id) {}

    /** @param hash of a peer and one of the ids that a message has beside the archive's */
    record Lookup(long hash, long id) {}

    /** What happened to which entry; {@code entry} is 0 where a whole conversation is meant. */
    public record Rewrite(Kind kind, ConversationKey conversation, long entry, long at) {
        /** The ordinals are on disk. */
        public enum Kind {
            REPLACED,
            RETRACTED,
            ALL_RETRACTED
        }
    }

    static final TableSpec<Long, LogEntry> LOG = new TableSpec<>(
            "log", Shape.LOG, Keys.NUMBER, Values.versioned(1, LogTables::writeEntry, LogTables::readEntry));

    static final TableSpec<Place, EntryFlags> BY_CONVERSATION = new TableSpec<>(
            "log-by-conversation",
            Shape.LOG,
            new PlaceKeys(),
            Values.versioned(1, (out, flags) -> out.u8(flags.bits()), LogTables::readFlags));

    static final TableSpec<Lookup, Integer> LOOKUP = new TableSpec<>(
            "log-lookup",
            Shape.LOG,
            new LookupKeys(),
            Values.versioned(1, (out, kinds) -> out.u8(kinds), ValueReader::u8));

    static final TableSpec<Place, Digest> DIGESTS = new TableSpec<>(
            "log-digests",
            Shape.POINT,
            new PlaceKeys(),
            Values.versioned(1, LogTables::writeDigest, LogTables::readDigest));

    static final TableSpec<Keys.Single, Long> SKEW = new TableSpec<>("log-skew", Shape.POINT, Keys.SINGLE, Values.LONG);

    static final TableSpec<ConversationKey, ConversationHead> CONVERSATIONS = new TableSpec<>(
            "conversations",
            Shape.POINT,
            new ConversationKeys(),
            Values.versioned(1, LogTables::writeHead, LogTables::readHead));

    private static final ValueCodec<ConversationKey> NAME =
            Values.versioned(1, LogTables::writeName, LogTables::readName);

    static final TableSpec<Long, ConversationKey> BY_ORDER =
            new TableSpec<>("conversations-by-order", Shape.LOG, Keys.NUMBER, NAME);

    static final TableSpec<Long, ConversationKey> BY_CHANGE =
            new TableSpec<>("conversations-by-change", Shape.LOG, Keys.NUMBER, NAME);

    static final TableSpec<Keys.Single, Long> COUNT =
            new TableSpec<>("conversations-count", Shape.POINT, Keys.SINGLE, Values.LONG);

    static final TableSpec<Long, ConversationKey> UNREAD =
            new TableSpec<>("conversations-by-unread", Shape.LOG, Keys.NUMBER, NAME);

    /** What is unread in an account. */
    public record UnreadSums(long peers, long messages) {
        static final UnreadSums NONE = new UnreadSums(0, 0);
    }

    static final TableSpec<Keys.Single, UnreadSums> UNREAD_SUMS = new TableSpec<>(
            "conversations-unread-sums",
            Shape.POINT,
            Keys.SINGLE,
            Values.versioned(
                    1,
                    (out, sums) -> out.varint(sums.peers()).varint(sums.messages()),
                    in -> new UnreadSums(in.varint(), in.varint())));

    static final TableSpec<Keys.Single, Long> PEERS =
            new TableSpec<>("conversations-peers", Shape.POINT, Keys.SINGLE, Values.LONG);

    static final TableSpec<Long, Rewrite> REWRITES = new TableSpec<>(
            "rewrites", Shape.LOG, Keys.NUMBER, Values.versioned(1, LogTables::writeRewrite, LogTables::readRewrite));

    static final TableSpec<Place, Boolean> REWRITES_BY_CONVERSATION =
            new TableSpec<>("rewrites-by-conversation", Shape.LOG, new PlaceKeys(), Values.PRESENT);

    static final TableSpec<Long, Boolean> CLEARING =
            new TableSpec<>("log-clearing", Shape.POINT, Keys.NUMBER, Values.PRESENT);

    static final TableSpec<Keys.Single, Long> CLEARED =
            new TableSpec<>("log-cleared", Shape.POINT, Keys.SINGLE, Values.LONG);

    static final TableSpec<Keys.Single, Long> GONE_COUNT =
            new TableSpec<>("log-gone", Shape.POINT, Keys.SINGLE, Values.LONG);

    final Table<Long, LogEntry> log;
    final Table<Place, EntryFlags> byConversation;
    final Table<Lookup, Integer> lookup;
    final Table<Place, Digest> digests;
    final Table<Keys.Single, Long> skew;
    final Table<ConversationKey, ConversationHead> conversations;
    final StampIndex byOrder;
    final StampIndex byChange;
    final Table<Keys.Single, Long> count;
    final StampIndex unread;
    final Table<Keys.Single, UnreadSums> unreadSums;
    final Table<Keys.Single, Long> peers;
    final Table<Long, Rewrite> rewrites;
    final Table<Place, Boolean> rewritesByConversation;
    final Table<Long, Boolean> clearing;
    final Table<Keys.Single, Long> cleared;
    final Table<Keys.Single, Long> gone;

    LogTables(Setup setup) {
        log = setup.table(LOG);
        byConversation = setup.table(BY_CONVERSATION);
        lookup = setup.table(LOOKUP);
        digests = setup.table(DIGESTS);
        skew = setup.table(SKEW);
        conversations = setup.table(CONVERSATIONS);
        byOrder = new StampIndex(setup.table(BY_ORDER), conversations, ConversationHead::orderPlace);
        byChange = new StampIndex(setup.table(BY_CHANGE), conversations, ConversationHead::changePlace);
        count = setup.table(COUNT);
        unread = new StampIndex(setup.table(UNREAD), conversations, ConversationHead::unreadPlace);
        unreadSums = setup.table(UNREAD_SUMS);
        peers = setup.table(PEERS);
        rewrites = setup.table(REWRITES);
        rewritesByConversation = setup.table(REWRITES_BY_CONVERSATION);
        clearing = setup.table(CLEARING);
        cleared = setup.table(CLEARED);
        gone = setup.table(GONE_COUNT);
    }

    // ---- values
    // ------------------------------------------------------------------------------------------------------

    private static final int OUTBOUND = 1;
    private static final int RETRACTED = 1 << 1;
    private static final int GONE = 1 << 2;
    private static final int REWRITES_ANOTHER = 1 << 3;
    private static final int IS_REWRITTEN = 1 << 4;
    private static final int KNOWN = (1 << 5) - 1;

    private static void writeEntry(ValueWriter out, LogEntry entry) {
        out.fixed64(entry.conversation()).u8(entry.type().code());
        out.u8(bits(entry));
        out.fixed64(entry.received());
        out.nullable(entry.changed() == 0 ? null : entry.changed(), ValueWriter::fixed64);
        out.nullableText(entry.foreignId()).nullableText(entry.originId());
        StanzaCodec.write(out, entry.message());
        if (entry.rewrites() != 0) {
            out.fixed64(entry.rewrites());
        }
        if (entry.rewrittenBy() != 0) {
            out.fixed64(entry.rewrittenBy());
        }
    }

    private static int bits(LogEntry entry) {
        return (entry.outbound() ? OUTBOUND : 0)
                | (entry.state() == State.RETRACTED ? RETRACTED : 0)
                | (entry.state() == State.GONE ? GONE : 0)
                | (entry.rewrites() != 0 ? REWRITES_ANOTHER : 0)
                | (entry.rewrittenBy() != 0 ? IS_REWRITTEN : 0);
    }

    private static State state(int bits) {
        return (bits & GONE) != 0 ? State.GONE : (bits & RETRACTED) != 0 ? State.RETRACTED : State.KEPT;
    }

    private static LogEntry readEntry(ValueReader in) {
        long conversation = in.fixed64();
        ConversationType type = ConversationType.ofCode(in.u8());
        int bits = in.u8();
        long received = in.fixed64();
        Long changed = in.nullable(ValueReader::fixed64);
        String foreignId = in.nullableText();
        String originId = in.nullableText();
        if (!(StanzaCodec.read(in) instanceof Message message) || bits > KNOWN) {
            throw new CorruptionException("an archived stanza that is no message");
        }
        return new LogEntry(
                conversation,
                type,
                (bits & OUTBOUND) != 0,
                state(bits),
                received,
                changed == null ? 0 : changed,
                foreignId,
                originId,
                message,
                (bits & REWRITES_ANOTHER) != 0 ? in.fixed64() : 0,
                (bits & IS_REWRITTEN) != 0 ? in.fixed64() : 0);
    }

    private static EntryFlags readFlags(ValueReader in) {
        int bits = in.u8();
        if (bits > EntryFlags.KNOWN) {
            throw new CorruptionException("flags of an entry: " + bits);
        }
        return new EntryFlags(bits);
    }

    private static void writeDigest(ValueWriter out, Digest digest) {
        out.varint(digest.count()).fixed64(digest.sum());
    }

    private static Digest readDigest(ValueReader in) {
        return new Digest(in.varint(), in.fixed64());
    }

    private static void writeHead(ValueWriter out, ConversationHead head) {
        out.fixed64(head.number()).u8(head.status().ordinal());
        out.fixed64(head.orderStamp()).fixed64(head.changeStamp());
        out.varint(head.pin()).varint(head.mutedUntil());
        Positions positions = head.positions();
        out.varint(positions.read()).varint(positions.delivered()).varint(positions.displayed());
        out.varint(head.unread()).varint(head.unreadMention());
        out.varint(head.lastMessage()).varint(head.rewriteVersion()).varint(head.bytes());
        writeDigest(out, head.digest());
        out.varint(head.bucket());
        writeDigest(out, head.bucketDigest());
    }

    private static ConversationHead readHead(ValueReader in) {
        return new ConversationHead(
                in.fixed64(),
                ordinal(Status.values(), in.u8()),
                in.fixed64(),
                in.fixed64(),
                in.varint(),
                in.varint(),
                new Positions(in.varint(), in.varint(), in.varint()),
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                in.varint(),
                readDigest(in),
                in.varint(),
                readDigest(in));
    }

    private static void writeName(ValueWriter out, ConversationKey key) {
        out.u8(key.type().code()).text(key.peer().toString());
    }

    private static ConversationKey readName(ValueReader in) {
        ConversationType type = ConversationType.ofCode(in.u8());
        return new ConversationKey(bare(in.text()), type);
    }

    private static void writeRewrite(ValueWriter out, Rewrite rewrite) {
        out.u8(rewrite.kind().ordinal());
        writeName(out, rewrite.conversation());
        out.varint(rewrite.entry()).fixed64(rewrite.at());
    }

    private static Rewrite readRewrite(ValueReader in) {
        return new Rewrite(ordinal(Rewrite.Kind.values(), in.u8()), readName(in), in.varint(), in.fixed64());
    }

    private static <E> E ordinal(E[] values, int ordinal) {
        if (ordinal >= values.length) {
            throw new CorruptionException("number " + ordinal + " of " + values.length);
        }
        return values[ordinal];
    }

    private static BareJid bare(String text) {
        if (Jid.prepared(text) instanceof BareJid bare) {
            return bare;
        }
        throw new CorruptionException("a peer with a resource");
    }

    /** How rows of other modules name a conversation. */
    public static KeyCodec<ConversationKey> conversationKeys() {
        return new ConversationKeys();
    }

    // ---- keys
    // --------------------------------------------------------------------------------------------------------

    private static final class PlaceKeys implements KeyCodec<Place> {
        @Override
        public void write(Place key, KeyWriter out) {
            out.u64(key.conversation()).u64(key.id());
        }

        @Override
        public Place read(KeyReader in) {
            return new Place(in.u64(), in.u64());
        }
    }

    private static final class LookupKeys implements KeyCodec<Lookup> {
        @Override
        public void write(Lookup key, KeyWriter out) {
            out.u64(key.hash()).descending(key.id());
        }

        @Override
        public Lookup read(KeyReader in) {
            return new Lookup(in.u64(), in.descending());
        }
    }

    private static final class ConversationKeys implements KeyCodec<ConversationKey> {
        @Override
        public void write(ConversationKey key, KeyWriter out) {
            out.text(key.peer().toString()).u8(key.type().code());
        }

        @Override
        public ConversationKey read(KeyReader in) {
            BareJid peer = bare(in.text());
            return new ConversationKey(peer, ConversationType.ofCode(in.u8()));
        }
    }
}
