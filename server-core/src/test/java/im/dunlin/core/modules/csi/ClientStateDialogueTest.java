// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.csi;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.Limits;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Name;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientStateDialogueTest {
    private static final String INACTIVE = "<inactive xmlns='urn:xmpp:csi:0'/>";
    private static final String ACTIVE = "<active xmlns='urn:xmpp:csi:0'/>";

    private final TestServer server = TestServer.with(SessionModules.all());
    private final TestClient phone = server.connect("juliet@localhost/phone");

    @BeforeEach
    void inactive() {
        phone.sends(INACTIVE);
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** The server sends this to the phone, whoever it is from. */
    private void sent(String xml) {
        Stanza stanza = TestStanzas.parse(xml);
        server.turn(phone.jid().bare(), turn -> {
            turn.send(phone.session(), stanza);
            return null;
        });
    }

    private void presence(String from, String show) {
        sent("<presence from='" + from + "'><show>" + show + "</show></presence>");
    }

    private void typing(String from, String state) {
        sent("<message type='chat' from='" + from + "'><" + state + " xmlns='http://jabber.org/protocol/chatstates'/>"
                + "</message>");
    }

    private void chat(String id) {
        sent("<message type='chat' id='" + id + "' from='romeo@localhost/orchard'><body>hello</body></message>");
    }

    private void event(String from, String node, String item) {
        sent("<message type='headline' from='" + from + "'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
                + "<items node='" + node + "'><item id='" + item + "'/></items></event></message>");
    }

    @Test
    void itIsOfferedOnceTheClientHasLoggedIn() {
        Name csi = Name.of("urn:xmpp:csi:0", "csi");

        assertThat(server.login("juliet@localhost").features().has(csi)).isTrue();
        assertThat(server.open("localhost").features().has(csi)).isFalse();
    }

    @Test
    void trafficOfAnHourBecomesAHandfulOfStanzas() {
        for (int minute = 0; minute < 60; minute++) {
            for (int contact = 0; contact < 5; contact++) {
                String from = "contact" + contact + "@localhost/x";
                presence(from, minute % 2 == 0 ? "away" : "chat");
                typing(from, minute % 2 == 0 ? "composing" : "paused");
                event("contact" + contact + "@localhost", "http://jabber.org/protocol/tune", "current");
            }
        }
        assertThat(phone.waiting()).isZero();

        phone.sends(ACTIVE);

        assertThat(phone.waiting()).isEqualTo(15);
        phone.receives("<presence from='contact0@localhost/x'><show>chat</show></presence>");
        phone.receives("<message type='chat' from='contact0@localhost/x'>"
                + "<paused xmlns='http://jabber.org/protocol/chatstates'/></message>");
    }

    @Test
    void activeClientIsSentEverythingAtOnce() {
        phone.sends(ACTIVE);

        presence("romeo@localhost/orchard", "away");

        phone.receives("<presence from='romeo@localhost/orchard'/>");
    }

    @Test
    void whatWaitsGoesInItsOrderBeforeTheFirstThatCannotWait() {
        presence("romeo@localhost/orchard", "away");
        presence("nurse@localhost/hall", "away");
        presence("romeo@localhost/orchard", "chat");
        typing("romeo@localhost/orchard", "composing");

        chat("m1");

        phone.receives("<presence from='nurse@localhost/hall'/>");
        phone.receives("<presence from='romeo@localhost/orchard'><show>chat</show></presence>");
        phone.receives("<message type='chat' from='romeo@localhost/orchard'>"
                + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
        phone.receives("<message type='chat' id='m1'/>");
        phone.receivesNothing();
        presence("romeo@localhost/orchard", "xa");
        phone.receivesNothing();
    }

    @Test
    void nothingThatAPersonWaitsForIsHeldBack() {
        chat("m1");
        phone.receives("<message id='m1'/>");
        sent("<message type='chat' from='romeo@localhost/o'>"
                + "<propose xmlns='urn:xmpp:jingle-message:0' id='call'/></message>");
        phone.receives("<message><propose xmlns='urn:xmpp:jingle-message:0'/></message>");
        sent("<message type='error' from='romeo@localhost'><error type='cancel'/></message>");
        phone.receives("<message type='error'/>");
        sent("<iq type='get' id='q' from='romeo@localhost/o'><x xmlns='urn:example:x'/></iq>");
        phone.receives("<iq id='q'/>");
        sent("<presence type='subscribe' from='romeo@localhost'/>");
        phone.receives("<presence type='subscribe'/>");
        sent("<message type='groupchat' from='room@localhost/r'><body>hi</body></message>");
        phone.receives("<message type='groupchat'/>");
    }

    @Test
    void roomsPresenceOfTheClientItselfIsNotHeldBack() {
        sent("<presence from='room@localhost/nick'><x xmlns='http://jabber.org/protocol/muc#user'>"
                + "<status code='110'/></x></presence>");

        phone.receives("<presence from='room@localhost/nick'/>");
    }

    @Test
    void differentItemsOfANodeAreAllTold() {
        event("romeo@localhost", "urn:xmpp:microblog:0", "one");
        event("romeo@localhost", "urn:xmpp:microblog:0", "two");
        event("romeo@localhost", "urn:xmpp:microblog:0", "one");

        phone.sends(ACTIVE);

        assertThat(phone.next().toString()).contains("two");
        assertThat(phone.next().toString()).contains("one");
        phone.receivesNothing();
    }

    @Test
    void eventsOfTheAccountItselfAreNotHeldBack() {
        event("juliet@localhost", "urn:xmpp:mds:displayed:0", "romeo@localhost");

        phone.receives("<message from='juliet@localhost'/>");
    }

    @Test
    void copyWaitsIfWhatItCopiesWould() {
        TestClient laptop = server.connect("juliet@localhost/laptop");
        server.connect("romeo@localhost/orchard").sends("<presence/>");
        phone.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        phone.ignores();

        laptop.sends("<message type='chat' to='romeo@localhost'>"
                + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
        phone.receivesNothing();

        laptop.sends("<message type='chat' to='romeo@localhost'>"
                + "<displayed xmlns='urn:xmpp:chat-markers:0' id='m'/></message>");
        assertThat(phone.next().toString()).contains("composing");
        assertThat(phone.next().toString()).contains("displayed");
    }

    @Test
    void bufferOverItsBoundIsSent() {
        int bound = Limits.defaults().inactive().stanzas();
        for (int i = 0; i < bound; i++) {
            presence("contact" + i + "@localhost/x", "away");
        }
        phone.receivesNothing();

        presence("another@localhost/x", "away");

        assertThat(phone.waiting()).isEqualTo(bound + 1);
    }

    @Test
    void resumedStreamBeginsActive() {
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        String id = phone.next().attr("id");
        chat("m1");
        presence("romeo@localhost/orchard", "away");
        phone.loses();

        TestClient again = server.login("juliet@localhost");
        again.sends("<resume xmlns='urn:xmpp:sm:3' h='0' previd='" + id + "'/>");

        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        again.receives("<message id='m1'/>");
        again.receives("<r xmlns='urn:xmpp:sm:3'/>");
        again.receives("<presence from='romeo@localhost/orchard'/>");
        presence("nurse@localhost/hall", "away");
        again.receives("<presence from='nurse@localhost/hall'/>");
    }

    @Test
    void heldStanzasAreCountedOnlyWhenTheyAreSent() {
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        phone.ignores();
        presence("romeo@localhost/orchard", "away");

        assertThat(phone.session().outbound().sent()).isZero();
        phone.sends(ACTIVE);
        assertThat(phone.session().outbound().sent()).isEqualTo(1);
    }
}
