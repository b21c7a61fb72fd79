// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import org.jspecify.annotations.Nullable;

/**
 * Brings the rows of one slot from one format to the next, in pieces. Each piece is one batch together with the place
 * where the next begins, so that a crash anywhere goes on from the last piece. The slots are migrated apart, because a
 * batch touches one slot only.
 */
public interface Migration {
    /** What the log says: which rows get which new form. */
    String description();

    /**
     * One piece of a slot, small enough for one {@link Batch}.
     *
     * @param store to open tables and to read; writes go to {@code changes} only
     * @param slot 0 to 1,023, and at last {@link OwnerKey#CLUSTER_SLOT}
     * @param cursor where the piece before ended; empty at the first
     * @return where the next piece begins, or null when the slot is done
     */
    byte @Nullable [] step(Store store, int slot, byte[] cursor, Changes changes);
}
