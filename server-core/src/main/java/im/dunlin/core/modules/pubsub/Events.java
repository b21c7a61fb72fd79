// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a node's changes (XEP-0060 §7.1.2). Notifications are like presence: they have no outbox row, since whoever
 * misses one retrieves the items (DESIGN D2).
 */
final class Events {
    static final Name EVENT = Name.of(Ns.PUBSUB_EVENT, "event");
    static final Name SUBSCRIPTION = Name.of(Ns.PUBSUB_EVENT, "subscription");
    private static final Name ITEMS = Name.of(Ns.PUBSUB_EVENT, "items");
    private static final Name ITEM = Name.of(Ns.PUBSUB_EVENT, "item");
    private static final Name RETRACT = Name.of(Ns.PUBSUB_EVENT, "retract");
    private static final Name PURGE = Name.of(Ns.PUBSUB_EVENT, "purge");
    private static final Name DELETE = Name.of(Ns.PUBSUB_EVENT, "delete");
    private static final Name REDIRECT = Name.of(Ns.PUBSUB_EVENT, "redirect");
    private static final Name CONFIGURATION = Name.of(Ns.PUBSUB_EVENT, "configuration");

    private final Nodes nodes;
    private final NodeHost host;
    private final Access access;

    Events(Nodes nodes, NodeHost host, Access access) {
        this.nodes = nodes;
        this.host = host;
        this.access = access;
    }

    /** The node that a notification is about; null if it is none, or tells a subscriber of its own subscription. */
    static @Nullable String nodeOf(Message message) {
        Element event = message.payload().first(EVENT);
        Element content = event == null ? null : event.firstChild();
        return content == null || content.is(SUBSCRIPTION) ? null : content.attr("node");
    }

    // ---- to all subscribers
    // ------------------------------------------------------------------------------------------

    void published(Node node, Item item, Turn turn) {
        distribute(node, items(node, item), turn);
    }

    void retracted(Node node, String id, Turn turn) {
        distribute(node, of(ITEMS, node).child(Element.of(RETRACT).attr("id", id)), turn);
    }

    void purged(Node node, Turn turn) {
        distribute(node, of(PURGE, node), turn);
    }

    /** @param redirect where the node is from now on; null if nowhere (§8.4.1) */
    void deleted(Node node, @Nullable String redirect, Turn turn) {
        Element deleted = of(DELETE, node);
        distribute(
                node,
                redirect == null ? deleted : deleted.child(Element.of(REDIRECT).attr("uri", redirect)),
                turn);
    }

    void configured(Node node, Turn turn) {
        Element form = node.config().result(NodeConfig.CONFIG_FORM, NodeField.values());
        distribute(node, of(CONFIGURATION, node).child(form), turn);
    }

    private void distribute(Node node, Element content, Turn turn) {
        if (!node.config().notifies()) {
            return;
        }
        Message notification = message(node, content, turn);
        Map<BareJid, Relation> relations = nodes.relations(node, turn);
        List<BareJid> subscribers = new ArrayList<>();
        relations.forEach((entity, relation) -> {
            // What it may not retrieve any more it is not told either.
            if (relation.isSubscribed() && access.refusal(node, entity, relation, turn) == null) {
                for (Relation.Subscription subscription : relation.subscriptions()) {
                    if (!subscription.pending() && subscription.resource() == null) {
                        subscribers.add(entity);
                    } else if (!subscription.pending()) {
                        turn.route(notification.withTo(subscription.jid(entity)));
                    }
                }
            }
        });
        host.notify(notification, node, relations, subscribers, turn);
    }

    // ---- to one
    // ------------------------------------------------------------------------------------------------------

    /** The last item for somebody who is new (§6.1.7), with the time when it was published; null without one. */
    @Nullable
    Message last(Node node, Turn turn) {
        List<Item> newest = node.items() == 0 ? List.of() : nodes.newest(node, 1, turn);
        if (newest.isEmpty() || !node.config().notifies()) {
            return null;
        }
        Item item = newest.get(0);
        Instant published = Instant.EPOCH.plus(item.stamp(), ChronoUnit.MICROS);
        Message message = message(node, items(node, item), turn);
        return message.withPayload(message.payload().with(new Delay(published, null).element()));
    }

    /** A subscriber learns what somebody else has made of its subscription (§8.6, §8.8.4). */
    void subscription(Node node, Jid subscriber, String state, Turn turn) {
        Element change =
                of(SUBSCRIPTION, node).attr("jid", subscriber.toString()).attr("subscription", state);
        turn.route(message(node, change, turn).withTo(subscriber));
    }

    // ----------------------------------------------------------------------------------------------------------------

    private static Message message(Node node, Element content, Turn turn) {
        return Message.of(
                        node.config().notificationType(),
                        null,
                        Element.of(EVENT).child(content))
                .withId(turn.randomId())
                .withFrom(turn.jid());
    }

    private static Element of(Name name, Node node) {
        return Element.of(name).attr("node", node.name());
    }

    private static Element items(Node node, Item item) {
        ElementBuilder element = Element.builder(ITEM).attr("id", item.id());
        if (node.config().deliversPayloads()) {
            element.childIfPresent(item.content());
        }
        return of(ITEMS, node).child(element.build());
    }
}
