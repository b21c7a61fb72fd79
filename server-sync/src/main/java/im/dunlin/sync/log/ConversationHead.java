// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

/**
 * The state of one conversation. All times and positions are numbers of the account's clock, that is archive ids; 0 is none.
 *
 * @param number of the conversation in keys: the clock when it began
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

    ConversationHead withStamps(long order, long change) {
        return new ConversationHead(
                number,
                status,
                order,
                change,
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

    ConversationHead withPositions(Positions moved, long unread) {
        return new ConversationHead(
                number,
                status,
                orderStamp,
                changeStamp,
                pin,
                mutedUntil,
                moved,
                unread,
                unreadMention,
                lastMessage,
                rewriteVersion,
                bytes,
                digest,
                bucket,
                bucketDigest);
    }

    ConversationHead withLastMessage(long id) {
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
                id,
                rewriteVersion,
                bytes,
                digest,
                bucket,
                bucketDigest);
    }

    ConversationHead withContents(long bytes, Digest digest, long bucket, Digest bucketDigest) {
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
