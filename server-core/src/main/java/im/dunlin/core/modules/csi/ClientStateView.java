// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.csi;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;

/** What other modules may know of what clients say of themselves (XEP-0352). It is nobody's business but the account's. */
public interface ClientStateView {
    /** Whether the client said that nobody looks at it. */
    boolean isInactive(ClientSession session, Turn turn);
}
