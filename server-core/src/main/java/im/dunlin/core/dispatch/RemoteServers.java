// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.lane.Departure;

/** The other servers, as the router sees them. */
@FunctionalInterface
public interface RemoteServers {
    /**
     * Sends a stanza to the server of its address, then or later; {@link Router#departed} or {@link Router#returned} is told
     * how that ended. Any thread; only posts work.
     */
    void send(Departure departure);
}
