// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.BoundSection;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What modules may do in a bind that comes with the authentication (XEP-0386). */
class BindInlineTest {
    private static final String NS = "urn:example:part";
    private static final Name WISH = Name.of(NS, "wish");

    private static TestServer server(Consumer<Setup> part) {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("part", part);
        return TestServer.with(modules);
    }

    private static TestClient login(TestServer server, String bind) {
        server.account("juliet@localhost", "r0m30");
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><user-agent id='D4565FA7-4D72-4749-B3D3-740EDBF87770'/>"
                + "<bind xmlns='urn:xmpp:bind:0'>" + bind + "</bind></authenticate>");
        return client;
    }

    private static Element answer(String local) {
        return Element.of(Name.of(NS, local));
    }

    private static Element bound(Element success) {
        return success.requireChild(Name.of("urn:xmpp:bind:0", "bound"));
    }

    @Test
    void answersStandInTheOrderOfTheirSections() {
        try (TestServer server = server(
                setup -> setup.bindInline(BoundSection.MISSED, (binding, turn) -> binding.answer(answer("missed")))
                        .bindInline(BoundSection.URGENT, (binding, turn) -> binding.answer(answer("call"))))) {
            Element bound =
                    bound(login(server, "<enable xmlns='urn:xmpp:sm:3'/>").next());

            assertThat(bound.children())
                    .extracting(child -> child.name().local())
                    .containsExactly("call", "enabled", "missed");
        }
    }

    @Test
    void stepIsAskedOnlyForWhatIsWished() {
        try (TestServer server = server(setup -> setup.bindInline(
                NS, Set.of(WISH), BoundSection.MISSED, (binding, turn) -> binding.answer(answer("granted"))))) {
            assertThat(bound(login(server, "").next()).children()).isEmpty();
            assertThat(bound(login(server, "<wish xmlns='" + NS + "'/>").next()).children())
                    .containsExactly(answer("granted"));
        }
    }

    @Test
    void stepLearnsTheDevice() {
        try (TestServer server = server(setup -> setup.bindInline(
                BoundSection.SESSION,
                (binding, turn) -> binding.answer(Element.of(
                        Name.of(NS, "device"), String.valueOf(turn.get(binding.session(), ClientSession.DEVICE))))))) {
            assertThat(bound(login(server, "").next()).children())
                    .containsExactly(Element.of(Name.of(NS, "device"), "d4565fa7-4d72-4749-b3d3-740edbf87770"));
        }
    }

    @Test
    void whatIsSentWhileAStepReadsComesBehindTheSuccess() {
        try (TestServer server = server(setup -> setup.bindInline(BoundSection.MISSED, (binding, turn) -> {
            binding.read(
                    turn,
                    // Before the read is done, somebody writes to the new session.
                    reader -> "read",
                    (later, result) -> binding.answer(Element.of(Name.of(NS, "result"), result)));
            turn.send(binding.session(), Message.chat(binding.session().jid(), "early"));
        }))) {
            TestClient client = login(server, "<enable xmlns='urn:xmpp:sm:3'/>");

            assertThat(bound(client.next()).children()).contains(Element.of(Name.of(NS, "result"), "read"));
            assertThat(client.next().name().local()).isEqualTo("features");
            client.receives("<message type='chat'><body>early</body></message>");
            assertThat(client.session().outbound().sent()).isEqualTo(1);
        }
    }

    @Test
    void readSeesWhatTheTurnHasWritten() {
        try (TestServer server = server(setup -> {
            var table = setup.table(new TableSpec<>("part", Shape.POINT, Keys.TEXT, Values.TEXT));
            setup.bindInline(BoundSection.MISSED, (binding, turn) -> {
                turn.put(table, "key", "value");
                var account = turn.owner().key();
                binding.read(
                        turn,
                        reader -> String.valueOf(reader.get(table, account, "key")),
                        (later, value) -> binding.answer(Element.of(Name.of(NS, "value"), value)));
            });
        })) {
            assertThat(bound(login(server, "").next()).children())
                    .containsExactly(Element.of(Name.of(NS, "value"), "value"));
        }
    }

    @Test
    void stepThatFailsIsLeftOutAndTheLoginStands() {
        try (TestServer server = server(setup -> setup.bindInline(BoundSection.URGENT, (binding, turn) -> {
            binding.answer(answer("half"));
            throw StanzaError.internalServerError().toException();
        }))) {
            TestClient client = login(server, "<enable xmlns='urn:xmpp:carbons:2'/>");

            assertThat(bound(client.next()).children()).isEmpty();
            assertThat(client.isBound()).isTrue();
            assertThat(server.<Integer>turn(
                            BareJid.of("juliet@localhost"),
                            turn -> turn.sessions().size()))
                    .isEqualTo(1);
        }
    }

    /** It says nothing of the password. */
    @Test
    void loginThatBreaksMayBeTriedAgain() {
        try (TestServer server = server(setup -> setup.loginInline(new LoginPart() {
            @Override
            public @Nullable Element advertise(Negotiation stream) {
                return null;
            }

            @Override
            public @Nullable SaslExchange begin(
                    String mechanism, Element authenticate, @Nullable String device, Negotiation stream) {
                return null;
            }

            @Override
            public Element apply(Authenticated who, Element authenticate, Turn turn) {
                throw new IllegalStateException("broken");
            }
        }))) {
            login(server, "")
                    .receives("<failure xmlns='urn:xmpp:sasl:2'><temporary-auth-failure"
                            + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
        }
    }

    @Test
    void readThatFailsIsLeftOutAndTheLoginStands() {
        try (TestServer server = server(setup -> setup.bindInline(
                BoundSection.MISSED,
                (binding, turn) -> binding.read(
                        turn,
                        reader -> {
                            throw StanzaError.internalServerError().toException();
                        },
                        (later, nothing) -> {})))) {
            TestClient client = login(server, "");

            assertThat(bound(client.next()).children()).isEmpty();
            assertThat(client.isBound()).isTrue();
        }
    }

    @Test
    void whatFollowsAReadMayFailAsWell() {
        try (TestServer server = server(setup -> setup.bindInline(
                BoundSection.MISSED,
                (binding, turn) -> binding.read(turn, reader -> 1, (later, one) -> {
                    binding.answer(answer("half"));
                    throw StanzaError.internalServerError().toException();
                })))) {
            TestClient client = login(server, "");

            assertThat(bound(client.next()).children()).isEmpty();
            assertThat(client.isBound()).isTrue();
        }
    }

    @Test
    void carbonsAreOnFromTheFirstMessage() {
        try (TestServer server = server(setup -> {})) {
            TestClient phone = login(server, "<enable xmlns='urn:xmpp:carbons:2'/>");
            TestClient laptop = server.connect("juliet@localhost/laptop");
            phone.sends("<presence/>");
            laptop.sends("<presence/>");
            phone.ignores();

            laptop.sends("<message type='chat' to='romeo@localhost'><body>hi</body></message>");

            phone.receives("<message from='juliet@localhost'><sent xmlns='urn:xmpp:carbons:2'/></message>");
        }
    }

    @Test
    void inactiveClientBeginsInactive() {
        try (TestServer server = server(setup -> {})) {
            TestClient phone = login(server, "<inactive xmlns='urn:xmpp:csi:0'/>");
            phone.sends("<presence/>");
            phone.ignores();

            TestClient laptop = server.connect("juliet@localhost/laptop");
            laptop.sends("<presence/>");
            phone.receivesNothing();

            phone.sends("<active xmlns='urn:xmpp:csi:0'/>");
            phone.receives("<presence from='" + phone.jid() + "'/>");
            phone.receives("<presence from='juliet@localhost/laptop'/>");
        }
    }
}
