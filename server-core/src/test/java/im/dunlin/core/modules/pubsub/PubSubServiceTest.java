// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.condition;
import static im.dunlin.core.modules.pubsub.PepFixture.form;
import static im.dunlin.core.modules.pubsub.PepFixture.get;
import static im.dunlin.core.modules.pubsub.PepFixture.ids;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.items;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.owner;
import static im.dunlin.core.modules.pubsub.PepFixture.pubsub;
import static im.dunlin.core.modules.pubsub.PepFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0060 as a service of a host. */
class PubSubServiceTest {
    private static final String SERVICE = "to='pubsub.localhost'";
    private static final String NEWS = "news";

    private final MemoryStore store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private final TestServer server;
    private final TestClient juliet;
    private final TestClient romeo;
    private final TestClient admin;

    PubSubServiceTest() throws ConfigException {
        server = server();
        juliet = server.connect("juliet@localhost/balcony");
        romeo = server.connect("romeo@localhost/orchard");
        admin = server.connect("escalus@localhost/palace");
    }

    private TestServer server() throws ConfigException {
        ServerConfig config = new ConfigLoader(
                        Map.of(PepModule.KEY, PepModule.Options.class, PubSubModule.KEY, PubSubModule.Options.class))
                .parse("""
                hosts: { localhost: { admins: [ escalus@localhost ], modules: { pubsub: {
                  nodes: 10, nodesOfUser: 3, subscribers: 10 } } } }
                """);
        return TestServer.with(store, time, config, modules());
    }

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put(PubSubModule.KEY, PubSubModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void publish(TestClient client, String node, String item) {
        set(client, SERVICE, pubsub("<publish node='" + node + "'>" + item + "</publish>"));
    }

    private void published(String item) {
        publish(juliet, NEWS, item);
        juliet.receives("<iq type='result' id='s' from='pubsub.localhost'/>");
    }

    private void subscribe(TestClient client, String jid) {
        set(client, SERVICE, pubsub("<subscribe node='news' jid='" + jid + "'/>"));
    }

    private static String event(String content) {
        return "<message type='headline' from='pubsub.localhost'><event xmlns='" + Ns.PUBSUB_EVENT + "'>" + content
                + "</event></message>";
    }

    @Test
    void subscribersHearOfWhatIsPublished() {
        published(item("1", "a"));
        romeo.sends("<presence/>");
        romeo.ignores();

        subscribe(romeo, "romeo@localhost");

        romeo.receives("<iq type='result' from='pubsub.localhost'>"
                + pubsub("<subscription node='news' jid='romeo@localhost' subscription='subscribed'/>") + "</iq>");
        romeo.receives(event("<items node='news'>" + item("1", "a") + "</items>"));
        published(item("2", "b"));
        romeo.receives(event("<items node='news'>" + item("2", "b") + "</items>"));
        assertThat(ids(items(romeo, SERVICE, "node='news'"))).isEqualTo("1 2");
    }

    @Test
    void serviceDescribesItselfAndItsNodes() {
        published(item("1", "a"));
        set(
                juliet,
                SERVICE,
                pubsub("<create node='secret'/><configure>" + form(NodeConfig.CONFIG_FORM, "access_model", "whitelist")
                        + "</configure>"));
        juliet.ignores();

        get(romeo, "to='localhost'", "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        romeo.receives(
                "<iq type='result'><query xmlns='" + Ns.DISCO_ITEMS + "'><item jid='pubsub.localhost'/></query></iq>");
        get(romeo, SERVICE, "<query xmlns='" + Ns.DISCO_INFO + "'/>");
        Element info = romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_INFO
                + "'><identity category='pubsub' type='service'/><feature var='" + Ns.PUBSUB + "'/><feature var='"
                + Ns.PUBSUB + "#access-open'/></query></iq>");
        assertThat(info.toString()).doesNotContain("#access-presence").doesNotContain("#filtered-notifications");
        get(romeo, SERVICE, "<query xmlns='" + Ns.DISCO_ITEMS + "'/>");
        Element nodes = romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_ITEMS
                + "'><item jid='pubsub.localhost' node='news'/></query></iq>");
        assertThat(nodes.toString()).doesNotContain("secret");
        get(romeo, SERVICE, "<query xmlns='" + Ns.DISCO_INFO + "' node='news'/>");
        romeo.receives("<iq type='result'><query xmlns='" + Ns.DISCO_INFO
                + "' node='news'><identity category='pubsub' type='leaf'/></query></iq>");
        get(romeo, SERVICE, "<query xmlns='" + Ns.DISCO_INFO + "' node='secret'/>");
        romeo.receivesError("item-not-found");
    }

    /** §8: only owners, and the host's administrators. */
    @Test
    void nodeIsItsMakersAndTheAdministrators() {
        published(item("1", "a"));

        publish(romeo, NEWS, item("2", "b"));
        romeo.receivesError("forbidden");
        set(romeo, SERVICE, owner("<delete node='news'/>"));
        romeo.receivesError("forbidden");
        set(admin, SERVICE, owner("<purge node='news'/>"));
        admin.receives("<iq type='result'/>");
        set(juliet, SERVICE, owner("<delete node='news'/>"));
        juliet.receives("<iq type='result'/>");
    }

    @Test
    void nodeAlwaysHasAnOwner() {
        published(item("1", "a"));

        set(
                juliet,
                SERVICE,
                owner("<affiliations node='news'><affiliation jid='juliet@localhost' affiliation='none'/>"
                        + "</affiliations>"));
        juliet.receivesError("not-acceptable");
        set(
                juliet,
                SERVICE,
                owner("<affiliations node='news'><affiliation jid='romeo@localhost' affiliation='owner'/>"
                        + "<affiliation jid='juliet@localhost' affiliation='none'/></affiliations>"));
        juliet.receives("<iq type='result'/>");
        set(romeo, SERVICE, owner("<delete node='news'/>"));
        romeo.receives("<iq type='result'/>");
    }

    /** What needs presence or a roster is not here. */
    @Test
    void modelsOfAccountsAreRefused() {
        for (String model : new String[] {"presence", "roster"}) {
            set(
                    juliet,
                    SERVICE,
                    pubsub("<create node='x'/><configure>" + form(NodeConfig.CONFIG_FORM, "access_model", model)
                            + "</configure>"));
            assertThat(condition(juliet.receivesError("not-acceptable"))).isEqualTo("unsupported-access-model");
        }
        get(juliet, SERVICE, owner("<default/>"));
        assertThat(juliet.next().toString()).contains("whitelist").doesNotContain("<value>roster</value>");
    }

    @Test
    void everybodyPublishesWhereThatIsAllowed() {
        set(
                juliet,
                SERVICE,
                pubsub("<publish node='news'>" + item("1", "a") + "</publish>" + options("publish_model", "open")));
        juliet.ignores();

        publish(romeo, NEWS, item("2", "b"));

        romeo.receives("<iq type='result'/>");
        set(romeo, SERVICE, pubsub("<retract node='news'><item id='1'/></retract>"));
        romeo.receivesError("forbidden");
    }

    @Test
    void requestForASubscriptionGoesToTheOwner() {
        juliet.sends("<presence/>");
        juliet.ignores();
        set(
                juliet,
                SERVICE,
                pubsub("<create node='news'/><configure>" + form(NodeConfig.CONFIG_FORM, "access_model", "authorize")
                        + "</configure>"));
        juliet.ignores();

        subscribe(romeo, "romeo@localhost/orchard");
        romeo.receives("<iq type='result'>" + pubsub("<subscription subscription='pending'/>") + "</iq>");
        assertThat(juliet.next().toString()).contains("romeo@localhost/orchard");
        juliet.sends("<message to='pubsub.localhost'>"
                + form(
                        Ns.PUBSUB + "#subscribe_authorization",
                        "node",
                        NEWS,
                        "subscriber_jid",
                        "romeo@localhost/orchard",
                        "allow",
                        "1")
                + "</message>");

        romeo.receives(event("<subscription node='news' jid='romeo@localhost/orchard' subscription='subscribed'/>"));
    }

    /** §8.8.2: the owner sees who is subscribed, and ends it; the subscriber learns it. */
    @Test
    void ownerManagesSubscriptions() {
        published(item("1", "a"));
        subscribe(romeo, "romeo@localhost/orchard");
        romeo.ignores();

        get(romeo, SERVICE, owner("<subscriptions node='news'/>"));
        romeo.receivesError("forbidden");
        get(juliet, SERVICE, owner("<subscriptions node='news'/>"));
        juliet.receives("<iq type='result'>"
                + owner("<subscriptions node='news'><subscription jid='romeo@localhost/orchard'"
                        + " subscription='subscribed'/></subscriptions>")
                + "</iq>");
        set(
                juliet,
                SERVICE,
                owner("<subscriptions node='news'><subscription jid='romeo@localhost/orchard' subscription='none'/>"
                        + "</subscriptions>"));

        juliet.receives("<iq type='result'/>");
        romeo.receives(event("<subscription node='news' jid='romeo@localhost/orchard' subscription='none'/>"));
        published(item("2", "b"));
        romeo.receivesNothing();
    }

    /** §8.9.2, and §4.5: who is on the whitelist may read, whoever has no affiliation may not. */
    @Test
    void ownerManagesWhoMayRead() {
        set(
                juliet,
                SERVICE,
                pubsub("<publish node='news'>" + item("1", "a") + "</publish>" + options("access_model", "whitelist")));
        juliet.ignores();
        get(romeo, SERVICE, pubsub("<items node='news'/>"));
        assertThat(condition(romeo.receivesError("not-allowed"))).isEqualTo("closed-node");

        set(
                juliet,
                SERVICE,
                owner("<affiliations node='news'><affiliation jid='romeo@localhost' affiliation='member'/>"
                        + "</affiliations>"));
        juliet.receives("<iq type='result'/>");

        assertThat(ids(items(romeo, SERVICE, "node='news'"))).isEqualTo("1");
        get(juliet, SERVICE, owner("<affiliations node='news'/>"));
        juliet.receives("<iq type='result'>"
                + owner("<affiliations node='news'><affiliation jid='juliet@localhost' affiliation='owner'/>"
                        + "<affiliation jid='romeo@localhost' affiliation='member'/></affiliations>")
                + "</iq>");
    }

    /** §6.5.4 with XEP-0059, of a node that keeps as much as the server lets it. */
    @Test
    void itemsAreGivenInPages() {
        set(
                juliet,
                SERVICE,
                pubsub("<publish node='news'>" + item("1", "a") + "</publish>" + options("max_items", "max")));
        juliet.ignores();
        for (int i = 2; i <= 5; i++) {
            published(item("" + i, "b"));
        }
        String set = "<set xmlns='http://jabber.org/protocol/rsm'>";

        get(romeo, SERVICE, pubsub("<items node='news'/>" + set + "<max>2</max><after>2</after></set>"));

        romeo.receives("<iq type='result'>"
                + pubsub("<items node='news'><item id='3'/><item id='4'/></items>" + set
                        + "<first>3</first><last>4</last><count>5</count></set>")
                + "</iq>");
    }

    /** §6.3: "If the node or service does not support subscription leases [options] ... feature-not-implemented". */
    @Test
    void subscriptionsHaveNoOptions() {
        published(item("1", "a"));
        subscribe(romeo, "romeo@localhost");
        romeo.ignores();

        get(romeo, SERVICE, pubsub("<options node='news' jid='romeo@localhost'/>"));

        Element refused = romeo.receivesError("feature-not-implemented");
        assertThat(condition(refused)).isEqualTo("unsupported");
        assertThat(refused.toString()).contains("feature='subscription-options'");
        get(romeo, SERVICE, "<query xmlns='" + Ns.DISCO_INFO + "'/>");
        assertThat(romeo.next().toString()).doesNotContain("#subscription-options");
    }

    @Test
    void nodesOfOneUserAreBounded() {
        for (int i = 0; i < 3; i++) {
            publish(juliet, "node" + i, item("1", "a"));
            juliet.receives("<iq type='result'/>");
        }

        publish(juliet, "more", item("1", "a"));

        assertThat(condition(juliet.receivesError("conflict"))).isEqualTo("max-nodes-exceeded");
        publish(romeo, "more", item("1", "a"));
        romeo.receives("<iq type='result'/>");
    }

    /** §6.1.3.9. */
    @Test
    void subscribersAreBounded() {
        published(item("1", "a"));
        for (int i = 0; i < 9; i++) {
            TestClient fan = server.connect("fan" + i + "@localhost/x");
            subscribe(fan, "fan" + i + "@localhost/x");
            fan.receives("<iq type='result'/>");
        }

        subscribe(romeo, "romeo@localhost");

        assertThat(condition(romeo.receivesError("policy-violation"))).isEqualTo("too-many-subscriptions");
        TestClient first = server.connect("fan0@localhost/x");
        set(first, SERVICE, pubsub("<unsubscribe node='news' jid='fan0@localhost/x'/>"));
        first.ignores();
        subscribe(romeo, "romeo@localhost");
        romeo.receives("<iq type='result'/>");
    }

    @Test
    void restartKeepsNodesItemsAndSubscriptions() throws ConfigException {
        published(item("1", "a"));
        subscribe(romeo, "romeo@localhost/orchard");
        server.kill();

        try (TestServer after = server()) {
            TestClient again = after.connect("romeo@localhost/orchard");
            TestClient publisher = after.connect("juliet@localhost/balcony");
            publish(publisher, NEWS, item("2", "b"));
            publisher.receives("<iq type='result'/>");
            again.receives(event("<items node='news'>" + item("2", "b") + "</items>"));
            assertThat(ids(items(again, SERVICE, "node='news'"))).isEqualTo("1 2");
        }
    }

    @Test
    void whatIsNotItsBusinessIsRefused() {
        romeo.sends("<message to='pubsub.localhost'><body>Hello?</body></message>");
        romeo.receivesError("service-unavailable");
        get(romeo, SERVICE, "<query xmlns='jabber:iq:roster'/>");
        romeo.receivesError("service-unavailable");
        get(romeo, "to='somebody@pubsub.localhost'", pubsub("<items node='news'/>"));
        romeo.receivesError("service-unavailable");
        get(romeo, SERVICE, pubsub("<items node='none'/>"));
        romeo.receivesError("item-not-found");
        romeo.sends("<presence to='pubsub.localhost'/>");
        romeo.receivesNothing();
    }
}
