// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.modules.pubsub.Relation.Subscription;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who wants to hear of a node without having its owner's presence, or from everywhere (XEP-0060 §6.1, §6.2, §8.6). */
final class Subscribing {
    private static final String AUTHORIZATION = Ns.PUBSUB + "#subscribe_authorization";

    /** Of one bare JID, with its resources. */
    private static final int MAX_OF_ENTITY = 10;

    private final PubSubCore core;

    Subscribing(PubSubCore core) {
        this.core = core;
    }

    @Nullable
    Iq subscribe(Iq iq, Element asked, Turn turn) {
        Node node = core.node(asked, turn);
        Jid subscriber = subscriber(iq, asked);
        BareJid entity = subscriber.bare();
        Relation relation = core.nodes().relation(node, entity, turn);
        StanzaError refusal = core.access().refusal(node, entity, relation, turn);
        boolean pending = refusal != null
                && node.config().access() == AccessModel.AUTHORIZE
                && relation.affiliation() != Affiliation.OUTCAST;
        if (refusal != null && !pending) {
            throw refusal.toException();
        }
        Subscription before = relation.subscription(subscriber);
        Subscription now = before != null ? before : new Subscription(subscriber.resource(), turn.randomId(), pending);
        turn.answer(iq.result(Element.of(PubSubCore.PUBSUB).child(Retrieval.subscription(node, entity, now))));
        if (before == null) {
            if (relation.subscriptions().size() >= MAX_OF_ENTITY) {
                throw PubSubErrors.of(Condition.POLICY_VIOLATION, "too-many-subscriptions");
            }
            put(node, entity, relation.with(now, subscriber), turn);
            if (pending) {
                askOwners(node, subscriber, turn);
            } else {
                sendLast(node, subscriber, turn);
            }
        }
        return null;
    }

    /** Nobody is subscribed by somebody else (§6.1.3.1). */
    private static Jid subscriber(Iq iq, Element asked) {
        if (asked.attr("jid") == null) {
            throw PubSubErrors.badRequest("jid-required");
        }
        Jid subscriber = asked.requireJid("jid");
        if (!subscriber.bare().equals(PubSubCore.asker(iq))) {
            throw PubSubErrors.badRequest("invalid-jid");
        }
        return subscriber;
    }

    Iq unsubscribe(Iq iq, Element asked, Turn turn) {
        Node node = core.node(asked, turn);
        Jid subscriber = subscriber(iq, asked);
        Relation relation = core.nodes().relation(node, subscriber.bare(), turn);
        Subscription subscription = relation.subscription(subscriber);
        if (subscription == null) {
            throw PubSubErrors.of(Condition.UNEXPECTED_REQUEST, "not-subscribed");
        }
        String id = asked.attr("subid");
        if (id != null && !id.equals(subscription.id())) {
            throw PubSubErrors.of(Condition.NOT_ACCEPTABLE, "invalid-subid");
        }
        put(node, subscriber.bare(), relation.without(subscriber), turn);
        return iq.result();
    }

    void put(Node node, BareJid entity, Relation relation, Turn turn) {
        core.nodes().put(node, entity, relation, core.host().limits(node.name(), turn), turn);
    }

    private void sendLast(Node node, Jid subscriber, Turn turn) {
        Message last = node.config().sendsLastOnSubscription() ? core.events().last(node, turn) : null;
        if (last != null) {
            turn.route(last.withTo(subscriber));
        }
    }

    // ---- somebody decides
    // --------------------------------------------------------------------------------------------

    /**
     * An owner makes a subscription what it wants (§8.8.2). Who never asked is not subscribed: events would be a way to write
     * to strangers.
     *
     * @param pending null if there is to be none
     * @throws im.dunlin.core.stanza.StanzaException {@code not-allowed} if there is none
     */
    void change(Node node, Jid subscriber, @Nullable Boolean pending, Turn turn) {
        BareJid entity = subscriber.bare();
        Relation relation = core.nodes().relation(node, entity, turn);
        Subscription before = relation.subscription(subscriber);
        if (before == null && pending != null) {
            throw StanzaError.notAllowed().toException();
        }
        if (before == null) {
            return;
        }
        if (pending == null) {
            put(node, entity, relation.without(subscriber), turn);
            core.events().subscription(node, subscriber, "none", turn);
        } else if (before.pending() != pending) {
            Subscription now = new Subscription(subscriber.resource(), before.id(), pending);
            put(node, entity, relation.with(now, subscriber), turn);
            core.events().subscription(node, subscriber, now.state(), turn);
            if (!pending) {
                sendLast(node, subscriber, turn);
            }
        }
    }

