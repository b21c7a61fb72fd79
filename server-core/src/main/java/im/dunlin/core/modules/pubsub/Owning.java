// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What owners do with their nodes (XEP-0060 §8). */
final class Owning {
    private static final Name CREATE = Name.of(Ns.PUBSUB, "create");
    private static final Name CREATE_CONFIGURE = Name.of(Ns.PUBSUB, "configure");
    static final Name CONFIGURE = Name.of(Ns.PUBSUB_OWNER, "configure");
    private static final Name DEFAULT = Name.of(Ns.PUBSUB_OWNER, "default");
    static final Name AFFILIATIONS = Name.of(Ns.PUBSUB_OWNER, "affiliations");
    static final Name AFFILIATION = Name.of(Ns.PUBSUB_OWNER, "affiliation");
    static final Name SUBSCRIPTIONS = Name.of(Ns.PUBSUB_OWNER, "subscriptions");
    static final Name SUBSCRIPTION = Name.of(Ns.PUBSUB_OWNER, "subscription");

    private static final Name REDIRECT = Name.of(Ns.PUBSUB_OWNER, "redirect");

    /** Characters of the address to which a deleted node points. */
    private static final int MAX_URI = 2_048;

    private final PubSubCore core;

    Owning(PubSubCore core) {
        this.core = core;
    }

    /** §8.1: with a name of the server's if the asker has none. */
    Iq create(Iq iq, Element asked, Turn turn) {
        BareJid creator = PubSubCore.asker(iq);
        if (!core.host().mayCreate(creator, turn)) {
            throw PubSubErrors.forbidden();
        }
        String given = asked.attr("node");
        String name = given == null || given.isEmpty() ? turn.randomId() : given;
        if (core.nodes().find(name, turn) != null) {
            throw StanzaError.conflict().toException();
        }
        Element configure = iq.request().first(CREATE_CONFIGURE);
        Element form = configure == null ? null : configure.first(FormFields.FORM);
        NodeConfig config = core.host().defaults(name).with(FormFields.parse(form, NodeConfig.CONFIG_FORM));
        core.create(name, creator, config, turn);
        return iq.result(Element.of(PubSubCore.PUBSUB).child(Element.of(CREATE).attr("node", name)));
    }

    @Nullable
    Iq handle(Iq iq, Element action, boolean get, Turn turn) {
        String name = action.name().local();
        if (get && name.equals("default")) {
            Element form = core.host().defaults("").form(core.host().accessModels());
            return iq.result(
                    Element.of(PubSubCore.OWNER).child(Element.of(DEFAULT).child(form)));
        }
        Node node = core.node(action, turn);
        core.access().checkOwner(node, PubSubCore.asker(iq), turn);
        return switch (name) {
            case "configure" -> get ? configuration(iq, node) : configure(iq, node, action, turn);
            case "affiliations" -> get ? affiliations(iq, node, turn) : affiliate(iq, node, action, turn);
            case "subscriptions" -> get ? subscriptions(iq, node, turn) : subscribe(iq, node, action, turn);
            case "delete" -> delete(iq, node, action, get, turn);
            case "purge" -> purge(iq, node, get, turn);
            default -> throw StanzaError.badRequest().toException();
        };
    }

    // ---- configuration
    // -----------------------------------------------------------------------------------------------

    private Iq configuration(Iq iq, Node node) {
        Element form = node.config().form(core.host().accessModels());
        return iq.result(Element.of(PubSubCore.OWNER)
                .child(Element.of(CONFIGURE).attr("node", node.name()).child(form)));
    }

