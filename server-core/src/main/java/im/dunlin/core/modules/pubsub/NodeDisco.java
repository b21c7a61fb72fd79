// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nodes in disco (XEP-0060 §5.2 to §5.5): each asker sees those whose items it may retrieve. */
final class NodeDisco implements DiscoNodes {
    private static final Name IDENTITY = Name.of(Ns.DISCO_INFO, "identity");
    private static final Name FEATURE = Name.of(Ns.DISCO_INFO, "feature");
    private static final Name ITEM = Name.of(Ns.DISCO_ITEMS, "item");

    private final PubSubCore core;

    NodeDisco(PubSubCore core) {
        this.core = core;
    }

    @Override
    public List<Element> items(Iq iq, Turn turn) {
        BareJid asker = PubSubCore.asker(iq);
        return core.nodes().all(turn).stream()
                .filter(node -> core.access().mayRead(node, asker, turn))
                .map(node -> Element.of(ITEM)
                        .attr("jid", turn.jid().toString())
                        .attr("node", node.name())
                        .attrIfPresent("name", node.config().title()))
                .toList();
    }

    @Override
    public @Nullable List<Element> info(String name, Iq iq, Turn turn) {
        Node node = readable(name, iq, turn);
        if (node == null) {
            return null;
        }
        Element form = node.config()
                .result(
                        Ns.PUBSUB + "#meta-data",
                        NodeField.TITLE,
                        NodeField.DESCRIPTION,
                        NodeField.TYPE,
                        NodeField.ACCESS_MODEL,
                        NodeField.PUBLISH_MODEL,
                        NodeField.MAX_ITEMS);
        return List.of(
                Element.of(IDENTITY).attr("category", "pubsub").attr("type", "leaf"),
                Element.of(FEATURE).attr("var", Ns.PUBSUB),
                Element.of(FEATURE).attr("var", Ns.DISCO_INFO),
                Element.of(FEATURE).attr("var", Ns.DISCO_ITEMS),
                form);
    }

    @Override
    public @Nullable List<Element> items(String name, Iq iq, Turn turn) {
        Node node = readable(name, iq, turn);
        if (node == null) {
            return null;
        }
        return core.nodes().ids(node, turn).stream()
                .map(id -> Element.of(ITEM).attr("jid", turn.jid().toString()).attr("name", id))
                .toList();
    }

    private @Nullable Node readable(String name, Iq iq, Turn turn) {
        Node node = core.nodes().find(name, turn);
        return node != null && core.access().mayRead(node, PubSubCore.asker(iq), turn) ? node : null;
    }
}
