// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.condition;
import static im.dunlin.core.modules.pubsub.PepFixture.get;
import static im.dunlin.core.modules.pubsub.PepFixture.ids;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.items;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.owner;
import static im.dunlin.core.modules.pubsub.PepFixture.publish;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static im.dunlin.core.modules.pubsub.PepFixture.pubsub;
import static im.dunlin.core.modules.pubsub.PepFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each bound of nodes is crossed, and what is malformed is refused. */
class PubSubLimitsTest {
    private static final String JULIET = "to='juliet@localhost'";
    private static final String TUNE = "urn:tune";

    private final TestServer server;
    private final TestClient juliet;

    PubSubLimitsTest() throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of(PepModule.KEY, PepModule.Options.class)).parse("""
                hosts: { localhost: { modules: { pep: {
                  nodes: 10, items: 20, itemBytes: 64KiB, bytes: 1MiB, subscribers: 10 } } } }
                """);
        server = TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, PepFixture.modules());
        juliet = server.connect("juliet@localhost/balcony");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String big(int bytes) {
        return "<item id='big'><data xmlns='urn:data'>" + "x".repeat(bytes) + "</data></item>";
    }

    @Test
    void nameOfTenThousandBytesIsRefused() {
        publish(juliet, "n".repeat(10_000), item("1", "a"), "");
        juliet.receivesError("not-acceptable");
        set(juliet, "", pubsub("<create node='" + "n".repeat(10_000) + "'/>"));
        juliet.receivesError("not-acceptable");
        publish(juliet, TUNE, item("i".repeat(10_000), "a"), "");
        juliet.receivesError("not-acceptable");
        get(juliet, "", pubsub("<items node='" + "n".repeat(10_000) + "'/>"));
        juliet.receivesError("item-not-found");
    }

    /** XEP-0060 §7.1.3.4. */
    @Test
    void itemOfTwoHundredKilobytesIsTooBig() {
        publish(juliet, TUNE, big(200_000), "");

        assertThat(condition(juliet.receivesError("not-acceptable"))).isEqualTo("payload-too-big");
        published(juliet, "urn:xmpp:avatar:data", big(200_000), "");
    }

    /** However many are asked for and published, the newest stay. */
    @Test
    void nodeOfAMillionItemsKeepsAsManyAsTheServerAllows() {
        published(juliet, TUNE, item("0", "a"), options("max_items", "1000000"));
        for (int i = 1; i < 50; i++) {
            published(juliet, TUNE, item("" + i, "a"), "");
        }

        Element items = items(juliet, "", "node='urn:tune'");

        assertThat(items.children()).hasSize(20);
        assertThat(ids(items)).startsWith("30 31").endsWith("49");
    }

    @Test
    void bytesOfAnAccountAreBounded() {
        published(juliet, TUNE, item("first", "a"), options("max_items", "max"));
        int kept = 0;
        for (int i = 0; i < 20; i++) {
            publish(juliet, TUNE, big(60_000).replace("'big'", "'" + i + "'"), "");
            Element answer = juliet.next();
            if ("error".equals(answer.attr("type"))) {
                assertThat(answer.toString()).contains("resource-constraint");
                break;
            }
            kept++;
        }
        assertThat(kept).isEqualTo((1 << 20) / 60_000);

        set(juliet, "", owner("<purge node='urn:tune'/>"));
        juliet.ignores();
        published(juliet, TUNE, big(60_000), "");
    }

    @Test
    void answerIsBoundedAndSaysSo() {
        published(juliet, TUNE, item("first", "a"), options("max_items", "max"));
        for (int i = 0; i < 15; i++) {
            published(juliet, TUNE, big(60_000).replace("'big'", "'" + i + "'"), "");
        }

        get(juliet, "", pubsub("<items node='urn:tune'/>"));

        String answer = juliet.receives("<iq type='result'/>").toString();
        assertThat(answer.length()).isLessThan(Nodes.PAGE_BYTES + 70_000);
        assertThat(answer)
                .contains("<item id='14'")
                .doesNotContain("<item id='first'")
                .contains("<count>16</count>");
    }

    @Test
    void nodesOfAnAccountAreBounded() {
        for (int i = 0; i < 10; i++) {
            published(juliet, "urn:" + i, item("1", "a"), "");
        }

        publish(juliet, "urn:more", item("1", "a"), "");

        assertThat(condition(juliet.receivesError("conflict"))).isEqualTo("max-nodes-exceeded");
        set(juliet, "", owner("<delete node='urn:0'/>"));
        juliet.ignores();
        published(juliet, "urn:more", item("1", "a"), "");
    }

    /** XEP-0060 §6.1.3.9. */
    @Test
    void subscribersOfANodeAreBounded() {
        published(juliet, TUNE, item("1", "a"), options("access_model", "open"));
        for (int i = 0; i < 10; i++) {
            TestClient one = server.connect("fan" + i + "@localhost/x");
            set(one, JULIET, pubsub("<subscribe node='urn:tune' jid='fan" + i + "@localhost'/>"));
            one.receives("<iq type='result'/>");
        }
        TestClient more = server.connect("more@localhost/x");

        set(more, JULIET, pubsub("<subscribe node='urn:tune' jid='more@localhost'/>"));

        more.receivesError("service-unavailable");
    }

    @Test
    void subscriptionsOfOneEntityAreBounded() {
        published(juliet, TUNE, item("1", "a"), options("send_last_published_item", "never"));
        for (int i = 0; i < 10; i++) {
            set(juliet, "", pubsub("<subscribe node='urn:tune' jid='juliet@localhost/" + i + "'/>"));
            juliet.receives("<iq type='result'/>");
            set(juliet, "", pubsub("<subscribe node='urn:tune' jid='juliet@localhost/" + i + "'/>"));
            juliet.receives("<iq type='result'/>");
        }

        set(juliet, "", pubsub("<subscribe node='urn:tune' jid='juliet@localhost/more'/>"));

        assertThat(condition(juliet.receivesError("policy-violation"))).isEqualTo("too-many-subscriptions");
    }

    @Test
    void malformedRequestsAreRefused() {
        published(juliet, TUNE, item("1", "a"), "");
        for (String request : new String[] {
            pubsub(""),
            pubsub("<nonsense/>"),
            pubsub("<publish/>"),
            pubsub("<publish node=''>" + item("1", "a") + "</publish>"),
            pubsub("<publish node='urn:tune'/>"),
            pubsub("<publish node='urn:tune'><item/></publish>"),
            pubsub("<publish node='urn:tune'><item><a xmlns='urn:a'/><b xmlns='urn:b'/></item></publish>"),
            pubsub("<publish node='urn:tune'>" + item("1", "a") + item("2", "b") + "</publish>"),
            pubsub("<publish node='urn:tune'>" + item("1", "a") + "</publish><publish-options/>"),
            pubsub("<publish-options/>"),
            pubsub("<retract node='urn:tune'><item/></retract>"),
            owner("<configure node='urn:tune'/>"),
            owner("<configure/>"),
            owner("<affiliations node='urn:tune'><affiliation jid='x@localhost' affiliation='king'/></affiliations>"),
            owner("<subscriptions node='urn:tune'><subscription jid='x@localhost' subscription='?'/></subscriptions>")
        }) {
            set(juliet, "", request);
            juliet.receivesError("bad-request");
        }
        set(
                juliet,
                "",
                owner("<affiliations node='urn:tune'><affiliation jid='@' affiliation='member'/></affiliations>"));
        juliet.receivesError("jid-malformed");
        get(juliet, "", pubsub("<items node='urn:tune' max_items='x'/>"));
        juliet.receivesError("bad-request");
        get(juliet, "", owner("<delete node='urn:tune'/>"));
        juliet.receivesError("bad-request");
        get(juliet, "", pubsub("<options node='urn:tune' jid='juliet@localhost'/>"));
        assertThat(condition(juliet.receivesError("feature-not-implemented"))).isEqualTo("unsupported");
        assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("1");
    }
}
