// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import org.jspecify.annotations.Nullable;

/** Learns how each call of an account goes on, in the turn in which it does ({@link CallLedger#observe}). */
@FunctionalInterface
public interface CallObserver {
    /**
     * @param before null for a new call; one that comes too late to ring is new and over
     * @param told the message that says so itself, to whoever gets it; null if the server found out
     */
    void changed(@Nullable Call before, Call now, @Nullable Passage told, Turn turn);
}
