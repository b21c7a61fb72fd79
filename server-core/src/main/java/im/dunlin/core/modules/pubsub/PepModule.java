// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.module.Addressee.ACCOUNT;
import static im.dunlin.core.module.Addressee.OWN_ACCOUNT;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.config.Setting;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.blocking.BlockingView;
import im.dunlin.core.modules.caps.CapsView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.modules.roster.RosterItem;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0163: Personal Eventing Protocol. Every account has nodes; who gets its presence gets the events that it asked for in its
 * capabilities.
 *
 * <p>An account hands an event to each contact once, and the contact's own turn finds the sessions that want it: nobody has to
 * know the presence of anybody else's resources.
 */
public final class PepModule implements NodeHost, PubSub, RosterView.SubscriberListener {
    /** Its name in the configuration. */
    public static final String KEY = "pep";

    /** Whoever gets the account's presence is subscribed by that. */
    private static final EnumSet<AccessModel> BY_PRESENCE =
            EnumSet.of(AccessModel.OPEN, AccessModel.PRESENCE, AccessModel.ROSTER);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /** How often a session may begin to be interested, and in what it will be when its time comes. */
    private static final SessionKey<Allowance> ALLOWANCE = new SessionKey<>("pep.allowance");

    private static final SessionKey<Set<String>> WAITING = new SessionKey<>("pep.waiting");

    /** Payloads that are images. */
    private static final String AVATAR_DATA = "urn:xmpp:avatar:data";

    /** What one account keeps. */
    public record Options(
            @Setting(says = "Nodes of an account.", byDefault = "200", min = 10, max = 2_000)
            int nodes,

            @Setting(says = "Items of a node.", byDefault = "1000", min = 10, max = 5_000)
            int items,

            @Setting(says = "Bytes of an item.", byDefault = "64KiB", min = 1_024, max = 1 << 20, bytes = true)
            int itemBytes,

            @Setting(
                    says = "Bytes of an avatar's image (XEP-0084), as it is sent.",
                    byDefault = "256KiB",
                    min = 1_024,
                    max = 1 << 20,
                    bytes = true)
            int avatarBytes,

            @Setting(
                    says = "Bytes of all items of an account.",
                    byDefault = "16MiB",
                    min = 64 << 10,
                    max = 1 << 30,
                    bytes = true)
            int bytes,

            @Setting(says = "Entities that subscribe to one node.", byDefault = "1000", min = 10, max = 5_000)
            int subscribers) {}

    private final Setup setup;
    private final Limits.Rate rate;
    private final RosterView roster;
    private final PresenceView presence;
    private final BlockingView blocking;
    private final CapsView caps;
    private final PubSubCore core;
    private final Map<String, NodeConfig> presets = new HashMap<>();
    private final Set<String> privates = new HashSet<>();

    public PepModule(Setup setup) {
        this.setup = setup;
        rate = setup.config().limits().rate();
        roster = setup.require(RosterView.class);
        presence = setup.require(PresenceView.class);
        blocking = setup.require(BlockingView.class);
        caps = setup.require(CapsView.class);
        Nodes nodes = new Nodes(setup);
        core = new PubSubCore(nodes, this);
        roster.follow(this);
        caps.follow(this::interested);
        caps.followDistant(this::sendLastItems);
        setup.implementing(60, "1.30.0")
                .implementing(163, "1.2.2")
                .implementing(222, "1.0")
                .implementing(223, "1.1.1")
                .provide(Nodes.class, nodes)
                .provide(PubSub.class, this)
                .identity(new Identity("pubsub", "pep", ""), OWN_ACCOUNT, ACCOUNT)
                .feature(Ns.PUBSUB + "#auto-subscribe", OWN_ACCOUNT, ACCOUNT)
                .feature(Ns.PUBSUB + "#filtered-notifications", OWN_ACCOUNT, ACCOUNT)
                .discoNodes(new NodeDisco(core), OWN_ACCOUNT, ACCOUNT)
                .iqGet(PubSubCore.PUBSUB, Set.of(OWN_ACCOUNT), core::handle)
                .iqSet(PubSubCore.PUBSUB, Set.of(OWN_ACCOUNT), core::handle)
                .iqGet(PubSubCore.OWNER, Set.of(OWN_ACCOUNT), core::handle)
                .iqSet(PubSubCore.OWNER, Set.of(OWN_ACCOUNT), core::handle)
                .iqGet(PubSubCore.PUBSUB, Set.of(ACCOUNT), this::others)
                .iqSet(PubSubCore.PUBSUB, Set.of(ACCOUNT), this::others)
                .iqGet(PubSubCore.OWNER, Set.of(ACCOUNT), this::others)
                .iqSet(PubSubCore.OWNER, Set.of(ACCOUNT), this::others)
                .message(Stage.ANNOTATE, this::annotate)
                .accountPart(new NodesPart(core));
        core.features().forEach(feature -> setup.feature(feature, OWN_ACCOUNT, ACCOUNT));
    }

