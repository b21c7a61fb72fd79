// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;

/** What an account wants to be kept in its archive (XEP-0441). Found with {@code Setup.require}. */
public interface ArchivePolicy {
    /** Whether messages to and from this peer are kept. */
    boolean keeps(Turn turn, Jid peer);
}