    private @Nullable Iq configure(Iq iq, Node node, Element action, Turn turn) {
        Element form = action.requireChild(FormFields.FORM);
        if ("cancel".equals(form.attr("type"))) {
            return iq.result();
        }
        Node changed = node.with(node.config().with(FormFields.parse(form, NodeConfig.CONFIG_FORM)));
        core.host().check(node.name(), changed.config());
        core.nodes().put(changed, turn);
        core.nodes().trim(changed, core.host().limits(node.name(), turn), turn);
        turn.answer(iq.result());
        if (changed.config().notifiesConfig()) {
            core.events().configured(changed, turn);
        }
        return null;
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    private @Nullable Iq delete(Iq iq, Node node, Element action, boolean get, Turn turn) {
        checkSet(get);
        Element redirect = action.first(REDIRECT);
        String uri = redirect == null ? null : redirect.requireAttr("uri");
        if (uri != null && uri.length() > MAX_URI) {
            throw StanzaError.notAcceptable()
                    .withText("the address is too long")
                    .toException();
        }
        turn.answer(iq.result());
        if (node.config().notifiesDelete()) {
            core.events().deleted(node, uri, turn);
        }
        core.nodes().delete(node, turn);
        core.observers(node).forEach(observer -> observer.emptied(turn));
        return null;
    }

    private @Nullable Iq purge(Iq iq, Node node, boolean get, Turn turn) {
        checkSet(get);
        if (!node.config().persists()) {
            throw PubSubErrors.unsupported("persistent-items");
        }
        turn.answer(iq.result());
        core.nodes().purge(node, turn);
        if (node.config().notifiesRetract()) {
            core.events().purged(node, turn);
        }
        core.observers(node).forEach(observer -> observer.emptied(turn));
        return null;
    }

    private static void checkSet(boolean get) {
        if (get) {
            throw StanzaError.badRequest().toException();
        }
    }

    // ---- affiliations
    // ------------------------------------------------------------------------------------------------

    private Iq affiliations(Iq iq, Node node, Turn turn) {
        ElementBuilder answer = Element.builder(AFFILIATIONS).attr("node", node.name());
        if (core.host().isOwner(turn.jid(), turn)) {
            answer.child(affiliation(turn.jid(), Affiliation.OWNER));
        }
        core.nodes().relations(node, turn).forEach((entity, relation) -> {
            if (relation.affiliation() != Affiliation.NONE) {
                answer.child(affiliation(entity, relation.affiliation()));
            }
        });
        return iq.result(Element.of(PubSubCore.OWNER).child(answer.build()));
    }

    static Element affiliation(BareJid entity, Affiliation affiliation) {
        return Element.of(AFFILIATION).attr("jid", entity.toString()).attr("affiliation", affiliation.wire());
    }

    private Iq affiliate(Iq iq, Node node, Element action, Turn turn) {
        for (Element each : action.children(AFFILIATION)) {
            BareJid entity = each.requireJid("jid").bare();
            Affiliation affiliation = Affiliation.parse(each.attr("affiliation"));
            if (affiliation == null) {
                throw StanzaError.badRequest("there is no such affiliation").toException();
            }
            if (core.host().isOwner(entity, turn)) {
                throw StanzaError.notAcceptable().toException();
            }
            Relation changed = core.nodes().relation(node, entity, turn).with(affiliation);
            boolean isOut = affiliation == Affiliation.OUTCAST;
            core.subscribing().put(node, entity, isOut ? Relation.NONE.with(affiliation) : changed, turn);
        }
        Map<BareJid, Relation> relations = core.nodes().relations(node, turn);
        boolean owned = core.host().isOwner(turn.jid(), turn)
                || relations.values().stream().anyMatch(each -> each.affiliation() == Affiliation.OWNER);
        if (!owned) {
            throw StanzaError.notAcceptable().withText("a node has an owner").toException();
        }
        return iq.result();
    }

    // ---- subscriptions
    // -----------------------------------------------------------------------------------------------

    private Iq subscriptions(Iq iq, Node node, Turn turn) {
        ElementBuilder answer = Element.builder(SUBSCRIPTIONS).attr("node", node.name());
        core.nodes().relations(node, turn).forEach((entity, relation) -> {
            for (Relation.Subscription each : relation.subscriptions()) {
                answer.child(subscription(entity, each));
            }
        });
        return iq.result(Element.of(PubSubCore.OWNER).child(answer.build()));
    }

    static Element subscription(BareJid entity, Relation.Subscription subscription) {
        return Element.of(SUBSCRIPTION)
                .attr("jid", subscription.jid(entity).toString())
                .attr("subscription", subscription.state())
                .attr("subid", subscription.id());
    }

    private @Nullable Iq subscribe(Iq iq, Node node, Element action, Turn turn) {
        turn.answer(iq.result());
        for (Element each : action.children(SUBSCRIPTION)) {
            Boolean pending = switch (each.requireAttr("subscription")) {
                case "subscribed" -> Boolean.FALSE;
                case "pending" -> Boolean.TRUE;
                case "none" -> null;
                default ->
                    throw StanzaError.badRequest("there is no such subscription")
                            .toException();
            };
            core.subscribing().change(node, each.requireJid("jid"), pending, turn);
        }
        return null;
    }
}
