// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A client's way through the pages of one answer. All pages have the stamp of the first, whatever happens meanwhile: what changes
 * behind the client's back is then newer than the stamp that it keeps in the end, and comes with the next delta.
 *
 * @param requested the stamp that the client has, by which its next page is known to be one of these
 * @param since what is served for it
 * @param frozen the account's stamp when the walk began
 * @param count of conversations when it began
 * @param next the cursor that goes on with it
 * @param served conversations so far; {@link #UNKNOWN} if the client left out some
 */
record Walk(long requested, long since, long frozen, long count, long next, long served) {
    static final long UNKNOWN = -1;

    /** Walks that a session can be on at a time; a client has one, and perhaps one that it gave up. */
    private static final int AT_A_TIME = 4;

    /** How many conversations come before the page behind this cursor; null if that is not known. */
    @Nullable
    Long index(long after) {
        return next == after && served != UNKNOWN ? (Long) served : null;
    }

    /** The walks of a session, newest last. Immutable. */
    record Open(List<Walk> walks) {
        static final Open NONE = new Open(List.of());

        @Nullable
        Walk of(long requested) {
            for (Walk walk : walks) {
                if (walk.requested == requested) {
                    return walk;
                }
            }
            return null;
        }

        Open with(Walk walk) {
            List<Walk> open = new ArrayList<>(walks);
            open.removeIf(other -> other.requested == walk.requested);
            open.add(walk);
            return new Open(List.copyOf(open.subList(Math.max(0, open.size() - AT_A_TIME), open.size())));
        }
    }
}
