// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.carbons;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;

/** What other modules may know of carbons, and switch: with a session's binding, say (XEP-0386). */
public interface CarbonsView {
    boolean isEnabled(ClientSession session, Turn turn);

    void enable(ClientSession session, Turn turn);
}
