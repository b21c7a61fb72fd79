// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.carbons.CarbonsModule;
import im.dunlin.core.modules.streammanagement.StreamManagementModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.ReadCount;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What events cost, and to whom they go over the life of sessions. */
class PepCostTest {
    private static final String TUNE = "urn:tune";
    private static final int CONTACTS = 100;

    /** Contacts that are not there cost nothing: no row of theirs is read, however many they are. */
    @Test
    void publicationReadsNothingOfAbsentContacts() {
        ReadCount count = new ReadCount();
        try (TestServer server =
                TestServer.with(count.of(new MemoryStore()), new TestServer.TestTime(), PepFixture.modules())) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            published(juliet, TUNE, item("1", "a"), "");
            long before = count.reads();
            published(juliet, TUNE, item("1", "b"), "");
            long alone = count.reads() - before;
            for (int i = 0; i < CONTACTS; i++) {
                TestClient contact = server.connect("contact" + i + "@localhost/x");
                ImModules.befriend(contact, juliet);
                contact.leaves();
            }
            juliet.ignores();

            before = count.reads();
            published(juliet, TUNE, item("1", "c"), "");

            assertThat(count.reads() - before).isLessThanOrEqualTo(alone + 2);
        }
    }

    @Test
    void everyPresentContactGetsThePublicationOnce() {
        try (TestServer server = TestServer.with(PepFixture.modules())) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = new ArrayList<>();
            for (int i = 0; i < CONTACTS; i++) {
                TestClient contact = server.connect("contact" + i + "@localhost/x");
                ImModules.befriend(contact, juliet);
                available(contact, TUNE);
                contacts.add(contact);
            }
            contacts.forEach(TestClient::ignores);

            published(juliet, TUNE, item("1", "a"), "");

            for (TestClient contact : contacts) {
                assertThat(contact.next().toString()).contains("node='urn:tune'");
                contact.receivesNothing();
            }
        }
    }

    /** XEP-0198: what a client said of itself holds for the session, also over a restart of the server. */
    @Test
    void resumedSessionIsStillInterested() {
        Map<String, Consumer<Setup>> modules = PepFixture.modules();
        modules.put("carbons", CarbonsModule::new);
        modules.put("stream-management", StreamManagementModule::new);
        MemoryStore store = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        String resumption;
        try (TestServer server = TestServer.with(store, time, modules)) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            Element enabled = juliet.receives("<enabled xmlns='urn:xmpp:sm:3'/>");
            resumption = String.valueOf(enabled.attr("id"));
            available(juliet, TUNE);
            juliet.loses();
            server.stop();
        }
        try (TestServer server = TestServer.with(store, time, modules)) {
            TestClient again = server.login("juliet@localhost");
            again.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + resumption + "' h='0'/>");
            again.ignores();
            TestClient chamber = server.connect("juliet@localhost/chamber");

            published(chamber, TUNE, item("1", "a"), options("access_model", "whitelist"));

            assertThat(again.next().toString()).contains("node='urn:tune'");
        }
    }
}
