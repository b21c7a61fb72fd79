// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.ids;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.items;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.owner;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static im.dunlin.core.modules.pubsub.PepFixture.set;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is on disk is a promise: these files change only with a new number of the format. */
class PubSubFormatsTest {
    private static final Item ITEM = new Item(
            "current",
            1_767_225_600_000_001L,
            "juliet@localhost",
            Payload.of(Element.of(Name.of("urn:tune", "tune"), "Böse Buben")));

    @Test
    void nodeIsTheGoldenOne() {
        NodeConfig config = NodeConfig.USUAL
                .with(NodeField.TITLE, "Tunes")
                .with(NodeField.ACCESS_MODEL, "roster")
                .with(NodeField.ROSTER_GROUPS, "Friends", "Montagues")
                .with(NodeField.MAX_ITEMS, "max");
        Golden.check(
                "pubsub-node-1",
                Node.Row.CODEC,
                new Node.Row(1_767_225_600_000_001L, "juliet@localhost", 300, 70_000, 12, config));
    }

    @Test
    void itemIsTheGoldenOne() {
        Golden.check("pubsub-item-1", Item.CODEC, ITEM);
    }

    @Test
    void relationIsTheGoldenOne() {
        Golden.check(
                "pubsub-relation-1",
                Relation.CODEC,
                new Relation(
                        Affiliation.MEMBER,
                        List.of(
                                new Relation.Subscription(null, "a1", false),
                                new Relation.Subscription("orchard", "b2", true))));
    }

    @Test
    void headIsTheGoldenOne() {
        Golden.check("pubsub-head-1", Nodes.Head.CODEC, new Nodes.Head(12, 70_000));
    }

    @Test
    void restartKeepsEverything() {
        MemoryStore store = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        try (TestServer before = TestServer.with(store, time, PepFixture.modules())) {
            TestClient juliet = before.connect("juliet@localhost/balcony");
            published(juliet, "urn:tune", item("1", "a"), options("max_items", "3", "access_model", "whitelist"));
            published(juliet, "urn:tune", item("2", "b"), "");
            set(
                    juliet,
                    "",
                    owner("<affiliations node='urn:tune'><affiliation jid='romeo@localhost' affiliation='member'/>"
                            + "</affiliations>"));
            before.kill();
        }

        try (TestServer after = TestServer.with(store, time, PepFixture.modules())) {
            TestClient romeo = after.connect("romeo@localhost/orchard");
            assertThat(ids(items(romeo, "to='juliet@localhost'", "node='urn:tune'")))
                    .isEqualTo("1 2");
            TestClient juliet = after.connect("juliet@localhost/balcony");
            published(juliet, "urn:tune", item("3", "c"), options("access_model", "whitelist", "max_items", "3"));
            published(juliet, "urn:tune", item("4", "d"), "");
            assertThat(ids(items(juliet, "", "node='urn:tune'"))).isEqualTo("2 3 4");
        }
    }

    @Test
    void removedAccountLeavesNothing() {
        try (TestServer server = TestServer.with(PepFixture.modules())) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            published(juliet, "urn:tune", item("1", "a"), options("access_model", "open"));
            server.turn(juliet.jid().bare(), turn -> {
                turn.removeOwner(turn.now());
                return null;
            });
            TestClient again = server.connect("juliet@localhost/chamber");

            PepFixture.get(again, "", PepFixture.pubsub("<items node='urn:tune'/>"));

            again.receivesError("item-not-found");
        }
    }
}
