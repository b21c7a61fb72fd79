// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.disco;
import static im.dunlin.core.modules.pubsub.PepFixture.item;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.presence;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.memory.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events for contacts that are not accounts here: of the presence that comes from there (XEP-0163 §4.3.1), a component's here. */
class DistantContactsTest {
    private static final String TUNE = "urn:tune";
    private static final String ROMEO = "romeo@montague.example";
    private static final String ORCHARD = ROMEO + "/orchard";

    private final TestServer server;
    private final TestClient montague;
    private TestClient juliet;

    DistantContactsTest(@TempDir Path directory) throws IOException, ConfigException {
        Path secret = Files.writeString(directory.resolve("secret"), "of the component");
        ServerConfig config = new ConfigLoader(Map.of())
                .parse("components: { montague.example: { secretFile: \"" + secret + "\" } }");
        server = TestServer.with(new MemoryStore(), new TestTime(), config, PepFixture.modules());
        montague = server.open("montague.example");
        Objects.requireNonNull(server.router().component(Jid.of(ROMEO))).connect(montague);
        juliet = server.connect("juliet@localhost/balcony");
    }

    @BeforeEach
    void befriend() {
        juliet.sends("<presence type='subscribe' to='" + ROMEO + "'/>");
        comes(ROMEO, "<presence type='subscribed' to='juliet@localhost'/>");
        comes(ROMEO, "<presence type='subscribe' to='juliet@localhost'/>");
        juliet.sends("<presence type='subscribed' to='" + ROMEO + "'/>");
        available(juliet);
        juliet.ignores();
        montague.ignores();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** A stanza from elsewhere. */
    private void comes(String from, String xml) {
        Stanza stanza = Objects.requireNonNull(TestStanzas.parse(xml)).withFrom(Jid.of(from));
        server.router().fromComponent(montague, stanza, 0);
        server.settle();
        juliet.ignores();
    }

    /** He becomes available elsewhere, and says what he wants to hear of when he is asked. */
    private void appears(String from, String... nodes) {
        comes(from, presence(nodes).replace("<presence>", "<presence to='juliet@localhost'>"));
        if (montague.waiting() > 0) {
            Element question = montague.receives("<iq type='get' from='juliet@localhost' to='" + from
                    + "'><query xmlns='" + Ns.DISCO_INFO + "'/></iq>");
            comes(
                    from,
                    "<iq type='result' id='" + question.attr("id") + "' to='juliet@localhost'>" + disco(nodes)
                            + "</iq>");
        }
    }

    private static String event(String to, String text) {
        return "<message type='headline' from='juliet@localhost' to='" + to + "'><event xmlns='" + Ns.PUBSUB_EVENT
                + "'><items node='urn:tune'><item id='1'><tune xmlns='urn:tune'>" + text
                + "</tune></item></items></event></message>";
    }

    @Test
    void interestedClientIsToldOfWhatIsPublished() {
        appears(ORCHARD, TUNE);

        published(juliet, TUNE, item("1", "lark"), "");

        montague.receives(event(ORCHARD, "lark"));
        montague.receivesNothing();
    }

    @Test
    void clientThatBecomesInterestedIsToldTheLastItem() {
        published(juliet, TUNE, item("1", "lark"), "");

        appears(ORCHARD, TUNE);

        montague.receives(event(ORCHARD, "lark"));
        montague.receivesNothing();
    }

    @Test
    void clientThatHasGoneIsToldNoMore() {
        appears(ORCHARD, TUNE);
        comes(ORCHARD, "<presence type='unavailable' to='juliet@localhost'/>");

        published(juliet, TUNE, item("1", "lark"), "");

        montague.receivesNothing();
    }

    @Test
    void clientThatIsNotInterestedIsNotTold() {
        appears(ORCHARD, "urn:mood");

        published(juliet, TUNE, item("1", "lark"), "");

        montague.receivesNothing();
    }

    /** What is heard while nobody is there would never be heard to end. */
    @Test
    void nothingIsKnownOfAContactWhenTheLastSessionHasEnded() {
        appears(ORCHARD, TUNE);
        juliet.leaves();
        montague.ignores();
        juliet = server.connect("juliet@localhost/balcony");

        published(juliet, TUNE, item("1", "lark"), "");

        montague.receivesNothing();
    }

    @Test
    void nodeThatIsForSomeIsNotToldToOthers() {
        appears(ORCHARD, TUNE);

        published(juliet, TUNE, item("1", "lark"), options("access_model", "whitelist"));

        montague.receivesNothing();
    }

    @Test
    void whoIsBlockedIsNotTold() {
        appears(ORCHARD, TUNE);
        juliet.sends("<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='" + ROMEO + "'/></block></iq>");
        juliet.ignores();
        montague.ignores();

        published(juliet, TUNE, item("1", "lark"), "");

        montague.receivesNothing();
    }

    /** Nobody else may make the account ask, or tell who it is friends with. */
    @Test
    void strangerIsNotAskedWhatItWants() {
        comes(
                "tybalt@montague.example/street",
                presence(TUNE).replace("<presence>", "<presence to='juliet@localhost'>"));

        montague.receivesNothing();
    }

    @Test
    void contactHasABoundedNumberOfClients() {
        for (int i = 0; i < 12; i++) {
            appears(ROMEO + "/" + i, TUNE);
        }

        published(juliet, TUNE, item("1", "lark"), "");

        for (int i = 0; i < 10; i++) {
            montague.receives("<message type='headline'/>");
        }
        montague.receivesNothing();
    }

    /** Each new hash costs a question (threat R09). */
    @Test
    void clientThatIsAlwaysSomethingElseIsNotAskedEachTime() {
        for (int i = 0; i < 200; i++) {
            comes(ORCHARD, presence(TUNE + i).replace("<presence>", "<presence to='juliet@localhost'>"));
        }

        assertThat(montague.waiting()).isEqualTo(10);
    }
}
