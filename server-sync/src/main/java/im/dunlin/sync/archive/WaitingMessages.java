// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.lane.Turn;

/** Keeps archived messages for the next session that comes (XEP-0160). Found with {@code Setup.require}. */
public interface WaitingMessages {
    /** Nobody was there for this entry of the archive. Where too much waits already, it is found in the archive alone. */
    void waits(Turn turn, long id);
}