    /** To a stranger, an account that refuses looks like one that does not exist (threat S14). */
    private @Nullable Iq others(Iq iq, Turn turn) {
        try {
            return core.handle(iq, turn);
        } catch (StanzaException e) {
            if (roster.sendsPresenceTo(PubSubCore.asker(iq), turn)) {
                throw e;
            }
            throw StanzaError.serviceUnavailable().toException();
        }
    }

    // ---- NodeHost
    // ----------------------------------------------------------------------------------------------------

    @Override
    public PubSubLimits limits(String node, Turn turn) {
        Options options = setup.config().host(turn.jid().domain()).options(KEY, Options.class);
        int bytes = node.equals(AVATAR_DATA) ? options.avatarBytes() : options.itemBytes();
        return new PubSubLimits(
                options.nodes(), options.nodes(), options.items(), bytes, options.bytes(), options.subscribers());
    }

    @Override
    public NodeConfig defaults(String node) {
        NodeConfig exact = presets.get(node);
        return exact != null
                ? exact
                : presets.getOrDefault(node.substring(0, node.lastIndexOf(':') + 1), NodeConfig.USUAL);
    }

    @Override
    public void check(String node, NodeConfig config) {
        if (privates.contains(node) && config.access() != AccessModel.WHITELIST) {
            throw StanzaError.notAcceptable()
                    .withText("this node is nobody else's")
                    .toException();
        }
    }

    @Override
    public List<AccessModel> accessModels() {
        return List.of(AccessModel.values());
    }

    @Override
    public boolean isOwner(BareJid entity, Turn turn) {
        return entity.equals(turn.jid());
    }

    @Override
    public boolean mayCreate(BareJid entity, Turn turn) {
        return entity.equals(turn.jid());
    }

    @Override
    public boolean sharesPresenceWith(BareJid entity, Turn turn) {
        return roster.sendsPresenceTo(entity, turn);
    }

    @Override
    public boolean isInGroup(BareJid entity, List<String> groups, Turn turn) {
        RosterItem item = roster.item(entity, turn);
        return item != null && item.from() && item.groups().stream().anyMatch(groups::contains);
    }

    @Override
    public void notify(
            Message notification,
            Node node,
            Map<BareJid, Relation> relations,
            Collection<BareJid> subscribers,
            Turn turn) {
        interested(node.name(), turn).forEach(session -> turn.send(session, notification.withTo(session.jid())));
        Set<BareJid> all = new LinkedHashSet<>(subscribers);
        all.addAll(contacts(node, relations, turn));
        all.remove(turn.jid());
        if (blocking.hasBlocked(turn)) {
            all.removeIf(contact -> blocking.isBlocked(contact, turn));
        }
        turn.routeToSessions(notification, all);
        for (FullJid distant : caps.distant(node.name(), turn)) {
            if (!all.contains(distant.bare())
                    && roster.sendsPresenceTo(distant.bare(), turn)
                    && mayHear(distant.bare(), node, relations, turn)
                    && !blocking.isBlocked(distant, turn)) {
                turn.route(notification.withTo(distant));
            }
        }
    }

    /** Who here is subscribed by the presence that it gets (XEP-0060 §9.1). */
    private List<BareJid> contacts(Node node, Map<BareJid, Relation> relations, Turn turn) {
        // Only who was let in by hand may know of other nodes; their number is that of the rows.
        Collection<BareJid> candidates = BY_PRESENCE.contains(node.config().access())
                ? roster.subscribers(turn)
                : relations.keySet().stream()
                        .filter(entity -> roster.sendsPresenceTo(entity, turn))
                        .toList();
        return candidates.stream()
                .filter(this::isLocal)
                .filter(contact -> mayHear(contact, node, relations, turn))
                .toList();
    }

    /** @param contact that gets the account's presence */
    private boolean mayHear(BareJid contact, Node node, Map<BareJid, Relation> relations, Turn turn) {
        Relation relation = relations.getOrDefault(contact, Relation.NONE);
        AccessModel access = node.config().access();
        if (!BY_PRESENCE.contains(access)) {
            return relation.affiliation().reads() || relation.isSubscribed();
        }
        return relation.affiliation() != Affiliation.OUTCAST
                && (access != AccessModel.ROSTER
                        || isInGroup(contact, node.config().rosterGroups(), turn));
    }

