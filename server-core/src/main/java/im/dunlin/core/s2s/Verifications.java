// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/**
 * Claims of other servers that are being verified, each by a connection of ours: whoever makes many must not have us connect to
 * everybody (threat R12). Any thread.
 */
final class Verifications {
    static final int MOST = 200;
    static final int MOST_OF_ADDRESS = 20;

    private final Map<InetAddress, Integer> byAddress = new HashMap<>();
    private int all;

    /** @return false if there are too many; otherwise {@link #end} follows */
    synchronized boolean begin(InetAddress from) {
        int some = byAddress.getOrDefault(from, 0);
        if (all >= MOST || some >= MOST_OF_ADDRESS) {
            return false;
        }
        byAddress.put(from, some + 1);
        all++;
        return true;
    }

    synchronized void end(InetAddress from) {
        byAddress.computeIfPresent(from, (address, some) -> some == 1 ? null : some - 1);
        all--;
    }
}
