// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an entity asks for: items (XEP-0060 §6.5), its own subscriptions (§5.6) and affiliations (§5.7). */
final class Retrieval {
    private static final Name ITEMS = Name.of(Ns.PUBSUB, "items");
    static final Name SUBSCRIPTIONS = Name.of(Ns.PUBSUB, "subscriptions");
    static final Name SUBSCRIPTION = Name.of(Ns.PUBSUB, "subscription");
    private static final Name AFFILIATIONS = Name.of(Ns.PUBSUB, "affiliations");
    private static final Name AFFILIATION = Name.of(Ns.PUBSUB, "affiliation");

    private final PubSubCore core;

    Retrieval(PubSubCore core) {
        this.core = core;
    }

    Iq items(Iq iq, Element asked, Turn turn) {
        Node node = core.node(asked, turn);
        core.access().checkRead(node, PubSubCore.asker(iq), turn);
        List<Element> ids = asked.children(Publishing.ITEM);
        if (!ids.isEmpty()) {
            return answer(iq, node, named(node, ids, turn), null);
        }
        int all = core.host().limits(node.name(), turn).items();
        Integer newest = asked.optionalInt("max_items", 1, Integer.MAX_VALUE);
        int most = newest == null ? all : Math.min(newest, all);
        Element set = iq.request().first(PageRequest.SET);
        // Without a page request the newest are given, and a page's marks if these are not all (§6.5.4).
        PageRequest request = set == null ? new PageRequest(most, null, "") : PageRequest.parse(set, most, all);
        Nodes.Page page = core.nodes().page(node, request, turn);
        return answer(iq, node, page.items(), set == null && !page.isCut() ? null : marks(node, page));
    }

    /** @throws im.dunlin.core.stanza.StanzaException {@code item-not-found} if not even one of them is there */
    private List<Item> named(Node node, List<Element> asked, Turn turn) {
        List<Item> found = new ArrayList<>();
        long bytes = 0;
        for (Element each : asked) {
            String id = each.attr("id");
            Item item = id == null ? null : core.nodes().item(node, id, turn);
            bytes += item == null ? 0 : item.bytes();
            if (item != null && (found.isEmpty() || bytes <= Nodes.PAGE_BYTES)) {
                found.add(item);
            }
        }
        if (found.isEmpty()) {
            throw PubSubErrors.itemNotFound();
        }
        return found;
    }

    private static Element marks(Node node, Nodes.Page page) {
        ElementBuilder marks = Element.builder(PageRequest.SET);
        if (!page.items().isEmpty()) {
            marks.child(PageRequest.FIRST, page.items().get(0).id());
            marks.child(
                    PageRequest.LAST, page.items().get(page.items().size() - 1).id());
        }
        return marks.child(PageRequest.COUNT, Integer.toString(node.items())).build();
    }

    private static Iq answer(Iq iq, Node node, List<Item> items, @Nullable Element marks) {
        ElementBuilder answer = Element.builder(ITEMS).attr("node", node.name());
        for (Item item : items) {
            answer.child(Element.of(Publishing.ITEM).attr("id", item.id()).childIfPresent(item.content()));
        }
        return iq.result(Element.builder(PubSubCore.PUBSUB)
                .child(answer.build())
                .childIfPresent(marks)
                .build());
    }

    // ---- what one has to do with nodes
    // -------------------------------------------------------------------------------

    Iq subscriptions(Iq iq, Element asked, Turn turn) {
        BareJid asker = PubSubCore.asker(iq);
        ElementBuilder answer = Element.builder(SUBSCRIPTIONS).attrIfPresent("node", asked.attr("node"));
        for (Node node : nodesOf(asker, asked, turn)) {
            core.nodes()
                    .relation(node, asker, turn)
                    .subscriptions()
                    .forEach(each -> answer.child(subscription(node, asker, each)));
        }
        return iq.result(Element.of(PubSubCore.PUBSUB).child(answer.build()));
    }

    static Element subscription(Node node, BareJid entity, Relation.Subscription subscription) {
        return Element.of(SUBSCRIPTION)
                .attr("node", node.name())
                .attr("jid", subscription.jid(entity).toString())
                .attr("subscription", subscription.state())
                .attr("subid", subscription.id());
    }

    Iq affiliations(Iq iq, Element asked, Turn turn) {
        BareJid asker = PubSubCore.asker(iq);
        ElementBuilder answer = Element.builder(AFFILIATIONS).attrIfPresent("node", asked.attr("node"));
        List<Node> nodes = core.host().isOwner(asker, turn) && asked.attr("node") == null
                ? core.nodes().all(turn)
                : nodesOf(asker, asked, turn);
        for (Node node : nodes) {
            Affiliation affiliation = core.access().affiliation(node, asker, turn);
            if (affiliation != Affiliation.NONE) {
                answer.child(Element.of(AFFILIATION).attr("node", node.name()).attr("affiliation", affiliation.wire()));
            }
        }
        return iq.result(Element.of(PubSubCore.PUBSUB).child(answer.build()));
    }

    private List<Node> nodesOf(BareJid asker, Element asked, Turn turn) {
        return asked.attr("node") == null ? core.nodes().nodesOf(asker, turn) : List.of(core.node(asked, turn));
    }
}