    /** Whether the entity's own turn will find the sessions that are interested. */
    private boolean isLocal(BareJid entity) {
        HostConfig host = setup.config().hosts().get(entity.domain());
        return entity.local() != null && host != null && host.hasModule(KEY);
    }

    private List<ClientSession> interested(String node, Turn turn) {
        List<ClientSession> interested = new ArrayList<>(turn.sessions().size());
        for (ClientSession session : turn.sessions()) {
            if (wants(session, node, turn)) {
                interested.add(session);
            }
        }
        return interested;
    }

    private boolean wants(ClientSession session, String node, Turn turn) {
        return presence.isAvailable(session, turn)
                && caps.interests(session, turn).contains(node);
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    /** An account's event is for the sessions that want it (§5.3.3), and an owner's decision is for its node. */
    private Verdict annotate(Passage passage, Turn turn) {
        Message message = passage.message();
        if (passage.way() == Way.INBOUND) {
            String node = isEventOfAccount(message) ? Events.nodeOf(message) : null;
            if (node != null) {
                passage.addressTo(interested(node, turn));
            }
            return Verdict.PASS;
        }
        boolean decides = turn.jid().equals(message.to())
                && message.payload().has(FormFields.FORM)
                && core.subscribing().decide(message, turn);
        return decides ? Verdict.drop("a decision about a subscription") : Verdict.PASS;
    }

    /** Clients send from full JIDs: from a bare one of ours it is what this server made. */
    private boolean isEventOfAccount(Message message) {
        return message.to() instanceof BareJid
                && message.from() instanceof BareJid from
                && isLocal(from)
                && message.payload().has(Events.EVENT);
    }

    // ---- last items
    // --------------------------------------------------------------------------------------------------

    /**
     * A session begins to be interested (§5.3.4): it gets the last item of each such node. That goes through all contacts, so one
     * that changes its mind too often waits, as its presence does (threat R09).
     */
    private void interested(ClientSession session, Set<String> names, Turn turn) {
        Set<String> waiting = turn.get(session, WAITING);
        Allowance left = Allowance.spend(
                turn.get(session, ALLOWANCE), rate.presencesBurst(), rate.presencesPerMinute(), turn.now());
        if (left != null && waiting == null) {
            turn.set(session, ALLOWANCE, left);
            sendLastItems(session, names, turn);
            return;
        }
        Set<String> all = new HashSet<>(names);
        all.addAll(Objects.requireNonNullElse(waiting, Set.of()));
        all.retainAll(caps.interests(session, turn));
        turn.set(session, WAITING, Set.copyOf(all));
        if (waiting == null) {
            turn.later(MINUTE.dividedBy(rate.presencesPerMinute()), later -> sendWaiting(session, later));
        }
    }

    private void sendWaiting(ClientSession session, Turn turn) {
        Set<String> waiting = turn.get(session, WAITING);
        if (waiting != null && turn.sessions().contains(session)) {
            turn.set(session, WAITING, null);
            turn.set(session, ALLOWANCE, Allowance.none(turn.now()));
            Set<String> names = new HashSet<>(waiting);
            names.retainAll(caps.interests(session, turn));
            sendLastItems(session, names, turn);
        }
    }

    /** Those of its own account come first. */
    private void sendLastItems(ClientSession session, Set<String> names, Turn turn) {
        lastItems(turn.jid(), names, turn).forEach(last -> turn.send(session, last.withTo(session.jid())));
        List<BareJid> contacts = roster.subscriptions(turn).stream()
                .filter(this::isLocal)
                .filter(contact -> !blocking.isBlocked(contact, turn))
                .toList();
        askNext(session, names, contacts, 0, turn);
    }

    /** One contact after the other, so that a login with many of them is no storm. */
    private void askNext(ClientSession session, Set<String> names, List<BareJid> contacts, int next, Turn turn) {
        if (next == contacts.size() || !turn.sessions().contains(session) || !presence.isAvailable(session, turn)) {
            return;
        }
        BareJid self = turn.jid();
        turn.askOwner(contacts.get(next), asked -> lastItems(self, names, asked), (then, lasts) -> {
            if (lasts != null && then.sessions().contains(session)) {
                lasts.forEach(last -> then.send(session, last.withTo(session.jid())));
            }
            askNext(session, names, contacts, next + 1, then);
        });
    }

    private void sendLastItems(FullJid client, Set<String> names, Turn turn) {
        lastItems(client.bare(), names, turn).forEach(last -> turn.route(last.withTo(client)));
    }

    /** The last items of the turn's account that this entity may and wants to have. */
    private List<Message> lastItems(BareJid entity, Set<String> names, Turn turn) {
        List<Message> lasts = new ArrayList<>();
        if (turn.exists()
                && turn.owner().kind() == OwnerKind.ACCOUNT
                && setup.config().host(turn.jid().domain()).hasModule(KEY)
                && roster.sendsPresenceTo(entity, turn)
                && !blocking.isBlocked(entity, turn)) {
            for (Node node : core.nodes().all(turn)) {
                if (names.contains(node.name())) {
                    addLast(node, entity, lasts, turn);
                }
            }
        }
        return lasts;
    }

    private void addLast(Node node, BareJid entity, List<Message> lasts, Turn turn) {
        Message last = node.config().sendsLastOnPresence() && core.access().mayRead(node, entity, turn)
                ? core.events().last(node, turn)
                : null;
        if (last != null) {
            lasts.add(last);
        }
    }

    /** A new subscriber's sessions have said before what they are interested in. */
    @Override
    public void added(BareJid subscriber, Turn turn) {
        if (isLocal(subscriber) && !blocking.isBlocked(subscriber, turn)) {
            List<Message> lasts = new ArrayList<>();
            core.nodes().all(turn).forEach(node -> addLast(node, subscriber, lasts, turn));
            lasts.forEach(last -> turn.routeToSessions(last, List.of(subscriber)));
        }
    }

    /** §7.1: who gets the presence no longer, or stands in other groups, loses what it had by that. */
    @Override
    public void changed(BareJid contact, Turn turn) {
        core.subscribing().withdraw(contact, turn);
    }

    @Override
    public void leaving(BareJid subscriber, Turn turn) {
        // The roster says so only when this turn has gone on.
        core.subscribing().withdraw(subscriber, EnumSet.of(AccessModel.PRESENCE, AccessModel.ROSTER), turn);
    }

    // ---- PubSub
    // ------------------------------------------------------------------------------------------------------

    @Override
    public void observe(String node, NodeObserver observer) {
        core.observe(node, observer);
    }

    @Override
    public void preset(String node, Map<String, String> fields) {
        presets.put(node, with(NodeConfig.USUAL, fields));
    }

    @Override
    public void presetPrivate(String node, Map<String, String> fields) {
        presets.put(node, with(NodeConfig.USUAL, fields).with(NodeField.ACCESS_MODEL, AccessModel.WHITELIST.wire()));
        privates.add(node);
    }

    private static NodeConfig with(NodeConfig config, Map<String, String> fields) {
        NodeConfig changed = config;
        for (Map.Entry<String, String> each : fields.entrySet()) {
            NodeField field = NodeField.of(each.getKey());
            if (field == null) {
                throw new IllegalArgumentException("no field of a node: " + each.getKey());
            }
            changed = changed.with(field, each.getValue());
        }
        return changed;
    }

    @Override
    public List<Item> items(String node, Turn turn) {
        Node found = core.nodes().find(node, turn);
        return found == null ? List.of() : core.nodes().everything(found, turn);
    }

    @Override
    public @Nullable Item item(String node, String id, Turn turn) {
        Node found = core.nodes().find(node, turn);
        return found == null ? null : core.nodes().item(found, id, turn);
    }

    @Override
    public @Nullable Item last(String node, Turn turn) {
        Node found = core.nodes().find(node, turn);
        List<Item> newest = found == null ? List.of() : core.nodes().newest(found, 1, turn);
        return newest.isEmpty() ? null : newest.get(0);
    }

    @Override
    public boolean mayRead(String node, BareJid entity, Turn turn) {
        Node found = core.nodes().find(node, turn);
        return found != null && core.access().mayRead(found, entity, turn);
    }

    @Override
    public void publish(String node, String id, Element payload, Map<String, String> fields, Turn turn) {
        Node found = core.nodes().find(node, turn);
        if (found == null) {
            found = core.create(node, turn.jid(), with(defaults(node), fields), turn);
        }
        core.publishing().put(found, new Item(id, turn.stamp(), turn.jid().toString(), Payload.of(payload)), turn);
    }

    @Override
    public void retract(String node, String id, Turn turn) {
        Node found = core.nodes().find(node, turn);
        Item item = found == null ? null : core.nodes().item(found, id, turn);
        if (found != null && item != null) {
            core.publishing().remove(found, item, true, turn);
        }
    }
}
