// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Stanza;

/** Asked of every stanza before anything else happens to it, outbound in the sender's turn and inbound in the receiver's. */
@FunctionalInterface
public interface Screen {
    Verdict screen(Stanza stanza, Way way, Turn turn);
}
