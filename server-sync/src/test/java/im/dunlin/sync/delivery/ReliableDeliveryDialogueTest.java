// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReliableDeliveryDialogueTest {
    private static final String DELIVERY = ArchivedElements.DELIVERY;
    private static final String SYNC = "https://xabber.com/protocol/synchronization";
    private static final String RETRY = "<retry xmlns='" + DELIVERY + "'/>";
    private static final BareJid ALICE = BareJid.of("alice@localhost");
    private static final ConversationKey BOB = new ConversationKey(BareJid.of("bob@localhost"), ConversationType.CHAT);

    private final TestServer server = TestServer.with(modules());
    private final TestClient bob = online("bob@localhost/x");
    private final TestClient phone = synchronizing("phone");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("reliable-delivery", ReliableDeliveryModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private TestClient online(String jid) {
        TestClient client = server.connect(jid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }

    private TestClient synchronizing(String resource) {
        TestClient client = online("alice@localhost/" + resource);
        client.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        client.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "'/></iq>");
        client.ignores();
        return client;
    }

    private static String message(String originId, String more) {
        return "<message type='chat' id='m-1' to='bob@localhost'><body>hi</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='" + originId + "'/>" + more + "</message>";
    }

    private String now() {
        return Long.toString(Micros.of(server.time().instant()));
    }

    private ConversationHead head() {
        return Objects.requireNonNull(server.turn(
                ALICE, turn -> server.modules().provided(ConversationLog.class).head(turn, BOB)));
    }

    private static String receipt(String originId, String id) {
        return "<message type='headline' from='localhost' to='alice@localhost/phone'><received xmlns='" + DELIVERY
                + "'>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='" + originId + "'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='" + id + "'/>"
                + "<time by='alice@localhost'/></received></message>";
    }

    @Test
    void vector9_15ReceiptLostReceiptRetry() {
        server.time().advance(Duration.ofSeconds(110));
        String id = now();
        phone.sends(message("o-9", ""));

        Element receipt = phone.receives(receipt("o-9", id));
        assertThat(receipt.toString()).contains("stamp='2026-01-01T00:01:50.000000Z'");
        bob.receives("<message from='alice@localhost/phone'><body>hi</body></message>");
        ConversationHead before = head();

        server.time().advance(Duration.ofSeconds(5));
        phone.loses();
        TestClient again = synchronizing("phone");
        again.sends(message("o-9", RETRY));

        again.receives(receipt("o-9", id));
        again.receivesNothing();
        bob.receivesNothing();
        assertThat(head()).isEqualTo(before);
    }

    @Test
    void vector9_15RetryWithoutAMatchIsAMessage() {
        phone.sends(message("o-10", RETRY));

        phone.receives(receipt("o-10", now()));
        Element received = bob.receives("<message from='alice@localhost/phone'><body>hi</body></message>");
        assertThat(received.toString()).doesNotContain("retry");
        phone.sends(message("o-10", RETRY));
        phone.receives(receipt("o-10", now()));
        bob.receivesNothing();
    }

    @Test
    void vector9_15MessageThatIsNotStoredHasNoReceipt() {
        phone.sends(message("o-11", "<no-store xmlns='urn:xmpp:hints'/>"));

        phone.receivesNothing();
        bob.receives("<message><body>hi</body></message>");
    }

    @Test
    void messageWithoutOriginIdHasNoReceipt() {
        phone.sends("<message type='chat' to='bob@localhost'><body>hi</body></message>");

        phone.receivesNothing();
    }

    @Test
    void retryAfterADayIsAMessage() {
        phone.sends(message("o-12", ""));
        bob.ignores();
        phone.ignores();
        server.time().advance(Duration.ofHours(25));

        phone.sends(message("o-12", RETRY));

        phone.receives(receipt("o-12", now()));
        bob.receives("<message><body>hi</body></message>");
    }

    @Test
    void retryToAnotherPeerIsAMessage() {
        phone.sends(message("o-13", ""));
        phone.ignores();
        TestClient carol = online("carol@localhost/x");

        phone.sends(message("o-13", RETRY).replace("bob@", "carol@"));

        carol.receives("<message><body>hi</body></message>");
    }

    @Test
    void retryForAGroupIsTheGroups() {
        phone.sends(message("o-14", ""));
        bob.ignores();
        phone.ignores();

        phone.sends(message("o-14", "<retry xmlns='" + DELIVERY + "' to='bob@localhost'/>"));

        bob.receives("<message><retry xmlns='" + DELIVERY + "'/></message>");
    }

    @Test
    void noteToOneselfHasAReceipt() {
        phone.sends(message("o-15", "").replace("bob@", "alice@"));

        boolean received = false;
        while (phone.waiting() > 0) {
            received |= phone.next().toString().contains("<received xmlns='" + DELIVERY + "'");
        }
        assertThat(received).isTrue();
    }

    @Test
    void clientThatDoesNotSynchronizeGetsNothingMore() {
        TestClient plain = online("alice@localhost/plain");
        phone.ignores();
        plain.sends(message("o-16", ""));
        plain.receivesNothing();

        bob.sends("<message type='chat' to='alice@localhost'><body>hello</body></message>");

        assertThat(plain.next().toString()).doesNotContain("archived").doesNotContain("<time");
    }

    @Test
    void archivedMessageComesWithIdAndTime() {
        bob.sends("<message type='chat' to='alice@localhost'><body>hello</body></message>");

        String id = now();
        Element message = phone.receives("<message><body>hello</body></message>");
        assertThat(message.children().subList(0, 3).toString())
                .isEqualTo("[<archived xmlns='urn:xmpp:mam:tmp' by='alice@localhost' id='" + id + "'/>, "
                        + "<stanza-id xmlns='urn:xmpp:sid:0' id='" + id + "' by='alice@localhost'/>, "
                        + "<time xmlns='" + DELIVERY + "' by='alice@localhost' stamp='2026-01-01T00:00:00.000000Z'/>]");
    }

    @Test
    void copiesAndPagesHaveThemInside() {
        TestClient web = synchronizing("web");
        phone.ignores();
        web.sends(message("o-17", ""));

        String inner = "<message from='alice@localhost/web'><archived xmlns='urn:xmpp:mam:tmp' id='" + now()
                + "'/><time xmlns='" + DELIVERY + "' by='alice@localhost'/><body>hi</body></message>";
        phone.receives("<message from='alice@localhost'><sent xmlns='urn:xmpp:carbons:2'>"
                + "<forwarded xmlns='urn:xmpp:forward:0'>"
                + inner.replace("<message ", "<message xmlns='jabber:client' ") + "</forwarded></sent></message>");
        phone.sends("<iq type='set' id='m'><query xmlns='urn:xmpp:mam:2'/></iq>");
        phone.receives("<message from='alice@localhost'><result xmlns='urn:xmpp:mam:2' id='" + now() + "'>"
                + "<forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay'/>"
                + inner.replace("<message ", "<message xmlns='jabber:client' ") + "</forwarded></result></message>");
    }

    @Test
    void peersDoNotSpeakForTheServer() {
        bob.sends("<message type='headline' to='alice@localhost'><received xmlns='" + DELIVERY + "'>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-18'/></received></message>");
        phone.receivesNothing();

        bob.sends("<message type='chat' to='alice@localhost'><body>hello</body>"
                + "<time xmlns='" + DELIVERY + "' by='alice@localhost' stamp='2000-01-01T00:00:00.000000Z'/>"
                + "<time xmlns='" + DELIVERY + "' by='tea@localhost' stamp='2001-01-01T00:00:00.000000Z'/>"
                + "<archived xmlns='urn:xmpp:mam:tmp' by='alice@localhost' id='1'/></message>");

        Element message = phone.next();
        assertThat(message.children(Name.of(DELIVERY, "time"))).hasSize(2);
        assertThat(message.toString())
                .contains("2001-01-01")
                .doesNotContain("2000-01-01")
                .doesNotContain("id='1'");
    }
}
