// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import java.util.Set;

/** Which events the sessions of a turn's account want (XEP-0060 §9.2). Reads nothing from the store. */
public interface CapsView {
    /** Nodes of which an available session wants to hear: its features that end in {@code +notify}, without that. */
    Set<String> interests(ClientSession session, Turn turn);

    /** Tells a module of new interests. While the server is built. */
    void follow(Listener listener);

    /** Follows what sessions want to hear of. */
    @FunctionalInterface
    interface Listener {
        /** An available session wants to hear of these, of which it did not before. */
        void interested(ClientSession session, Set<String> nodes, Turn turn);
    }
}
