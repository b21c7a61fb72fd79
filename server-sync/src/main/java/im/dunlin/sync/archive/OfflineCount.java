// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.sync.archive.OfflineTables.Waiting;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What waits for an account, counted, and what may still be added (threat R10). Immutable. */
record OfflineCount(long messages, long bytes, long strangers, Map<BareJid, Integer> bySender) {
    static final OfflineCount NONE = new OfflineCount(0, 0, 0, Map.of());

    /** One sender may have this part of the messages. */
    private static final int SENDERS_PART = 5;

    OfflineCount plus(Waiting waiting) {
        Map<BareJid, Integer> senders = new HashMap<>(bySender);
        senders.merge(waiting.sender(), 1, Integer::sum);
        return new OfflineCount(
                messages + 1, bytes + waiting.bytes(), strangers + (waiting.stranger() ? 1 : 0), Map.copyOf(senders));
    }

    static OfflineCount of(Iterable<Waiting> all) {
        long messages = 0;
        long bytes = 0;
        long strangers = 0;
        Map<BareJid, Integer> senders = new HashMap<>();
        for (Waiting waiting : all) {
            messages++;
            bytes += waiting.bytes();
            strangers += waiting.stranger() ? 1 : 0;
            senders.merge(waiting.sender(), 1, Integer::sum);
        }
        return new OfflineCount(messages, bytes, strangers, Map.copyOf(senders));
    }

    /** Why one more cannot wait; null if it can. */
    @Nullable
    StanzaError refusal(Waiting more, AccountLimits limits) {
        boolean full = messages >= limits.offlineMessages()
                || bytes + more.bytes() > limits.offlineBytes()
                || more.stranger() && strangers >= limits.offlineStrangers();
        if (full) {
            return StanzaError.serviceUnavailable();
        }
        return bySender.getOrDefault(more.sender(), 0) >= Math.max(1, limits.offlineMessages() / SENDERS_PART)
                ? StanzaError.resourceConstraint("too many messages wait already")
                : null;
    }
}