    /** Cancels what an entity has subscribed to and may not read any more (XEP-0163 §7.1). */
    void withdraw(BareJid entity, Turn turn) {
        for (Node node : core.nodes().nodesOf(entity, turn)) {
            Relation relation = core.nodes().relation(node, entity, turn);
            boolean mayWait = node.config().access() == AccessModel.AUTHORIZE;
            if (!mayWait && core.access().refusal(node, entity, relation, turn) != null) {
                relation.subscriptions().forEach(each -> change(node, each.jid(entity), null, turn));
            }
        }
    }

    /** Cancels what an entity has subscribed to in nodes of these models, unless it was let in by hand. */
    void withdraw(BareJid entity, Set<AccessModel> models, Turn turn) {
        for (Node node : core.nodes().nodesOf(entity, turn)) {
            Relation relation = core.nodes().relation(node, entity, turn);
            if (models.contains(node.config().access())
                    && !relation.affiliation().reads()) {
                relation.subscriptions().forEach(each -> change(node, each.jid(entity), null, turn));
            }
        }
    }

    private void askOwners(Node node, Jid subscriber, Turn turn) {
        Set<BareJid> owners = new LinkedHashSet<>();
        if (core.host().isOwner(turn.jid(), turn)) {
            owners.add(turn.jid());
        }
        core.nodes().relations(node, turn).forEach((entity, relation) -> {
            if (relation.affiliation() == Affiliation.OWNER) {
                owners.add(entity);
            }
        });
        Element form = Element.builder(FormFields.FORM)
                .attr("type", "form")
                .child(field("FORM_TYPE", "hidden", AUTHORIZATION))
                .child(field("pubsub#node", "text-single", node.name()))
                .child(field("pubsub#subscriber_jid", "jid-single", subscriber.toString()))
                .child(field("pubsub#allow", "boolean", "false"))
                .build();
        for (BareJid owner : owners) {
            turn.route(Message.of(Message.Type.NORMAL, owner, form)
                    .withId(turn.randomId())
                    .withFrom(turn.jid()));
        }
    }

    private static Element field(String var, String type, String value) {
        return Element.of(FormFields.FIELD).attr("var", var).attr("type", type).child(FormFields.VALUE, value);
    }

    /** Takes an owner's answer to the question above (§8.6.1). @return whether the message is one */
    boolean decide(Message message, Turn turn) {
        Element form = message.payload().first(FormFields.FORM);
        if (form == null || !"submit".equals(form.attr("type")) || !hasType(form) || message.from() == null) {
            return false;
        }
        FormFields fields = FormFields.parse(form, AUTHORIZATION);
        String name = fields.one("pubsub#node");
        Jid subscriber = fields.jid("pubsub#subscriber_jid");
        Node node = name == null ? null : core.nodes().find(name, turn);
        if (node == null || subscriber == null) {
            throw PubSubErrors.itemNotFound();
        }
        core.access().checkOwner(node, message.from().bare(), turn);
        Subscription asked =
                core.nodes().relation(node, subscriber.bare(), turn).subscription(subscriber);
        // Whoever did not ask is not subscribed by this, and who withdrew the question neither.
        if (asked != null) {
            String allow = fields.one("pubsub#allow");
            change(node, subscriber, "true".equals(allow) || "1".equals(allow) ? Boolean.FALSE : null, turn);
        }
        return true;
    }

    private static boolean hasType(Element form) {
        return form.children(FormFields.FIELD).stream()
                .anyMatch(field ->
                        "FORM_TYPE".equals(field.attr("var")) && AUTHORIZATION.equals(field.text(FormFields.VALUE)));
    }
}
