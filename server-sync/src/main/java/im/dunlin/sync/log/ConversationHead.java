// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import java.time.Instant;
import java.util.function.Consumer;

/**
 * The state of one conversation. All times and positions are numbers of the account's clock, that is archive ids; 0 is none.
 *
 * @param number of the conversation in keys: the clock when it began, or when all of it was retracted
 * @param orderStamp when it last got something to show; 0 while it never had anything, and then no view shows it
 * @param changeStamp when anything of it last changed
 * @param pin the client's number, larger is nearer to the top; 0 is not pinned
 * @param mutedUntil seconds since 1970; 0 is not muted
 * @param unread entries after the read position that count
 * @param unreadMention the first unread entry that names the user
 * @param lastMessage the newest entry that may stand for the conversation
 * @param rewriteVersion of the last edit or retraction
 * @param bytes of its entries, for the quota
 * @param digest of all its entries
 * @param bucket which id bucket {@code bucketDigest} is of; those of older buckets have rows of their own
 */
public record ConversationHead(
        long number,
        Status status,
        long orderStamp,
        long changeStamp,
        long pin,
        long mutedUntil,
        Positions positions,
        long unread,
        long unreadMention,
        long lastMessage,
        long rewriteVersion,
        long bytes,
        Digest digest,
        long bucket,
        Digest bucketDigest) {
    /** Seconds of a mute that nobody gave an end: about a hundred years. */
    public static final long MUTED_FOREVER = 3_170_980_000L;

    /** The ordinals are on disk. */
    public enum Status {
        ACTIVE,
        ARCHIVED,
        /** A tombstone: other devices have yet to learn that the conversation is gone. */
        DELETED
    }

    /**
     * Up to which entry, that one included.
     *
     * @param read the account has read
     * @param delivered the peer's devices have what the account sent
     * @param displayed the peer has read what the account sent
     */
    public record Positions(long read, long delivered, long displayed) {
        static final Positions NONE = new Positions(0, 0, 0);

        Positions withRead(long read) {
            return new Positions(read, delivered, displayed);
        }

        Positions withDelivered(long delivered) {
            return new Positions(read, delivered, displayed);
        }

        Positions withDisplayed(long displayed) {
            return new Positions(read, delivered, displayed);
        }
    }

    static ConversationHead begun(long number) {
        return new ConversationHead(
                number,
                Status.ACTIVE,
                0,
                0,
                0,
                0,
                Positions.NONE,
                0,
                0,
                0,
                0,
                0,
                Digest.EMPTY,
                Digest.bucketOf(number),
                Digest.EMPTY);
    }

    /** Its place among the conversations to show; 0 if it has none. */
    long orderPlace() {
        return status == Status.DELETED ? 0 : orderStamp;
    }

    /**
     * Its place among the changes that the order does not show; 0 if it needs none. A conversation that got a message has
     * changed when it was ordered, so that only one of the two indexes moves.
     */
    long changePlace() {
        return orderStamp != 0 && changeStamp != orderPlace() ? changeStamp : 0;
    }

    /** Whether views show it: there was something to show, and it was not deleted. */
    public boolean isLive() {
        return orderPlace() != 0;
    }

    /** Whether views show it with something unread. */
    public boolean isUnread() {
        return isLive() && unread > 0;
    }

    /** Its place among the conversations with something unread; 0 if it has none. */
    long unreadPlace() {
        return isUnread() ? orderStamp : 0;
    }

    public boolean isMuted(Instant now) {
        return mutedUntil > now.getEpochSecond();
    }

    // ---- changed copies
    // ----------------------------------------------------------------------------------------------

    /** Shows the conversation as one that got something at this moment, though no message says so. */
    public ConversationHead withOrderStamp(long stamp) {
        return with(draft -> draft.orderStamp = stamp);
    }

    /**
     * As a new message finds it: back if it was deleted, and if it was archived, unless it is muted. A mute that is over is
     * forgotten.
     */
    public ConversationHead woken(Instant now) {
        Status woken = isMuted(now) && status == Status.ARCHIVED ? Status.ARCHIVED : Status.ACTIVE;
        return withStatus(woken).withMutedUntil(isMuted(now) ? mutedUntil : 0);
    }

    /** A tombstone. Its messages stay in the archive and count as read, so that they do not come back as unread. */
    ConversationHead deleted(long stamp) {
        return withStatus(Status.DELETED)
                .withPin(0)
                .withPositions(positions.withRead(Math.max(positions.read(), stamp)), 0)
                .withUnreadMention(0)
                .withStamps(stamp, stamp);
    }

    public ConversationHead withStatus(Status status) {
        return with(draft -> draft.status = status);
    }

    public ConversationHead withPin(long pin) {
        return with(draft -> draft.pin = pin);
    }

    public ConversationHead withMutedUntil(long seconds) {
        return with(draft -> draft.mutedUntil = seconds);
    }

    public ConversationHead withPositions(Positions positions, long unread) {
        return with(draft -> {
            draft.positions = positions;
            draft.unread = unread;
        });
    }

    public ConversationHead withUnreadMention(long id) {
        return with(draft -> draft.unreadMention = id);
    }

    public ConversationHead withLastMessage(long id) {
        return with(draft -> draft.lastMessage = id);
    }

    public ConversationHead withRewriteVersion(long version) {
        return with(draft -> draft.rewriteVersion = version);
    }

    ConversationHead withStamps(long order, long change) {
        return with(draft -> {
            draft.orderStamp = order;
            draft.changeStamp = change;
        });
    }

    ConversationHead withContents(long bytes, Digest digest, long bucket, Digest bucketDigest) {
        return with(draft -> {
            draft.bytes = bytes;
            draft.digest = digest;
            draft.bucket = bucket;
            draft.bucketDigest = bucketDigest;
        });
    }

    /** The conversation without its entries, going on under a new number. */
    ConversationHead emptied(long number) {
        return with(draft -> {
            draft.number = number;
            draft.unread = 0;
            draft.unreadMention = 0;
            draft.lastMessage = 0;
            draft.bytes = 0;
            draft.digest = Digest.EMPTY;
            draft.bucket = Digest.bucketOf(number);
            draft.bucketDigest = Digest.EMPTY;
        });
    }

    private ConversationHead with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.head();
    }

    /** A head whose parts can be set one by one. */
    private static final class Draft {
        private long number;
        private Status status;
        private long orderStamp;
        private long changeStamp;
        private long pin;
        private long mutedUntil;
        private Positions positions;
        private long unread;
        private long unreadMention;
        private long lastMessage;
        private long rewriteVersion;
        private long bytes;
        private Digest digest;
        private long bucket;
        private Digest bucketDigest;

        Draft(ConversationHead head) {
            number = head.number;
            status = head.status;
            orderStamp = head.orderStamp;
            changeStamp = head.changeStamp;
            pin = head.pin;
            mutedUntil = head.mutedUntil;
            positions = head.positions;
            unread = head.unread;
            unreadMention = head.unreadMention;
            lastMessage = head.lastMessage;
            rewriteVersion = head.rewriteVersion;
            bytes = head.bytes;
            digest = head.digest;
            bucket = head.bucket;
            bucketDigest = head.bucketDigest;
        }

        ConversationHead head() {
            return new ConversationHead(
                    number,
                    status,
                    orderStamp,
                    changeStamp,
                    pin,
                    mutedUntil,
                    positions,
                    unread,
                    unreadMention,
                    lastMessage,
                    rewriteVersion,
                    bytes,
                    digest,
                    bucket,
                    bucketDigest);
        }
    }
}
