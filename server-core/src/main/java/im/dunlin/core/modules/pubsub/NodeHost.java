// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Message;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Whose nodes they are: what differs between an account and a service. */
interface NodeHost {
    /** @param node its name, since some have bounds of their own */
    PubSubLimits limits(String node, Turn turn);

    /** Of a node that is made without a word about this. */
    NodeConfig defaults(String node);

    /** @throws im.dunlin.core.stanza.StanzaException for a configuration that this node may not have */
    void check(String node, NodeConfig config);

    List<AccessModel> accessModels();

    /** Whether this entity owns every node here, whatever the rows say. */
    boolean isOwner(BareJid entity, Turn turn);

    boolean mayCreate(BareJid entity, Turn turn);

    boolean sharesPresenceWith(BareJid entity, Turn turn);

    boolean isInGroup(BareJid entity, List<String> groups, Turn turn);

    /**
     * Sends a notification to who gets it.
     *
     * @param relations to the node, of everybody who has any
     * @param subscribers bare JIDs among them that are subscribed and may read
     */
    void notify(
            Message notification,
            Node node,
            Map<BareJid, Relation> relations,
            Collection<BareJid> subscribers,
            Turn turn);
}
