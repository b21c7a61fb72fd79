// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.Limits;
import im.dunlin.core.module.PresenceStage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.Management;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.Seed;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What one account has for many others at once: each of them handles it in a turn of its own. */
class FanOutTest {
    private static final int CONTACTS = 8;

    private final FaultyStore store = new FaultyStore(MemoryStore::new);
    private final AtomicReference<NoteModule> notes = new AtomicReference<>();

    /** Accounts with an even number write down what presence they get. */
    private TestServer start() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("notes", setup -> {
            NoteModule module = new NoteModule(setup);
            notes.set(module);
            setup.presence(PresenceStage.NOTICE, (presence, way, turn) -> {
                if (way == Way.INBOUND && isEven(turn.jid().toString())) {
                    module.note(turn, String.valueOf(presence.id()));
                }
                return presence;
            });
        });
        return TestServer.with(store, new TestTime(), modules);
    }

    private static boolean isEven(String jid) {
        return (jid.charAt(jid.indexOf('@') - 1) & 1) == 0;
    }

    /** Some on each lane. */
    private static List<TestClient> contacts(TestServer server, TestClient juliet) {
        List<TestClient> contacts = new ArrayList<>();
        for (int i = 0; i < CONTACTS; i++) {
            TestClient contact = server.connect("romeo" + i + "@localhost/orchard");
            server.time().advance(Duration.ofMinutes(1));
            ImModules.befriend(contact, juliet);
            contact.sends("<presence/>");
            contacts.add(contact);
        }
        juliet.sends("<presence/>");
        contacts.forEach(TestClient::ignores);
        return contacts;
    }

    private static String presence(String id) {
        return "<presence id='" + id + "'><show>away</show></presence>";
    }

    /** RFC 6120 §10.1, whatever each of them does with what it gets. */
    @Test
    void presenceAndMessagesToAContactArriveInTheirOrder() {
        long seed = Seed.next();
        Random random = new Random(seed);
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            List<List<String>> expected = new ArrayList<>();
            contacts.forEach(contact -> expected.add(new ArrayList<>()));
            for (int round = 0; round < 20; round++) {
                List<String> stanzas = new ArrayList<>();
                // As many as a client may broadcast in a minute.
                for (int i = 0; i < 8; i++) {
                    String id = round + "." + i;
                    if (random.nextBoolean()) {
                        stanzas.add(presence(id));
                        expected.forEach(ids -> ids.add(id));
                    } else {
                        int to = random.nextInt(CONTACTS);
                        stanzas.add("<message type='chat' id='" + id + "' to='"
                                + contacts.get(to).jid() + "'><body>hi</body></message>");
                        expected.get(to).add(id);
                    }
                }
                server.time().advance(Duration.ofMinutes(1));
                juliet.sendsAtOnce(stanzas);
            }

            for (int i = 0; i < CONTACTS; i++) {
                for (String id : expected.get(i)) {
                    assertThat(contacts.get(i).next().attr("id"))
                            .as("seed %d", seed)
                            .isEqualTo(id);
                }
                contacts.get(i).receivesNothing();
            }
        }
    }

    @Test
    void contactWhoseTurnWritesIsToldWhenThatIsOnTheDisk() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            store.failAtSync(0);

            juliet.sends(presence("1"));

            assertThat(server.hasFailed()).isTrue();
            for (TestClient contact : contacts) {
                if (isEven(contact.jid().bare().toString())) {
                    contact.receivesNothing();
                }
            }
        }
    }

    @Test
    void whatAMessageOnItsWayToTheDiskHasLedToGoesBeforeALaterBroadcast() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            store.failAtSync(0);
            String message = "<message type='chat' to='" + contacts.get(1).jid() + "'><body>hi</body></message>";

            juliet.sendsAtOnce(List.of(message, presence("1")));

            assertThat(server.hasFailed()).isTrue();
            contacts.forEach(TestClient::receivesNothing);
        }
    }

    @Test
    void contactThatHasBlockedTheSenderIsAloneInHearingNothing() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            TestClient blocking = contacts.get(3);
            blocking.sends(
                    "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='juliet@localhost'/></block>"
                            + "</iq>");
            contacts.forEach(TestClient::ignores);

            juliet.sends(presence("1"));

            for (TestClient contact : contacts) {
                if (contact != blocking) {
                    contact.receives("<presence id='1' from='juliet@localhost/balcony'/>");
                }
                contact.receivesNothing();
            }
        }
    }

    @Test
    void sessionThatIsNotAvailableIsAloneInHearingNothing() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            TestClient second = server.connect("romeo5@localhost/second");
            contacts.get(4).sends("<presence type='unavailable'/>");
            contacts.forEach(TestClient::ignores);
            second.ignores();

            juliet.sends(presence("1"));

            second.receivesNothing();
            for (TestClient contact : contacts) {
                if (contact != contacts.get(4)) {
                    contact.receives("<presence id='1' to='" + contact.jid().bare() + "'/>");
                }
                contact.receivesNothing();
            }
        }
    }

    @Test
    void sessionThatIsOverfullConcernsNobodyElse() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);
            AtomicInteger overfull = new AtomicInteger();
            Limits.Resumption limits = new Limits.Resumption(
                    10, 1, 50, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofMinutes(5));
            contacts.get(2)
                    .session()
                    .outbound()
                    .manage(new Management("id", true, Duration.ofMinutes(5), limits, overfull::incrementAndGet), null);

            juliet.sendsAtOnce(List.of(presence("1"), presence("2")));

            assertThat(overfull).hasValue(1);
            for (TestClient contact : contacts) {
                contact.receives("<presence id='1'/>");
                if (contact != contacts.get(2)) {
                    contact.receives("<presence id='2'/>");
                }
            }
        }
    }

    @Test
    void contactWhoseTurnFailsConcernsNobodyElse() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put(
                "failing",
                setup -> setup.presence(PresenceStage.NOTICE, (presence, way, turn) -> {
                    if (way == Way.INBOUND
                            && turn.jid().toString().startsWith("romeo3@")
                            && "1".equals(presence.id())) {
                        throw new IllegalStateException("a contact's turn fails");
                    }
                    return presence;
                }));
        try (TestServer server = TestServer.with(store, new TestTime(), modules)) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<TestClient> contacts = contacts(server, juliet);

            juliet.sends(presence("1"));

            for (TestClient contact : contacts) {
                if (contact != contacts.get(3)) {
                    contact.receives("<presence id='1'/>");
                }
                contact.receivesNothing();
            }
        }
    }
}
