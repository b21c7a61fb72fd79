// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.carbons;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CarbonsDialogueTest {
    private static final String ENABLE = "<iq type='set' id='c1'><enable xmlns='urn:xmpp:carbons:2'/></iq>";
    private static final String FORGED = "<%s xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
            + "<message xmlns='jabber:client' from='nurse@localhost/x' to='juliet@localhost/phone' type='chat'>"
            + "<body>Flee!</body></message></forwarded></%1$s>";

    private final TestServer server = TestServer.with(modules());
    private final TestClient phone = session("juliet@localhost/phone");
    private final TestClient laptop = session("juliet@localhost/laptop");
    private final TestClient romeo = session("romeo@localhost/orchard");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        // Stands for the archive: gives each message an id.
        modules.put(
                "archive",
                setup -> setup.message(Stage.RECORD, (passage, turn) -> {
                    passage.archived("42");
                    passage.replace(passage.message().adding(new StanzaId("42", turn.jid()).element()));
                    return Verdict.PASS;
                }));
        return modules;
    }

    private TestClient session(String jid) {
        TestClient client = server.connect(jid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }

    private void enable(TestClient client) {
        phone.ignores();
        laptop.ignores();
        client.sends(ENABLE);
        client.receives("<iq type='result' id='c1'/>");
    }

    private static String chat(String to, String beside) {
        return "<message type='chat' id='m1' to='" + to + "'><body>hello</body>" + beside + "</message>";
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void serverSaysThatItHasCarbons() {
        assertThat(server.modules().features(Addressee.SERVER, "localhost")).contains("urn:xmpp:carbons:2");
    }

    @Test
    void receivedMessageIsCopiedToTheOtherDevice() {
        enable(laptop);

        romeo.sends(chat("juliet@localhost/phone", ""));

        phone.receives("<message id='m1' type='chat' from='romeo@localhost/orchard'><body>hello</body></message>");
        laptop.receives("<message type='chat' from='juliet@localhost' to='juliet@localhost/laptop'>"
                + "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                + "<message xmlns='jabber:client' id='m1' type='chat' from='romeo@localhost/orchard'"
                + " to='juliet@localhost/phone'><stanza-id xmlns='urn:xmpp:sid:0' id='42' by='juliet@localhost'/>"
                + "<body>hello</body></message></forwarded></received></message>");
        phone.receivesNothing();
        laptop.receivesNothing();
    }

    @Test
    void sentMessageIsCopiedToTheOtherDevice() {
        enable(laptop);

        phone.sends(chat("romeo@localhost", ""));

        laptop.receives("<message type='chat' from='juliet@localhost' to='juliet@localhost/laptop'>"
                + "<sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                + "<message xmlns='jabber:client' id='m1' from='juliet@localhost/phone' to='romeo@localhost'>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' id='42' by='juliet@localhost'/><body>hello</body></message>"
                + "</forwarded></sent></message>");
        phone.receivesNothing();
    }

    @Test
    void senderGetsNoCopyOfItsOwn() {
        enable(phone);

        phone.sends(chat("romeo@localhost", ""));

        phone.receivesNothing();
        laptop.receivesNothing();
    }

    @Test
    void whoeverGotTheMessageGetsNoCopy() {
        enable(laptop);
        enable(phone);

        romeo.sends(chat("juliet@localhost", ""));

        phone.receives("<message id='m1'/>");
        laptop.receives("<message id='m1'/>");
        phone.receivesNothing();
        laptop.receivesNothing();
    }

    @Test
    void messageToOneselfComesOnceToEachDevice() {
        enable(laptop);
        enable(phone);

        phone.sends(chat("juliet@localhost/phone", ""));

        phone.receives("<message id='m1'/>");
        laptop.receives("<message from='juliet@localhost'><received xmlns='urn:xmpp:carbons:2'/></message>");
        phone.receivesNothing();
        laptop.receivesNothing();
    }

    @Test
    void disabledMeansDisabled() {
        enable(laptop);
        laptop.sends("<iq type='set' id='c2'><disable xmlns='urn:xmpp:carbons:2'/></iq>");
        laptop.ignores();

        romeo.sends(chat("juliet@localhost/phone", ""));

        laptop.receivesNothing();
    }

    @Test
    void privateMessageIsNotCopiedOnEitherSide() {
        enable(laptop);
        String isPrivate = "<private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/>";

        romeo.sends(chat("juliet@localhost/phone", isPrivate));
        phone.sends(chat("romeo@localhost", isPrivate));

        phone.receives("<message type='chat'><private xmlns='urn:xmpp:carbons:2'/></message>");
        romeo.receives("<message type='chat'><private xmlns='urn:xmpp:carbons:2'/></message>");
        laptop.receivesNothing();
    }

    @Test
    void normalMessageIsCopiedOnlyIfItIsInstantMessaging() {
        enable(laptop);

        romeo.sends("<message to='juliet@localhost/phone'><x xmlns='urn:example:x'/></message>");
        laptop.receivesNothing();

        romeo.sends("<message to='juliet@localhost/phone'><received xmlns='urn:xmpp:receipts' id='r'/></message>");
        laptop.receives("<message><received xmlns='urn:xmpp:carbons:2'/></message>");
    }

    @Test
    void groupchatAndHeadlinesAreNotCopied() {
        enable(laptop);

        romeo.sends("<message type='groupchat' to='juliet@localhost/phone'><body>x</body></message>");
        romeo.sends("<message type='headline' to='juliet@localhost/phone'><body>x</body></message>");

        laptop.receivesNothing();
    }

    @Test
    void roomsPrivateMessageIsCopiedWhenSentAndNotWhenReceived() {
        enable(laptop);
        String room = "<x xmlns='http://jabber.org/protocol/muc#user'/>";

        romeo.sends(chat("juliet@localhost/phone", room));
        laptop.receivesNothing();

        phone.sends(chat("romeo@localhost/orchard", room));
        laptop.receives("<message type='chat'><sent xmlns='urn:xmpp:carbons:2'/></message>");
    }

    @Test
    void invitationIsCopied() {
        enable(laptop);

        romeo.sends("<message to='juliet@localhost/phone'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<invite to='a@b'/></x></message>");
        laptop.receives("<message><received xmlns='urn:xmpp:carbons:2'/></message>");

        romeo.sends("<message to='juliet@localhost/phone'><x xmlns='jabber:x:conference' jid='room@conf'/></message>");
        laptop.receives("<message><received xmlns='urn:xmpp:carbons:2'/></message>");
    }

    @Test
    void errorFollowsTheMessageThatItRepeats() {
        enable(laptop);

        romeo.sends("<message type='error' id='m1' to='juliet@localhost/phone'><body>hello</body>"
                + "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");

        laptop.receives("<message type='error'><received xmlns='urn:xmpp:carbons:2'/></message>");
    }

    @Test
    void forgedCopyIsTakenOffWhereverItIsSent() {
        enable(laptop);
        for (String to : new String[] {"juliet@localhost", "juliet@localhost/phone"}) {
            for (String side : new String[] {"received", "sent"}) {
                romeo.sends(chat(to, FORGED.formatted(side)));

                assertThat(phone.next().toString()).contains("hello").doesNotContain("urn:xmpp:carbons:2");
                Element other = laptop.next();
                assertThat(other.toString()).contains("hello").doesNotContain("Flee!");
            }
        }
    }

    @Test
    void ourOwnUsersForgeNothingEither() {
        enable(laptop);

        phone.sends(chat("romeo@localhost/orchard", FORGED.formatted("received")));

        assertThat(romeo.next().toString()).contains("hello").doesNotContain("urn:xmpp:carbons:2");
        assertThat(laptop.next().toString()).doesNotContain("Flee!");
    }

    @Test
    void copiesAreKeptForADeviceThatIsAway() {
        laptop.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        String id = laptop.next().attr("id");
        laptop.sends(ENABLE);
        laptop.loses();

        romeo.sends(chat("juliet@localhost/phone", ""));

        TestClient again = server.login("juliet@localhost");
        again.sends("<resume xmlns='urn:xmpp:sm:3' h='1' previd='" + id + "'/>");
        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        again.receives("<message type='chat' from='juliet@localhost'><received xmlns='urn:xmpp:carbons:2'/></message>");
    }
}
