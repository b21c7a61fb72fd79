// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What publishers do (XEP-0060 §7). */
final class Publishing {
    private static final Name PUBLISH = Name.of(Ns.PUBSUB, "publish");
    private static final Name OPTIONS = Name.of(Ns.PUBSUB, "publish-options");
    static final Name ITEM = Name.of(Ns.PUBSUB, "item");

    private final PubSubCore core;

    Publishing(PubSubCore core) {
        this.core = core;
    }

    @Nullable
    Iq publish(Iq iq, Element publish, Turn turn) {
        BareJid publisher = PubSubCore.asker(iq);
        String name = publish.attr("node");
        if (name == null || name.isEmpty()) {
            throw PubSubErrors.badRequest("nodeid-required");
        }
        Element options = iq.request().first(OPTIONS);
        FormFields preconditions = FormFields.parse(
                options == null ? null : options.requireChild(FormFields.FORM), NodeConfig.OPTIONS_FORM);
        Node node = node(name, publisher, preconditions, turn);
        List<Element> items = publish.children(ITEM);
        if (items.size() > 1) {
            throw PubSubErrors.badRequest("max-items-exceeded");
        }
        if (items.isEmpty() && node.config().persists()) {
            throw PubSubErrors.badRequest("item-required");
        }
        Element given = items.isEmpty() ? Element.of(ITEM) : items.get(0);
        String id = given.attr("id") == null || given.requireAttr("id").isEmpty()
                ? turn.randomId()
                : given.requireAttr("id");
        Item item = new Item(id, turn.stamp(), publisher.toString(), payload(node, given, turn));
        Element done =
                Element.of(PUBLISH).attr("node", name).child(Element.of(ITEM).attr("id", id));
        turn.answer(iq.result(Element.of(PubSubCore.PUBSUB).child(done)));
        put(node, item, turn);
        return null;
    }

    /** The node, made if it is not there; its configuration is what the publisher counts on (§7.1.5). */
    private Node node(String name, BareJid publisher, FormFields preconditions, Turn turn) {
        Node node = core.nodes().find(name, turn);
        if (node == null) {
            if (!core.host().mayCreate(publisher, turn)) {
                throw PubSubErrors.itemNotFound();
            }
            NodeConfig config = core.host().defaults(name).with(preconditions);
            if (!config.meets(preconditions)) {
                throw PubSubErrors.of(Condition.CONFLICT, "precondition-not-met");
            }
            return core.create(name, publisher, config, turn);
        }
        core.access().checkPublish(node, publisher, turn);
        if (!node.config().meets(preconditions)) {
            throw PubSubErrors.of(Condition.CONFLICT, "precondition-not-met");
        }
        return node;
    }

    private Payload payload(Node node, Element item, Turn turn) {
        List<Element> content = item.children();
        if (content.size() > 1) {
            throw PubSubErrors.badRequest("invalid-payload");
        }
        if (content.isEmpty() && node.config().deliversPayloads()) {
            throw PubSubErrors.badRequest("payload-required");
        }
        Payload payload = Payload.of(content);
        if (payload.size() > core.host().limits(node.name(), turn).itemBytes()) {
            throw PubSubErrors.of(Condition.NOT_ACCEPTABLE, "payload-too-big");
        }
        return payload;
    }

    /** Keeps the item if the node keeps any, and tells everybody. */
    void put(Node node, Item item, Turn turn) {
        PubSubCore.checkLength(item.id());
        List<NodeObserver> observers = core.observers(node);
        Item before = observers.isEmpty() ? null : core.nodes().item(node, item.id(), turn);
        if (node.config().persists()) {
            core.nodes().add(node, item, core.host().limits(node.name(), turn), turn);
        }
        core.events().published(node, item, turn);
        observers.forEach(observer -> observer.published(item, before, turn));
    }

    // ---- retract
    // -----------------------------------------------------------------------------------------------------

    @Nullable
    Iq retract(Iq iq, Element retract, Turn turn) {
        Node node = core.node(retract, turn);
        BareJid asker = PubSubCore.asker(iq);
        List<Element> items = retract.children(ITEM);
        if (items.size() != 1 || items.get(0).attr("id") == null) {
            throw PubSubErrors.badRequest("item-required");
        }
        if (!core.access().isOwner(node, asker, turn)) {
            core.access().checkPublish(node, asker, turn);
        }
        if (!node.config().persists()) {
            throw PubSubErrors.unsupported("persistent-items");
        }
        Item item = core.nodes().item(node, items.get(0).requireAttr("id"), turn);
        if (item == null) {
            throw PubSubErrors.itemNotFound();
        }
        if (!core.access().isOwner(node, asker, turn) && !item.publisher().equals(asker.toString())) {
            throw StanzaError.forbidden().toException();
        }
        turn.answer(iq.result());
        boolean notify =
                retract.optionalBoolean("notify", false) || node.config().notifiesRetract();
        remove(node, item, notify, turn);
        return null;
    }

    void remove(Node node, Item item, boolean notify, Turn turn) {
        core.nodes().remove(node, item, turn);
        if (notify) {
            core.events().retracted(node, item.id(), turn);
        }
        core.observers(node).forEach(observer -> observer.retracted(item, turn));
    }
}
