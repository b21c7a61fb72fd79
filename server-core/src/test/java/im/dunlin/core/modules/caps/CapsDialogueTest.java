// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.caps;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CapsDialogueTest {
    private static final String TUNES = "<identity category='client' type='pc'/><feature var='urn:tune+notify'/>"
            + "<feature var='urn:mood+notify'/><feature var='urn:tune'/>";
    private static final String NOTHING = "<identity category='client' type='pc'/><feature var='urn:tune'/>";

    private final List<String> interested = new ArrayList<>();
    private final TestServer server = TestServer.with(modules());
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("caps", CapsModule::new);
        modules.put(
                "test",
                setup -> setup.require(CapsView.class)
                        .follow((session, nodes, turn) ->
                                interested.add(session.jid().resource()
                                        + ' '
                                        + nodes.stream().sorted().toList())));
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String hash(String disco) {
        return CapsHash.sha1(TestXml.parse("<query xmlns='" + Ns.DISCO_INFO + "'>" + disco + "</query>"));
    }

    private static void available(TestClient client, String disco) {
        client.sends("<presence><c xmlns='" + Ns.CAPS + "' hash='sha-1' node='urn:client' ver='" + hash(disco)
                + "'/></presence>");
        client.receives("<presence/>");
    }

    private static Element asked(TestClient client, String node) {
        return client.receives("<iq type='get'><query xmlns='" + Ns.DISCO_INFO + "' node='" + node + "'/></iq>");
    }

    private static void answers(TestClient client, Element question, String disco) {
        client.sends("<iq type='result' id='" + question.attr("id") + "' to='" + question.attr("from")
                + "'><query xmlns='" + Ns.DISCO_INFO + "'>" + disco + "</query></iq>");
    }

    private Set<String> interests(TestClient client) {
        CapsView caps = server.modules().provided(CapsView.class);
        return Objects.requireNonNull(server.turn(client.jid().bare(), turn -> caps.interests(client.session(), turn)));
    }

    /** XEP-0115 §6.2: asked once, and whoever has the same hash is not asked again. */
    @Test
    void clientIsAskedForAHashThatNobodyKnows() {
        available(juliet, TUNES);
        Element question = asked(juliet, "urn:client#" + hash(TUNES));
        assertThat(question.attr("from")).isEqualTo("juliet@localhost");
        answers(juliet, question, TUNES);
        TestClient romeo = server.connect("romeo@localhost/orchard");

        available(romeo, TUNES);

        romeo.receivesNothing();
        assertThat(interests(juliet)).containsExactlyInAnyOrder("urn:tune", "urn:mood");
        assertThat(interests(romeo)).containsExactlyInAnyOrder("urn:tune", "urn:mood");
        assertThat(interested).containsExactly("balcony [urn:mood, urn:tune]", "orchard [urn:mood, urn:tune]");
    }

    @Test
    void furtherPresenceWithTheSameHashIsNoNews() {
        available(juliet, TUNES);
        answers(juliet, juliet.next(), TUNES);

        available(juliet, TUNES);

        juliet.receivesNothing();
        assertThat(interested).hasSize(1);
    }

    @Test
    void clientThatDoesNotAnswerIsAskedOnce() {
        available(juliet, TUNES);
        juliet.ignores();
        server.after(Duration.ofMinutes(1));

        available(juliet, TUNES);

        juliet.receivesNothing();
        assertThat(interests(juliet)).isEmpty();
    }

    /** Threat S11: whoever lies about a popular hash changes nothing for the others. */
    @Test
    void lieAboutAHashHoldsForTheLiarOnly() {
        available(juliet, TUNES);
        answers(juliet, juliet.next(), NOTHING);
        TestClient romeo = server.connect("romeo@localhost/orchard");

        available(romeo, TUNES);
        answers(romeo, asked(romeo, "urn:client#" + hash(TUNES)), TUNES);

        assertThat(interests(juliet)).isEmpty();
        assertThat(interests(romeo)).contains("urn:tune");
    }

    /** The legacy form of XEP-0115 has nothing to verify. */
    @Test
    void answerToALegacyHashIsNotShared() {
        String legacy = "<presence><c xmlns='" + Ns.CAPS + "' node='urn:client' ver='1.0'/></presence>";
        juliet.sends(legacy);
        juliet.receives("<presence/>");
        answers(juliet, asked(juliet, "urn:client#1.0"), TUNES);
        TestClient romeo = server.connect("romeo@localhost/orchard");

        romeo.sends(legacy);

        romeo.receives("<presence/>");
        asked(romeo, "urn:client#1.0");
        assertThat(interests(juliet)).contains("urn:tune");
    }

    /** XEP-0390 §4.3. */
    @Test
    void currentHashIsAskedForByItsOwnNode() {
        Element query = TestXml.parse("<query xmlns='" + Ns.DISCO_INFO + "'>" + TUNES + "</query>");
        String hash = CapsHash.current(query, "sha-256");
        juliet.sends("<presence><c xmlns='urn:xmpp:caps'><hash xmlns='urn:xmpp:hashes:2' algo='sha-256'>" + hash
                + "</hash></c></presence>");
        juliet.receives("<presence/>");

        answers(juliet, asked(juliet, "urn:xmpp:caps#sha-256." + hash), TUNES);

        assertThat(interests(juliet)).contains("urn:tune");
    }

    @Test
    void changedClientIsInterestedInWhatIsNew() {
        available(juliet, NOTHING);
        answers(juliet, juliet.next(), NOTHING);
        assertThat(interested).isEmpty();

        available(juliet, TUNES);
        answers(juliet, juliet.next(), TUNES);

        assertThat(interested).containsExactly("balcony [urn:mood, urn:tune]");
    }

    @Test
    void unavailableClientIsInterestedInNothing() {
        available(juliet, TUNES);
        answers(juliet, juliet.next(), TUNES);

        juliet.sends("<presence type='unavailable'/>");

        assertThat(interests(juliet)).isEmpty();
    }

    /** An answer is bounded like everything that a peer sends. */
    @Test
    void interestsAreBounded() {
        StringBuilder many = new StringBuilder("<identity category='client' type='pc'/>");
        for (int i = 0; i < 1_000; i++) {
            many.append("<feature var='urn:").append(i).append("+notify'/>");
        }
        available(juliet, many.toString());
        answers(juliet, juliet.next(), many.toString());

        assertThat(interests(juliet)).hasSize(CapsModule.MAX_INTERESTS);
    }
}
