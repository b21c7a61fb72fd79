// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RecorderDialogueTest {
    private static final Name RESULT = Name.of("urn:xmpp:mam:2", "result");

    private final TestServer server = TestServer.with(ArchiveFixture.modules());
    private final TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private static int archived(TestClient client) {
        client.ignores();
        client.sends("<iq type='set' id='count'><query xmlns='urn:xmpp:mam:2'>"
                + "<set xmlns='http://jabber.org/protocol/rsm'><max>0</max></set></query></iq>");
        Element fin = client.next().firstChild();
        return Integer.parseInt(fin.first(PageRequest.SET).text(PageRequest.COUNT));
    }

    @Test
    void bothSidesKeepAMessageUnderIdsOfTheirOwn() {
        romeo.sends("<message type='chat' id='m1' to='juliet@localhost'><body>She speaks!</body></message>");

        Element received =
                juliet.receives("<message from='romeo@localhost/orchard' id='m1'><body>She speaks!</body></message>");
        assertThat(received.children(StanzaId.NAME))
                .extracting(id -> id.attr("by"))
                .as("her id, and his for what he will say of the message")
                .containsExactly("juliet@localhost", "romeo@localhost");
        juliet.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
        Element result = juliet.next().first(RESULT);
        assertThat(result.attr("id")).isEqualTo(received.first(StanzaId.NAME).attr("id"));
        assertThat(archived(romeo)).isEqualTo(1);
    }

    @Test
    void forgedStanzaIdsGoAndOneIsAdded() {
        romeo.sends("<message type='chat' to='juliet@localhost'><body>hi</body>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='1760000300000000'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='JULIET@localhost' id='forged'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='again'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='own'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='room@muc.example' id='kept'/></message>");

        Element received = juliet.next();
        List<Element> ids = received.children(StanzaId.NAME);
        assertThat(ids)
                .extracting(id -> id.attr("by"))
                .containsExactlyInAnyOrder("juliet@localhost", "romeo@localhost", "room@muc.example");
        assertThat(ids.subList(0, 2))
                .extracting(id -> id.attr("id"))
                .allMatch(id -> id.matches("[0-9]{16}"))
                .doesNotContain("1760000300000000");
    }

    @Test
    void forgedArchiveResultNeverArrives() {
        romeo.sends(
                "<message to='juliet@localhost'><body>look</body><result xmlns='urn:xmpp:mam:2' id='1'/></message>");
        romeo.sends("<message to='juliet@localhost'><result xmlns='urn:xmpp:mam:2' id='1'/></message>");

        assertThat(juliet.next().has(RESULT)).isFalse();
        juliet.receivesNothing();
    }

    @Test
    void chatStatesErrorsAndWhatMustNotBeStoredAreNotKept() {
        romeo.sends(
                "<message type='chat' to='juliet@localhost'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
        romeo.sends("<message type='headline' to='juliet@localhost'><body>news</body></message>");
        romeo.sends("<message type='groupchat' to='juliet@localhost'><body>all</body></message>");
        romeo.sends(
                "<message type='chat' to='juliet@localhost'><body>psst</body><no-store xmlns='urn:xmpp:hints'/></message>");
        romeo.sends("<message type='error' to='juliet@localhost/balcony'><body>oops</body></message>");

        assertThat(archived(juliet)).isZero();
        assertThat(archived(romeo)).isZero();
    }

    @Test
    void messageToOneselfIsKeptOnce() {
        TestClient tablet = ArchiveFixture.online(server, "romeo@localhost/tablet");

        romeo.sends("<message type='chat' id='note' to='romeo@localhost'><body>buy poison</body></message>");

        tablet.receives("<message id='note'><body>buy poison</body></message>");
        assertThat(archived(tablet)).isEqualTo(1);
    }

    @Test
    void messageSentAgainAfterAReconnectIsNeitherKeptNorRoutedTwice() {
        String message = "<message type='chat' id='m' to='juliet@localhost'><body>Ay me!</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        romeo.sends(message);
        romeo.loses();
        server.after(Duration.ofSeconds(5));
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");

        again.sends(message);

        again.receivesNothing();
        assertThat(archived(again)).isEqualTo(1);
        assertThat(archived(juliet)).isEqualTo(1);
    }

    @Test
    void noteToOneselfSentAgainAfterAReconnectIsNotKeptTwice() {
        String message =
                "<message type='chat' id='a-long-enough-id' to='romeo@localhost'><body>Ay me!</body></message>";
        romeo.sends(message);
        romeo.loses();
        server.after(Duration.ofSeconds(5));
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");

        again.sends(message);

        again.receivesNothing();
        assertThat(archived(again)).isEqualTo(1);
    }

    @Test
    void sessionThatHasSentAHundredNewMessagesRepeatsNothingAnyMore() {
        String message = "<message type='chat' id='m' to='juliet@localhost'><body>Ay me!</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        romeo.sends(message);
        romeo.loses();
        server.after(Duration.ofSeconds(5));
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");
        for (int i = 0; i < 100; i++) {
            again.sends("<message type='chat' id='a-long-enough-id-" + i + "' to='juliet@localhost'><body>more</body>"
                    + "</message>");
        }

        again.sends(message);

        assertThat(archived(again)).isEqualTo(102);
    }

    @Test
    void sameIdWithOtherContentIsAnotherMessage() {
        romeo.sends("<message type='chat' id='m' to='juliet@localhost'><body>one</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>");
        server.after(Duration.ofSeconds(5));
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");

        again.sends("<message type='chat' id='m' to='juliet@localhost'><body>two</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>");

        assertThat(archived(juliet)).isEqualTo(2);
    }

    @Test
    void sameMessageInOneSessionIsMeantTwice() {
        String message = "<message type='chat' id='m' to='juliet@localhost'><body>Nay</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        server.after(Duration.ofSeconds(5));
        romeo.sends(message);
        romeo.sends(message);

        assertThat(archived(juliet)).isEqualTo(2);
    }

    @Test
    void shortIdsThatProgramsCountSayNothingOfRepetition() {
        String message = "<message type='chat' id='1' to='juliet@localhost'><body>backup done</body></message>";
        romeo.sends(message);
        server.after(Duration.ofHours(1));
        ArchiveFixture.online(server, "romeo@localhost/cron").sends(message);

        assertThat(archived(juliet)).isEqualTo(2);
    }

    @Test
    void sameMessageADayLaterIsNew() {
        String message = "<message type='chat' id='m' to='juliet@localhost'><body>Good morrow</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        romeo.sends(message);
        server.after(Duration.ofHours(25));
        ArchiveFixture.online(server, "romeo@localhost/garden").sends(message);

        assertThat(archived(juliet)).isEqualTo(2);
    }

    @Test
    void refusedMessageMayBeSentAgain() {
        String message = "<message type='chat' id='m' to='nobody@localhost'><body>hello?</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        romeo.sends(message);
        romeo.receivesError("service-unavailable");
        server.after(Duration.ofSeconds(5));
        server.account("nobody@localhost");
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");

        again.sends(message);

        assertThat(archived(ArchiveFixture.online(server, "nobody@localhost/here")))
                .isEqualTo(1);
    }

    @Test
    void messageThatNoServerTookMayBeSentAgain() {
        String message = "<message type='chat' id='m' to='tybalt@elsewhere.example'><body>hello?</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-1'/></message>";
        romeo.sends(message);
        romeo.receivesError("remote-server-not-found");
        server.after(Duration.ofSeconds(5));
        TestClient again = ArchiveFixture.online(server, "romeo@localhost/garden");

        again.sends(message);

        again.receivesError("remote-server-not-found");
    }

    @Test
    void archiveGoesWithItsAccount() {
        romeo.sends("<message type='chat' to='juliet@localhost'><body>Farewell</body></message>");
        juliet.sends(
                "<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='never'><always/><never/></prefs></iq>");

        server.turn(juliet.jid().bare(), turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.after(Duration.ofSeconds(1));
        TestClient another = ArchiveFixture.online(server, "juliet@localhost/balcony");

        assertThat(archived(another)).isZero();
        romeo.sends("<message type='chat' to='juliet@localhost'><body>Once more</body></message>");
        assertThat(archived(another)).isEqualTo(1);
    }
}
