// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** XEP-0227 §4.9: the nodes of an account, how they are configured, who has to do with them, and what was published. */
final class NodesPart implements AccountPart {
    private static final Name ITEMS = Name.of(Ns.PUBSUB, "items");

    private final PubSubCore core;

    NodesPart(PubSubCore core) {
        this.core = core;
    }

    @Override
    public Set<Name> elements() {
        return Set.of(PubSubCore.OWNER, PubSubCore.PUBSUB);
    }

    // ---- out
    // ---------------------------------------------------------------------------------------------------------

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        core.nodes().forEach(account.key(), reader, node -> exportNode(node, account.key(), reader, out));
        core.nodes()
                .forEach(
                        account.key(),
                        reader,
                        node -> core.nodes()
                                .forEachItem(
                                        node,
                                        account.key(),
                                        reader,
                                        item -> out.accept(exported(node, item, account.jid()))));
    }

    private void exportNode(Node node, OwnerKey owner, Reader reader, Consumer<Element> out) {
        Element form = node.config().result(NodeConfig.CONFIG_FORM, NodeField.values());
        out.accept(of(Element.of(Owning.CONFIGURE).attr("node", node.name()).child(form)));
        core.nodes().forEachRelation(node, owner, reader, (entity, relation) -> {
            if (relation.affiliation() != Affiliation.NONE) {
                out.accept(of(Element.of(Owning.AFFILIATIONS)
                        .attr("node", node.name())
                        .child(Owning.affiliation(entity, relation.affiliation()))));
            }
            relation.subscriptions()
                    .forEach(each -> out.accept(of(Element.of(Owning.SUBSCRIPTIONS)
                            .attr("node", node.name())
                            .child(Owning.subscription(entity, each)))));
        });
    }

    private static Element of(Element child) {
        return Element.of(PubSubCore.OWNER).child(child);
    }

    private static Element exported(Node node, Item item, BareJid account) {
        boolean isOwn = item.publisher().equals(account.toString());
        Element element = Element.of(Publishing.ITEM)
                .attr("id", item.id())
                .attrIfPresent("publisher", isOwn ? null : item.publisher())
                .children(item.payload().children());
        return Element.of(PubSubCore.PUBSUB)
                .child(Element.of(ITEMS).attr("node", node.name()).child(element));
    }

    // ---- in
    // ----------------------------------------------------------------------------------------------------------

    @Override
    public void take(Element piece, Turn turn) {
        for (Element child : piece.children()) {
            if (child.is(ITEMS)) {
                Node node = node(child, turn);
                child.children(Publishing.ITEM).forEach(item -> item(node, item, turn));
            } else if (child.is(Owning.CONFIGURE)) {
                configure(child, turn);
            } else if (child.is(Owning.AFFILIATIONS)) {
                Node node = node(child, turn);
                child.children(Owning.AFFILIATION).forEach(each -> affiliate(node, each, turn));
            } else if (child.is(Owning.SUBSCRIPTIONS)) {
                Node node = node(child, turn);
                child.children(Owning.SUBSCRIPTION).forEach(each -> subscribe(node, each, turn));
            }
        }
    }

    private void configure(Element configure, Turn turn) {
        Node node = node(configure, turn);
        Element form = configure.requireChild(FormFields.FORM);
        NodeConfig config = core.host().defaults(node.name()).adopting(FormFields.parse(form, NodeConfig.CONFIG_FORM));
        Node configured = node.with(allowed(node.name(), config));
        core.nodes().put(configured, turn);
        core.nodes().trim(configured, core.host().limits(node.name(), turn), turn);
    }

    /** A node that is never anybody's but the owner's is so here, whatever it was elsewhere. */
    private NodeConfig allowed(String node, NodeConfig config) {
        try {
            core.host().check(node, config);
            return config;
        } catch (StanzaException e) {
            return config.with(NodeField.ACCESS_MODEL, AccessModel.WHITELIST.wire());
        }
    }

    /** The node, made if it is not there: items may come before their node's configuration, and all of them are kept till then. */
    private Node node(Element of, Turn turn) {
        String name = of.requireAttr("node");
        Node node = core.nodes().find(name, turn);
        if (node != null) {
            return node;
        }
        NodeConfig config = core.host().defaults(name).with(NodeField.MAX_ITEMS, NodeField.MAX);
        return core.create(name, turn.jid(), config, turn);
    }

    private void item(Node node, Element given, Turn turn) {
        String id = Objects.requireNonNullElseGet(given.attr("id"), turn::randomId);
        List<Element> content = given.children();
        if (content.size() > 1) {
            throw StanzaError.badRequest("an item has one payload").toException();
        }
        PubSubCore.checkLength(id);
        if (node.config().persists()) {
            BareJid publisher = publisher(given, turn);
            Item item = new Item(id, turn.stamp(), publisher.toString(), Payload.of(content));
            core.nodes().add(node, item, core.host().limits(node.name(), turn), turn);
        }
    }

    private static BareJid publisher(Element item, Turn turn) {
        Jid publisher = item.optionalJid("publisher");
        return publisher == null ? turn.jid() : publisher.bare();
    }

    private void affiliate(Node node, Element given, Turn turn) {
        Affiliation affiliation = Affiliation.parse(given.attr("affiliation"));
        if (affiliation == null) {
            throw StanzaError.badRequest("affiliation='" + given.attr("affiliation") + "'")
                    .toException();
        }
        change(node, given, turn, (relation, jid) -> relation.with(affiliation));
    }

    private void subscribe(Node node, Element given, Turn turn) {
        String state = given.requireAttr("subscription");
        boolean pending = state.equals("pending");
        if (pending || state.equals("subscribed")) {
            String id = Objects.requireNonNullElseGet(given.attr("subid"), turn::randomId);
            change(
                    node,
                    given,
                    turn,
                    (relation, jid) -> relation.with(new Relation.Subscription(jid.resource(), id, pending), jid));
        }
    }

    private void change(Node node, Element given, Turn turn, BiFunction<Relation, Jid, Relation> change) {
        Jid jid = given.requireJid("jid");
        if (!core.host().isOwner(jid.bare(), turn)) {
            Relation relation = core.nodes().relation(node, jid.bare(), turn);
            Relation changed = change.apply(relation, jid);
            core.nodes().put(node, jid.bare(), changed, core.host().limits(node.name(), turn), turn);
        }
    }
}
