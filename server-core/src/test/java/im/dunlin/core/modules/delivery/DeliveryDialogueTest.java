// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryDialogueTest {
    private static final String BODY = "<body>Art thou there?</body></message>";

    private final List<Passage> noticed = new ArrayList<>();
    private final TestServer server = TestServer.with(modules());
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient juliet = server.connect("juliet@localhost/balcony");

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        // Stands for an archive: keeps what is said in chats.
        modules.put(
                "archive",
                setup -> setup.message(Stage.RECORD, (passage, turn) -> {
                            if (passage.way() == Way.INBOUND
                                    && passage.message().payload().count() == 2) {
                                passage.archived("1");
                            }
                            return Verdict.PASS;
                        })
                        .message(Stage.NOTIFY, (passage, turn) -> {
                            if (turn.jid().toString().equals("juliet@localhost")) {
                                noticed.add(passage);
                            }
                            return Verdict.PASS;
                        }));
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void chatGoesToTheMostAvailableResource() {
        TestClient chamber = server.connect("juliet@localhost/chamber");
        juliet.sends("<presence><priority>1</priority></presence>");
        chamber.sends("<presence><priority>2</priority></presence>");
        juliet.ignores();
        chamber.ignores();

        romeo.sends("<message type='chat' id='m1' to='juliet@localhost'>" + BODY);

        chamber.receives("<message type='chat' id='m1' from='romeo@localhost/orchard' to='juliet@localhost'>" + BODY);
        juliet.receivesNothing();
        romeo.receivesNothing();
        assertThat(noticed.get(0).deliveredTo()).containsExactly(chamber.session());
    }

    @Test
    void chatToAResourceThatIsGoneFindsAnother() {
        juliet.sends("<presence/>");
        juliet.ignores();

        romeo.sends("<message type='chat' to='juliet@localhost/gone'>" + BODY);

        juliet.receives("<message type='chat' to='juliet@localhost/gone'>" + BODY);
    }

    @Test
    void whatNobodyKeepsIsRefused() {
        romeo.sends("<message type='chat' id='m1' to='juliet@localhost'>" + BODY);
        romeo.receivesError("service-unavailable");
        romeo.sends("<message type='groupchat' id='m2' to='juliet@localhost'>" + BODY);
        romeo.receivesError("service-unavailable");
        juliet.receivesNothing();
        assertThat(noticed).isEmpty();
    }

    @Test
    void whatIsKeptGoesOnToBeNoticed() {
        romeo.sends("<message type='chat' to='juliet@localhost'><thread>t</thread>" + BODY);

        romeo.receivesNothing();
        juliet.receivesNothing();
        assertThat(noticed).hasSize(1);
        assertThat(noticed.get(0).deliveredTo()).isEmpty();
    }

    /** Threat S09, and RFC 6121 §8.5.2.2. */
    @ParameterizedTest
    @ValueSource(strings = {"error", "headline"})
    void neitherErrorNorHeadlineForNobodyIsAnswered(String type) {
        romeo.sends("<message type='" + type + "' to='juliet@localhost'>" + BODY);
        romeo.sends("<message type='error' to='nobody@localhost'>" + BODY);

        romeo.receivesNothing();
        assertThat(noticed).isEmpty();
    }

    @Test
    void newsThatSomebodyTypesIsLostInSilence() {
        romeo.sends("<message type='chat' to='juliet@localhost'>"
                + "<composing xmlns='http://jabber.org/protocol/chatstates'/></message>");

        romeo.receivesNothing();
    }

    @Test
    void noteToSelfReachesTheOtherResource() {
        TestClient house = server.connect("romeo@localhost/house");
        house.sends("<presence><priority>1</priority></presence>");
        house.ignores();

        romeo.sends("<message type='chat'>" + BODY);

        house.receives("<message type='chat' from='romeo@localhost/orchard' to='romeo@localhost'>" + BODY);
    }

    /** Threat S21. */
    @Test
    void delayInTheNameOfTheServerIsTakenOff() {
        juliet.sends("<presence/>");
        juliet.ignores();
        String stamp = "xmlns='urn:xmpp:delay' stamp='2002-09-10T23:08:25Z'";

        romeo.sends("<message type='chat' to='juliet@localhost'><delay " + stamp + " from='localhost'/><delay " + stamp
                + " from='Juliet@LOCALHOST/x'/><delay " + stamp + " from='elsewhere.example'/><delay " + stamp + "/>"
                + BODY);

        Element got = juliet.next();
        assertThat(got.toString()).doesNotContain("LOCALHOST").doesNotContain("from='localhost'");
        assertThat(got.children()).hasSize(3);
    }
}
