// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.jid.BareJid;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many domains there may be, for each sender, to which it was the first to write and which no stream has reached yet: one who
 * writes to names that do not answer must not use up the room of all. Any thread.
 */
final class Shares {
    private static final int SENDERS = 50;

    private final int most;
    private final Map<BareJid, Integer> taken = new ConcurrentHashMap<>();

    /** @param domains for all senders together */
    Shares(int domains) {
        this.most = Math.max(1, domains / SENDERS);
    }

    /** @return false if the sender has its share */
    boolean take(BareJid sender) {
        if (taken.merge(sender, 1, Integer::sum) > most) {
            giveBack(sender);
            return false;
        }
        return true;
    }

    void giveBack(BareJid sender) {
        taken.computeIfPresent(sender, (key, count) -> count == 1 ? null : count - 1);
    }
}
