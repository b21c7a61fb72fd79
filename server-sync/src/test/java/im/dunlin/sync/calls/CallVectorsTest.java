// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.NO_STORE;
import static im.dunlin.sync.calls.CallsFixture.STORE;
import static im.dunlin.sync.calls.CallsFixture.proposeUnstored;
import static im.dunlin.sync.calls.CallsFixture.say;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls as Xabber's clients learn of them, by Client Synchronization and by what they call a record. */
class CallVectorsTest {
    private static final String SYNC = "https://xabber.com/protocol/synchronization";
    private static final String JMI = "urn:xmpp:jingle-message:0";

    private final TestServer server = TestServer.with(CallsFixture.modules());
    private final TestClient bob = server.connect("bob@localhost/desk");
    private TestClient phone = server.connect("alice@localhost/phone");

    @AfterEach
    void close() {
        server.close();
    }

    /** The item of bob in what changed since a stamp; null if he is not in it. */
    private Element bob(String stamp) {
        phone = server.connect("alice@localhost/phone");
        phone.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "' stamp='" + stamp + "'/></iq>");
        Element query = Objects.requireNonNull(phone.next().firstChild());
        phone.sends("<presence/>");
        phone.ignores();
        return query.children(Name.of(SYNC, "conversation")).stream()
                .filter(each -> "bob@localhost".equals(each.attr("jid")))
                .findFirst()
                .orElse(null);
    }

    private String stamp() {
        phone.ignores();
        phone.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "'/></iq>");
        return Objects.requireNonNull(
                Objects.requireNonNull(phone.next().firstChild()).attr("stamp"));
    }

    private static Element metadata(Element item, String node) {
        return item.children(Name.of(SYNC, "metadata")).stream()
                .filter(each -> node.equals(each.attr("node")))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> calls(Element item) {
        return metadata(item, JMI).children().stream()
                .map(call -> Objects.requireNonNull(call.firstChild()).toString())
                .toList();
    }

    private static Element lastMessage(Element item) {
        return metadata(item, SYNC).requireChild(Name.of(SYNC, "last-message")).firstChild();
    }

    private static Element unread(Element item) {
        return metadata(item, SYNC).requireChild(Name.of(SYNC, "unread"));
    }

    @Test
    void vector9_16ActiveCallAtReconnect() {
        String since = stamp();
        phone.leaves();
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        bob.receivesNothing();
        server.after(Duration.ofSeconds(5));
        Element item = bob(since);

        assertThat(calls(item)).singleElement().asString().contains("from='bob@localhost/desk'", "<propose", "id='c1'");
        assertThat(unread(item).attr("count")).isEqualTo("0");
        // Nothing was ever written between them: the call itself is what there is to show.
        assertThat(item.attr("stamp")).isNotEqualTo("0");
        assertThat(metadata(item, SYNC).has(Name.of(SYNC, "last-message"))).isFalse();
    }

    @Test
    void vector9_17CallProposedAndEndedWhileOffline() {
        String since = stamp();
        phone.leaves();
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        server.after(Duration.ofSeconds(15));
        bob.sends(
                say("reject", "alice@localhost", "c1", "<call initiator='bob@localhost' end-reason='missed'/>", STORE));
        Element item = bob(since);

        assertThat(calls(item)).isEmpty();
        assertThat(lastMessage(item).toString()).contains("<reject", "id='c1'");
        assertThat(unread(item).attr("count")).isEqualTo("0");
    }

    @Test
    void vector9_17StandardRetractionEndsItAsWell() {
        String since = stamp();
        phone.leaves();
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        bob.sends(say("retract", "alice@localhost", "c1"));

        assertThat(calls(bob(since))).isEmpty();
    }

    @Test
    void vector9_18CallExpires() {
        String since = stamp();
        phone.leaves();
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        bob.sends(say("reject", "alice@localhost", "c0", "", STORE));
        server.after(Duration.ofSeconds(59));
        assertThat(calls(bob(since))).hasSize(1);
        phone.leaves();
        server.after(Duration.ofSeconds(2));

        assertThat(calls(bob(since))).isEmpty();
    }

    @Test
    void vector9_18OfTwoOffersTheOtherIsLeft() {
        String since = stamp();
        phone.leaves();
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        bob.sends(proposeUnstored("alice@localhost", "c2"));
        bob.sends(say("reject", "alice@localhost", "c1", "", NO_STORE));

        assertThat(calls(bob(since))).singleElement().asString().contains("id='c2'");
    }

    @Test
    void vector9_19AnsweredOnAnotherDevice() {
        for (String word : List.of("accept", "proceed")) {
            String since = stamp();
            TestClient web = server.connect("alice@localhost/web");
            web.sends("<presence/>");
            phone.sends("<iq type='set' id='e'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
            bob.sends(proposeUnstored("alice@localhost", word));
            phone.ignores();
            web.sends(say(word, "bob@localhost/desk", word, "", NO_STORE));

            phone.receives("<message><sent xmlns='urn:xmpp:carbons:2'/></message>");
            Element item = bob(since);
            assertThat(item).isNotNull();
            assertThat(calls(item)).isEmpty();
        }
    }

    @Test
    void missedCallIsARejectionToXabbersClients() {
        String since = stamp();
        bob(since);
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        phone.ignores();
        server.after(Duration.ofSeconds(60));
        String record = "<message type='chat' from='bob@localhost' to='alice@localhost'><reject xmlns='" + JMI
                + "' id='c1'><call initiator='bob@localhost' start='2026-01-01T00:00:00.000Z'"
                + " end='2026-01-01T00:01:00.000Z' end-reason='missed'/></reject></message>";

        phone.receives(
                record.replace("</message>", "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost'/></message>"));
        phone.receivesNothing();
        assertThat(lastMessage(bob(since)).toString()).contains("<reject", "end-reason='missed'");
        phone.sends("<iq type='set' id='m'><query xmlns='urn:xmpp:mam:2'/></iq>");
        phone.receives("<message><result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                + record.replace("<message", "<message xmlns='jabber:client'")
                + "</forwarded></result></message>");
    }

    @Test
    void missedCallIsTheServersRecordToOthers() {
        phone.sends("<presence/>");
        bob.sends(proposeUnstored("alice@localhost", "c1"));
        phone.ignores();
        server.after(Duration.ofSeconds(60));

        phone.receivesNothing();
        phone.sends("<iq type='set' id='m'><query xmlns='urn:xmpp:mam:2'/></iq>");
        phone.receives(
                "<message><result xmlns='urn:xmpp:mam:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client'>"
                        + "<missed xmlns='https://dunlin.im/protocol/calls/1' sid='c1'/></message></forwarded></result></message>");
    }
}
