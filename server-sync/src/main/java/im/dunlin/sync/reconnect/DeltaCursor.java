// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.sync.log.ArchiveId;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of a delta ended. It is the whole state of the walk, so that nothing has to be kept for clients that never ask
 * again.
 *
 * @param rank of the last conversation, {@link #BY_ORDER} where they are not ranked
 * @param order its order stamp
 * @param seen the account's stamp when the page was made: what changed since is served again
 */
record DeltaCursor(int rank, long order, long seen) {
    static final int BY_ORDER = 9;

    String format() {
        return rank + "." + ArchiveId.format(order) + "." + ArchiveId.format(seen);
    }

    /** Null for text that {@link #format} does not make. */
    static @Nullable DeltaCursor parse(String text) {
        String[] parts = text.split("\\.", -1);
        Long order = parts.length == 3 ? ArchiveId.parse(parts[1]) : null;
        Long seen = parts.length == 3 ? ArchiveId.parse(parts[2]) : null;
        boolean isRank = parts[0].length() == 1
                && (parts[0].charAt(0) >= '0' && parts[0].charAt(0) < '0' + Rank.values().length
                        || parts[0].charAt(0) == '0' + BY_ORDER);
        return order == null || seen == null || !isRank ? null : new DeltaCursor(parts[0].charAt(0) - '0', order, seen);
    }
}
