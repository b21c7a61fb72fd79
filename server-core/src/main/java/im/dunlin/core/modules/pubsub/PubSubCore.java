// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** XEP-0060 for the nodes of one kind of host: takes the requests apart. */
final class PubSubCore {
    static final Name PUBSUB = Name.of(Ns.PUBSUB, "pubsub");
    static final Name OWNER = Name.of(Ns.PUBSUB_OWNER, "pubsub");

    /** Of a node's name and of an item's id; a longer one would be a long key in several rows. */
    private static final int MAX_NAME_BYTES = 1_023;

    /** Beside an action, and never one themselves. */
    private static final Set<Name> QUALIFIERS =
            Set.of(Name.of(Ns.PUBSUB, "configure"), Name.of(Ns.PUBSUB, "publish-options"), Name.of(Ns.RSM, "set"));

    private static final List<String> FEATURES = List.of(
            "auto-create",
            "config-node",
            "config-node-max",
            "create-and-configure",
            "create-nodes",
            "delete-items",
            "delete-nodes",
            "instant-nodes",
            "item-ids",
            "last-published",
            "manage-subscriptions",
            "member-affiliation",
            "meta-data",
            "modify-affiliations",
            "multi-items",
            "outcast-affiliation",
            "persistent-items",
            "publish",
            "publish-only-affiliation",
            "publish-options",
            "publisher-affiliation",
            "purge-nodes",
            "retract-items",
            "retrieve-affiliations",
            "retrieve-default",
            "retrieve-items",
            "retrieve-subscriptions",
            "rsm",
            "subscribe",
            "subscription-notifications");

    private final Nodes nodes;
    private final NodeHost host;
    private final Access access;
    private final Events events;
    private final Publishing publishing;
    private final Retrieval retrieval;
    private final Subscribing subscribing;
    private final Owning owning;
    private final Map<String, List<NodeObserver>> observers = new HashMap<>();

    PubSubCore(Nodes nodes, NodeHost host) {
        this.nodes = nodes;
        this.host = host;
        access = new Access(nodes, host);
        events = new Events(nodes, host, access);
        publishing = new Publishing(this);
        retrieval = new Retrieval(this);
        subscribing = new Subscribing(this);
        owning = new Owning(this);
    }

    /** What the host's disco says (§10). */
    Set<String> features() {
        Set<String> features = new TreeSet<>();
        features.add(Ns.PUBSUB);
        FEATURES.forEach(feature -> features.add(Ns.PUBSUB + '#' + feature));
        host.accessModels().forEach(model -> features.add(Ns.PUBSUB + "#access-" + model.wire()));
        return features;
    }

    // ---- the parts
    // ---------------------------------------------------------------------------------------------------

    Nodes nodes() {
        return nodes;
    }

    NodeHost host() {
        return host;
    }

    Access access() {
        return access;
    }

    Events events() {
        return events;
    }

    Publishing publishing() {
        return publishing;
    }

    Retrieval retrieval() {
        return retrieval;
    }

    Subscribing subscribing() {
        return subscribing;
    }

    void observe(String node, NodeObserver observer) {
        observers.computeIfAbsent(node, name -> new ArrayList<>(1)).add(observer);
    }

    List<NodeObserver> observers(Node node) {
        return observers.getOrDefault(node.name(), List.of());
    }

    // ---- requests
    // ----------------------------------------------------------------------------------------------------

    @Nullable
    Iq handle(Iq iq, Turn turn) {
        Element request = iq.request();
        Element action = null;
        for (Element child : request.children()) {
            if (action == null && !QUALIFIERS.contains(child.name())) {
                action = child;
            }
        }
        if (action == null || !action.name().namespace().equals(request.name().namespace())) {
            throw StanzaError.badRequest("what is to be done?").toException();
        }
        boolean get = iq.type() == Iq.Type.GET;
        return request.is(OWNER) ? owning.handle(iq, action, get, turn) : handle(iq, action, get, turn);
    }

    private @Nullable Iq handle(Iq iq, Element action, boolean get, Turn turn) {
        String name = action.name().local();
        if (get) {
            return switch (name) {
                case "items" -> retrieval.items(iq, action, turn);
                case "subscriptions" -> retrieval.subscriptions(iq, action, turn);
                case "affiliations" -> retrieval.affiliations(iq, action, turn);
                case "default", "options" -> throw PubSubErrors.unsupported("subscription-options");
                default -> throw StanzaError.badRequest().toException();
            };
        }
        return switch (name) {
            case "publish" -> publishing.publish(iq, action, turn);
            case "retract" -> publishing.retract(iq, action, turn);
            case "subscribe" -> subscribing.subscribe(iq, action, turn);
            case "unsubscribe" -> subscribing.unsubscribe(iq, action, turn);
            case "create" -> owning.create(iq, action, turn);
            case "options" -> throw PubSubErrors.unsupported("subscription-options");
            default -> throw StanzaError.badRequest().toException();
        };
    }

    static BareJid asker(Iq iq) {
        return Objects.requireNonNull(iq.from()).bare();
    }

    /** @throws im.dunlin.core.stanza.StanzaException {@code bad-request} without a node, {@code item-not-found} for none */
    Node node(Element action, Turn turn) {
        String name = action.attr("node");
        if (name == null || name.isEmpty()) {
            throw PubSubErrors.badRequest("nodeid-required");
        }
        Node node = nodes.find(name, turn);
        if (node == null) {
            throw PubSubErrors.itemNotFound();
        }
        return node;
    }

    /**
     * Makes a node as somebody asked for.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code not-acceptable} for a name or a configuration that it cannot have
     */
    Node create(String name, BareJid creator, NodeConfig config, Turn turn) {
        checkLength(name);
        host.check(name, config);
        Node node = nodes.create(name, creator, config, host.limits(name, turn), turn);
        // Also of a service's administrator, who may cease to be one.
        if (!creator.equals(turn.jid())) {
            nodes.put(node, creator, Relation.NONE.with(Affiliation.OWNER), host.limits(name, turn), turn);
        }
        return node;
    }

    static void checkLength(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw StanzaError.of(Condition.NOT_ACCEPTABLE, "a name has at most " + MAX_NAME_BYTES + " bytes")
                    .toException();
        }
    }
}
