// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Setting;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.xml.Name;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0060: Publish-Subscribe, as a service: nodes that belong to nobody's account. Whoever has an account at the host makes them;
 * anybody may subscribe to those that are open.
 */
public final class PubSubModule implements Service, NodeHost {
    /** Its name in the configuration. */
    public static final String KEY = "pubsub";

    private static final String SUBDOMAIN = "pubsub";

    /** There is no presence and no roster here. */
    private static final List<AccessModel> ACCESS_MODELS =
            List.of(AccessModel.OPEN, AccessModel.AUTHORIZE, AccessModel.WHITELIST);

    private static final NodeConfig DEFAULTS = NodeConfig.USUAL
            .with(NodeField.ACCESS_MODEL, AccessModel.OPEN.wire())
            .with(NodeField.MAX_ITEMS, NodeField.MAX)
            .with(NodeField.SEND_LAST, "on_sub");

    /** What the service keeps. */
    public record Options(
            @Setting(says = "Nodes of the service.", byDefault = "1000", min = 10, max = 10_000)
            int nodes,

            @Setting(
                    says = "Nodes with which an account has something to do, beyond which it makes no more.",
                    byDefault = "50",
                    min = 1,
                    max = 10_000)
            int nodesOfUser,

            @Setting(says = "Items of a node.", byDefault = "1000", min = 10, max = 5_000)
            int items,

            @Setting(says = "Bytes of an item.", byDefault = "64KiB", min = 1_024, max = 1 << 20, bytes = true)
            int itemBytes,

            @Setting(
                    says = "Bytes of all items of the service.",
                    byDefault = "64MiB",
                    min = 64 << 10,
                    max = 1 << 30,
                    bytes = true)
            int bytes,

            @Setting(says = "Entities that subscribe to one node.", byDefault = "5000", min = 10, max = 10_000)
            int subscribers) {}

    private final Setup setup;
    private final PubSubCore core;
    private final DiscoNodes nodes;

    public PubSubModule(Setup setup) {
        this.setup = setup;
        core = new PubSubCore(setup.require(Nodes.class), this);
        nodes = new NodeDisco(core);
        setup.implementing(60, "1.30.0").service(this);
    }

    // ---- Service
    // -----------------------------------------------------------------------------------------------------

    @Override
    public String subdomain() {
        return SUBDOMAIN;
    }

    @Override
    public Identity identity() {
        return new Identity("pubsub", "service", "Publish-Subscribe");
    }

    @Override
    public Set<String> features() {
        return core.features();
    }

    @Override
    public DiscoNodes nodes() {
        return nodes;
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        if (stanza.isAnswer() || stanza.from() == null) {
            return;
        }
        if (stanza instanceof Iq iq) {
            receive(iq, turn);
        } else if (stanza instanceof Message message && !core.subscribing().decide(message, turn)) {
            throw StanzaError.serviceUnavailable().toException();
        }
    }

    private void receive(Iq iq, Turn turn) {
        Name request = iq.requestName();
        boolean isOurs =
                turn.jid().equals(iq.to()) && (request.equals(PubSubCore.PUBSUB) || request.equals(PubSubCore.OWNER));
        if (!isOurs) {
            throw StanzaError.serviceUnavailable().toException();
        }
        @Nullable Iq answer = core.handle(iq, turn);
        if (answer != null) {
            turn.answer(answer);
        }
    }

    // ---- NodeHost
    // ----------------------------------------------------------------------------------------------------

    private static String hostOf(Turn turn) {
        return turn.jid().domain().substring(SUBDOMAIN.length() + 1);
    }

    private HostConfig host(Turn turn) {
        return setup.config().host(hostOf(turn));
    }

    @Override
    public PubSubLimits limits(String node, Turn turn) {
        Options options = host(turn).options(KEY, Options.class);
        return new PubSubLimits(
                options.nodes(),
                options.nodesOfUser(),
                options.items(),
                options.itemBytes(),
                options.bytes(),
                options.subscribers());
    }

    @Override
    public NodeConfig defaults(String node) {
        return DEFAULTS;
    }

    @Override
    public void check(String node, NodeConfig config) {
        if (!ACCESS_MODELS.contains(config.access())) {
            throw PubSubErrors.of(Condition.NOT_ACCEPTABLE, "unsupported-access-model");
        }
    }

    @Override
    public List<AccessModel> accessModels() {
        return ACCESS_MODELS;
    }

    /** The administrators of the host, beside those whom a node's rows name. */
    @Override
    public boolean isOwner(BareJid entity, Turn turn) {
        return host(turn).admins().contains(entity);
    }

    @Override
    public boolean mayCreate(BareJid entity, Turn turn) {
        return entity.local() != null && entity.domain().equals(hostOf(turn));
    }

    @Override
    public boolean sharesPresenceWith(BareJid entity, Turn turn) {
        return false;
    }

    @Override
    public boolean isInGroup(BareJid entity, List<String> groups, Turn turn) {
        return false;
    }

    @Override
    public void notify(
            Message notification,
            Node node,
            Map<BareJid, Relation> relations,
            Collection<BareJid> subscribers,
            Turn turn) {
        subscribers.forEach(subscriber -> turn.route(notification.withTo(subscriber)));
    }
}
