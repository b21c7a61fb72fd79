// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import org.jspecify.annotations.Nullable;

/** Who may do what with a node (XEP-0060 §4). */
final class Access {
    private final Nodes nodes;
    private final NodeHost host;

    Access(Nodes nodes, NodeHost host) {
        this.nodes = nodes;
        this.host = host;
    }

    Affiliation affiliation(Node node, BareJid entity, Turn turn) {
        return affiliation(nodes.relation(node, entity, turn), entity, turn);
    }

    private Affiliation affiliation(Relation relation, BareJid entity, Turn turn) {
        return host.isOwner(entity, turn) ? Affiliation.OWNER : relation.affiliation();
    }

    boolean mayRead(Node node, BareJid entity, Turn turn) {
        return refusal(node, entity, nodes.relation(node, entity, turn), turn) == null;
    }

    void checkRead(Node node, BareJid entity, Turn turn) {
        StanzaError refusal = refusal(node, entity, nodes.relation(node, entity, turn), turn);
        if (refusal != null) {
            throw refusal.toException();
        }
    }

    /** Why this entity may not retrieve items or be notified; null if it may. */
    @Nullable
    StanzaError refusal(Node node, BareJid entity, Relation relation, Turn turn) {
        Affiliation affiliation = affiliation(relation, entity, turn);
        if (affiliation.reads()) {
            return null;
        }
        if (affiliation == Affiliation.OUTCAST) {
            return StanzaError.forbidden();
        }
        return switch (node.config().access()) {
            case OPEN -> null;
            case PRESENCE ->
                host.sharesPresenceWith(entity, turn)
                        ? null
                        : PubSubErrors.error(Condition.NOT_AUTHORIZED, "presence-subscription-required");
            case ROSTER ->
                host.isInGroup(entity, node.config().rosterGroups(), turn)
                        ? null
                        : PubSubErrors.error(Condition.NOT_AUTHORIZED, "not-in-roster-group");
            case AUTHORIZE ->
                relation.isSubscribed() ? null : PubSubErrors.error(Condition.NOT_AUTHORIZED, "not-subscribed");
            case WHITELIST -> PubSubErrors.error(Condition.NOT_ALLOWED, "closed-node");
        };
    }

    void checkPublish(Node node, BareJid entity, Turn turn) {
        Relation relation = nodes.relation(node, entity, turn);
        Affiliation affiliation = affiliation(relation, entity, turn);
        boolean may = affiliation.publishes()
                || affiliation != Affiliation.OUTCAST
                        && switch (node.config().publishModel()) {
                            case "open" -> refusal(node, entity, relation, turn) == null;
                            case "subscribers" -> relation.isSubscribed();
                            default -> false;
                        };
        if (!may) {
            throw PubSubErrors.forbidden();
        }
    }

    boolean isOwner(Node node, BareJid entity, Turn turn) {
        return affiliation(node, entity, turn) == Affiliation.OWNER;
    }

    void checkOwner(Node node, BareJid entity, Turn turn) {
        if (!isOwner(node, entity, turn)) {
            throw PubSubErrors.forbidden();
        }
    }
}
