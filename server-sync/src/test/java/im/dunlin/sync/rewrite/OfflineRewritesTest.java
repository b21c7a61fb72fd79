// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.CAROL;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.online;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.retract;
import static im.dunlin.sync.rewrite.RewriteFixture.says;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Xabber's clients change while a standard client is away reaches it when it is back, without its asking the archive. */
class OfflineRewritesTest {
    private static final Name REPLACE = Name.of("urn:xmpp:message-correct:0", "replace");
    private static final Name RETRACT = Name.of("urn:xmpp:message-retract:1", "retract");

    private final TestServer server = TestServer.with(RewriteFixture.modules());
    private final TestClient alice = xabber(server, "alice@localhost/phone");

    OfflineRewritesTest() {
        TestClient carol = online(server, "carol@localhost/desk");
        says(server, alice, "carol@localhost", "m1", "<body>one</body>");
        says(server, alice, "carol@localhost", "m2", "<body>two</body>");
        carol.leaves();
    }

    @AfterEach
    void close() {
        RewriteFixture.isSound(server, CAROL, "at the end");
        server.close();
    }

    /** Becomes available, answers pings, and tells what came: bodies, and what of them changes which message. */
    private static List<String> arrives(TestClient client) {
        client.sends("<presence/>");
        List<String> came = new ArrayList<>();
        while (client.waiting() > 0) {
            Element next = client.next();
            if (next.name().local().equals("iq")) {
                client.sends("<iq type='result' id='" + next.attr("id") + "' to='localhost'/>");
            } else if (next.name().local().equals("message")) {
                Element replace = next.first(REPLACE);
                Element retract = next.first(RETRACT);
                came.add(
                        retract != null
                                ? "retract " + retract.attr("id")
                                : (replace == null ? "" : "replace " + replace.attr("id") + " ")
                                        + next.text(Message.BODY));
            }
        }
        return came;
    }

    private void changes(String request) {
        alice.ignores();
        alice.sends(request);
        alice.ignores();
    }

    @Test
    void editsAndRetractionsComeOnceAndInTheirOrder() {
        changes(replace(id(server, ALICE, "m1"), "one, better"));
        changes(retract(id(server, ALICE, "m2"), true));
        says(server, alice, "carol@localhost", "m3", "<body>three</body>");

        assertThat(arrives(server.connect("carol@localhost/desk")))
                .containsExactly("replace m1 one, better", "retract m2", "three");
        assertThat(arrives(server.connect("carol@localhost/other"))).isEmpty();
    }

    @Test
    void secondEditTakesThePlaceOfTheFirst() {
        changes(replace(id(server, ALICE, "m1"), "better"));
        changes(replace(id(server, ALICE, "m1"), "best"));

        assertThat(arrives(server.connect("carol@localhost/desk"))).containsExactly("replace m1 best");
    }

    @Test
    void whoWasToldIsNotToldAgain() {
        TestClient carol = online(server, "carol@localhost/desk");
        changes(replace(id(server, ALICE, "m1"), "better"));
        carol.receives("<message><body>better</body></message>");
        carol.leaves();

        assertThat(arrives(server.connect("carol@localhost/desk"))).isEmpty();
    }

    @Test
    void sessionThatSpeaksTheProtocolIsNotGivenWhatItLearnsAsAnEvent() {
        changes(replace(id(server, ALICE, "m1"), "better"));
        TestClient carol = server.connect("carol@localhost/desk");
        RewriteFixture.version(carol);

        assertThat(arrives(carol)).isEmpty();
    }
}
