// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import java.util.List;
import java.util.Set;

/** Which events clients want to hear of (XEP-0060 §9.2): those of a turn's account, and its contacts' on other servers. */
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

    /** Clients on other servers, of contacts in a subscription, that want to hear of the node. */
    List<FullJid> distant(String node, Turn turn);

    /** Tells a module of new interests of clients on other servers. While the server is built. */
    void followDistant(DistantListener listener);

    /** Follows what contacts on other servers want to hear of. */
    @FunctionalInterface
    interface DistantListener {
        /** An available client wants to hear of these, of which it did not before. */
        void interested(FullJid client, Set<String> nodes, Turn turn);
    }
}
