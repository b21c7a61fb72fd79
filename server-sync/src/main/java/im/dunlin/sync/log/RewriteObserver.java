// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;
import im.dunlin.sync.log.LogTables.Rewrite;
import org.jspecify.annotations.Nullable;

/** Learns of each edit and retraction, in the turn that makes it ({@link ConversationLog#observeRewrites}). */
@FunctionalInterface
public interface RewriteObserver {
    /**
     * May send. What it sends leaves before what the change observers send of the same change.
     *
     * @param version of the change
     * @param entry as it is now; null where a whole conversation is meant
     */
    void rewritten(Turn turn, long version, Rewrite rewrite, @Nullable LogEntry entry);
}
