// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.LogTables.Place;
import java.util.function.UnaryOperator;

/**
 * Keeps the digests of a conversation's entries: the head has that of all and that of the newest bucket, older buckets have a row
 * each. In a turn of the account.
 */
final class Digests {
    private final Table<Place, Digest> closed;

    Digests(LogTables tables) {
        closed = tables.digests;
    }

    /** The head with one entry more. */
    ConversationHead counted(Turn turn, ConversationHead head, long id, LogEntry entry) {
        long changed = entry.changedOr(id);
        long bucket = Digest.bucketOf(id);
        Digest open = head.bucketDigest();
        if (bucket != head.bucket()) {
            if (open.count() > 0) {
                turn.put(closed, new Place(head.number(), head.bucket()), open);
            }
            open = Digest.EMPTY;
        }
        return head.withContents(
                head.bytes() + entry.bytes(), head.digest().plus(id, changed), bucket, open.plus(id, changed));
    }

    /** The head with one entry less. */
    ConversationHead uncounted(Turn turn, ConversationHead head, long id, LogEntry entry) {
        return redigested(
                turn, head, id, head.bytes() - entry.bytes(), digest -> digest.minus(id, entry.changedOr(id)));
    }

    /** Changes what an entry adds to the digests of its bucket and of its conversation. */
    ConversationHead redigested(Turn turn, ConversationHead head, long id, long bytes, UnaryOperator<Digest> change) {
        Place place = new Place(head.number(), Digest.bucketOf(id));
        Digest open = head.bucketDigest();
        if (place.id() == head.bucket()) {
            open = change.apply(open);
        } else {
            Digest kept = turn.get(closed, place);
            Digest changed = kept == null ? Digest.EMPTY : change.apply(kept);
            if (changed.count() > 0) {
                turn.put(closed, place, changed);
            } else {
                turn.delete(closed, place);
            }
        }
        return head.withContents(bytes, change.apply(head.digest()), head.bucket(), open);
    }
}
