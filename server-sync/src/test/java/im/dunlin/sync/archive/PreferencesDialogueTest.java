// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PreferencesDialogueTest {
    private final TestServer server = TestServer.with(ArchiveFixture.modules());
    private final TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private boolean keeps(String from, TestClient sender) {
        juliet.ignores();
        sender.sends("<message type='chat' to='juliet@localhost'><body>" + from + "</body></message>");
        return juliet.next().children(StanzaId.NAME).stream().anyMatch(id -> "juliet@localhost".equals(id.attr("by")));
    }

    @Test
    void everythingIsKeptUntilTheUserSaysOtherwise() {
        juliet.sends("<iq type='get' id='g'><prefs xmlns='urn:xmpp:mam:2'/></iq>");

        juliet.receives(
                "<iq type='result' id='g'><prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never/></prefs></iq>");
    }

    @Test
    void peersThatAreNeverKeptLeaveNoTrace() {
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2' default='always'><never>"
                + "<jid>romeo@localhost</jid></never></prefs></iq>");
        juliet.receives("<iq type='result' id='s'><prefs xmlns='urn:xmpp:mam:2' default='always'><always/><never>"
                + "<jid>romeo@localhost</jid></never></prefs></iq>");

        assertThat(keeps("romeo", romeo)).isFalse();
        assertThat(keeps("nurse", ArchiveFixture.online(server, "nurse@localhost/house")))
                .isTrue();
    }

    @Test
    void listEntryWithAResourceIsForThatResource() {
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2' default='never'><always>"
                + "<jid>romeo@localhost/orchard</jid></always></prefs></iq>");

        assertThat(keeps("orchard", romeo)).isTrue();
        assertThat(keeps("tomb", ArchiveFixture.online(server, "romeo@localhost/tomb")))
                .isFalse();
    }

    @Test
    void onlyContactsAreKeptIfTheUserSaysSo() {
        juliet.sends(
                "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='nurse@localhost'/></query></iq>");
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2' default='roster'/></iq>");

        assertThat(keeps("romeo", romeo)).isFalse();
        assertThat(keeps("nurse", ArchiveFixture.online(server, "nurse@localhost/house")))
                .isTrue();
    }

    @Test
    void wishesThatMakeNoSenseAreRefused() {
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2' default='perhaps'/></iq>");
        juliet.receivesError("bad-request");
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2'/></iq>");
        juliet.receivesError("bad-request");
        juliet.sends("<iq type='set' id='s'><prefs xmlns='urn:xmpp:mam:2' default='always'>"
                + "<never><jid>@</jid></never></prefs></iq>");
        juliet.receivesError("jid-malformed");
    }
}
