// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0388 and XEP-0386 as a client meets them. */
class Sasl2DialogueTest {
    private static final String PHONE = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    private static final String LAPTOP = "0a0b0c0d-4d72-4749-b3d3-740edbf87770";
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final Name BOUND = Name.of("urn:xmpp:bind:0", "bound");
    private static final Name SM_FAILED = Name.of("urn:xmpp:sm:3", "failed");
    private static final Name IDENTIFIER = Name.of("urn:xmpp:sasl:2", "authorization-identifier");
    private static final Name DATA = Name.of("urn:xmpp:sasl:2", "additional-data");

    private final TestServer server = TestServer.with(SessionModules.all());

    Sasl2DialogueTest() {
        server.account("juliet@localhost", "r0m30");
        server.account("romeo@localhost", "jul13t");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String plain(String user, String password, String beside) {
        return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + base64("\0" + user + "\0" + password) + "</initial-response>" + beside + "</authenticate>";
    }

    private static String agent(String id) {
        return "<user-agent id='" + id + "'><software>Test</software><device>Phone</device></user-agent>";
    }

    private static String bind(String inside) {
        return "<bind xmlns='urn:xmpp:bind:0'>" + inside + "</bind>";
    }

    private static String resume(String id, long h) {
        return "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>";
    }

    private TestClient login(String beside) {
        TestClient client = server.open("localhost");
        client.sends(plain("juliet", "r0m30", beside));
        return client;
    }

    private Element succeeds(TestClient client) {
        return client.receives("<success xmlns='urn:xmpp:sasl:2'/>");
    }

    private static void fails(TestClient client, String condition) {
        client.receives("<failure xmlns='urn:xmpp:sasl:2'><" + condition
                + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
        assertThat(client.isBound()).isFalse();
    }

    private int sessions() {
        return Objects.requireNonNull(
                server.turn(JULIET, turn -> turn.sessions().size()));
    }

    private static String resumable(TestClient client) {
        return Objects.requireNonNull(client.session().outbound().management()).id();
    }

    // ---- the offer
    // ---------------------------------------------------------------------------------------------------

    @Test
    void itIsOfferedWithWhatMayBeAskedForBesideIt() {
        Element features = server.open("localhost").features();

        assertThat(features.toString())
                .contains("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>SCRAM-SHA-1-PLUS</mechanism>")
                .contains("<sm xmlns='urn:xmpp:sm:3'/>")
                .contains("<bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/>"
                        + "<feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline></bind>");
    }

    @Test
    void offerDoesNotDependOnWhoTheStreamSaysItIsFrom() {
        TestClient known = server.open("localhost");
        known.saysThatItIs("juliet@localhost");
        TestClient stranger = server.open("localhost");
        stranger.saysThatItIs("nobody@localhost");

        assertThat(known.features()).isEqualTo(stranger.features());
    }

    // ---- authentication
    // ----------------------------------------------------------------------------------------------

    @Test
    void successNamesTheAccountAndFeaturesFollowWithoutARestart() {
        TestClient client = login("");

        assertThat(succeeds(client).requireText(IDENTIFIER)).isEqualTo("juliet@localhost");
        Element features = client.next();
        assertThat(features.has(Name.of("urn:ietf:params:xml:ns:xmpp-bind", "bind")))
                .isTrue();
        assertThat(features.has(Name.of("urn:xmpp:sasl:2", "authentication"))).isFalse();
        client.sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        client.receives("<iq type='result' id='b'/>");
    }

    @Test
    void scramTellsTheServersSignatureWithTheSuccess() {
        ScramClient scram = new ScramClient(ScramHash.SHA_1, "juliet", "r0m30");
        TestClient client = server.open("localhost");

        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-1'><initial-response>"
                + Base64.getEncoder().encodeToString(scram.clientFirst()) + "</initial-response></authenticate>");
        byte[] challenge = Base64.getDecoder()
                .decode(client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>").text());
        client.sends("<response xmlns='urn:xmpp:sasl:2'>"
                + Base64.getEncoder().encodeToString(scram.clientFinal(challenge)) + "</response>");

        assertThat(scram.accepts(Base64.getDecoder().decode(succeeds(client).requireText(DATA))))
                .isTrue();
        assertThat(scram.sawWhatWasOffered(
                        challenge,
                        List.of("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "PLAIN"),
                        List.of("tls-exporter", "tls-server-end-point")))
                .isTrue();
    }

    @Test
    void wrongPasswordAndUnknownAccountAreToldTheSame() {
        TestClient wrong = server.open("localhost");
        wrong.sends(plain("juliet", "wrong", bind("")));
        TestClient unknown = server.open("localhost");
        unknown.sends(plain("nobody", "wrong", bind("")));

        assertThat(wrong.next()).isEqualTo(unknown.next());
        assertThat(sessions()).isZero();
    }

    @Test
    void nothingIsDoneForWhoFails() {
        TestClient client = server.open("localhost");
        client.sends(plain("juliet", "wrong", agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3'/>")));

        fails(client, "not-authorized");
        assertThat(sessions()).isZero();
    }

    @Test
    void attemptsInBothFramingsCountTogether() {
        TestClient client = server.open("localhost");
        client.sends(plain("juliet", "wrong", ""));
        client.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>" + base64("\0juliet\0wrong")
                + "</auth>");
        client.sends(plain("juliet", "wrong", ""));

        assertThat(client.streamError()).isEqualTo(StreamError.of(StreamError.Condition.POLICY_VIOLATION));
    }

    @Test
    void exchangeOfOneFramingCannotGoOnInTheOther() {
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>");
        client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>");

        client.sends("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + base64("\0juliet\0r0m30") + "</response>");

        assertThat(client.streamError()).isEqualTo(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
    }

    /** §2.3: "Servers MUST disconnect Clients immediately if any other traffic is received." */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>",
                "<enable xmlns='urn:xmpp:sm:3'/>",
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            })
    void nothingElseComesIntoAnExchange(String between) {
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>");
        client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>");

        client.sends(between);

        assertThat(client.streamError()).isEqualTo(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
    }

    @Test
    void abortEndsTheExchangeAndAnotherMayBegin() {
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>");
        client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>");

        client.sends("<abort xmlns='urn:xmpp:sasl:2'/>");
        fails(client, "aborted");
        client.sends(plain("juliet", "r0m30", ""));

        succeeds(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<abort xmlns='urn:xmpp:sasl:2'/>",
                "<response xmlns='urn:xmpp:sasl:2'>AA==</response>",
                "<authenticate xmlns='urn:xmpp:sasl:2'/>",
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><user-agent id='my phone'/></authenticate>",
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><user-agent id=''/></authenticate>"
            })
    void whatCannotBeUnderstoodIsMalformed(String request) {
        TestClient client = server.open("localhost");
        client.sends(request);

        fails(client, "malformed-request");
    }

    @Test
    void mechanismThatWasNotOfferedIsRefused() {
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-NONE'><initial-response>AA=="
                + "</initial-response></authenticate>");

        fails(client, "invalid-mechanism");
    }

    @Test
    void initialResponseHasToBeBase64() {
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response> AA== "
                + "</initial-response></authenticate>");

        fails(client, "incorrect-encoding");
    }

    @Test
    void streamFromSomebodyElseIsRefused() {
        TestClient client = server.open("localhost");
        client.saysThatItIs("romeo@localhost");
        client.sends(plain("juliet", "r0m30", bind("")));

        fails(client, "invalid-authzid");
        assertThat(sessions()).isZero();
    }

    // ---- bind
    // --------------------------------------------------------------------------------------------------------

    @Test
    void resourceIsTheTagAndWhatIsTheSameForTheDevice() {
        String first = succeeds(login(agent(PHONE) + bind("<tag>Dunlin</tag>"))).requireText(IDENTIFIER);
        String again = succeeds(login(agent(PHONE) + bind("<tag>Dunlin</tag>"))).requireText(IDENTIFIER);
        String other =
                succeeds(login(agent(LAPTOP) + bind("<tag>Dunlin</tag>"))).requireText(IDENTIFIER);

        assertThat(first).matches("juliet@localhost/Dunlin/[A-Za-z0-9_-]{12}").doesNotContain(PHONE);
        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }

    @Test
    void tagThatCannotBePartOfAResourceIsLeftOut() {
        String bell = String.valueOf((char) 0x7F);

        assertThat(succeeds(login(agent(PHONE) + bind("<tag>" + bell + "</tag>")))
                        .requireText(IDENTIFIER))
                .matches("juliet@localhost/[A-Za-z0-9_-]{12}");
        assertThat(succeeds(login(bind("<tag>" + "x".repeat(2_000) + "</tag>"))).requireText(IDENTIFIER))
                .hasSizeLessThan(64);
    }

    @Test
    void newSessionOfADeviceEndsItsOldOne() {
        TestClient old = login(agent(PHONE) + bind("<tag>A</tag>"));
        TestClient laptop = login(agent(LAPTOP) + bind(""));
        TestClient young = login(agent(PHONE) + bind("<tag>B</tag>"));

        assertThat(old.streamError()).isEqualTo(StreamError.of(StreamError.Condition.CONFLICT));
        assertThat(laptop.isClosed()).isFalse();
        assertThat(young.isBound()).isTrue();
        assertThat(sessions()).isEqualTo(2);
    }

    @Test
    void deviceOfAnotherAccountIsAnother() {
        TestClient juliet = login(agent(PHONE) + bind(""));
        TestClient romeo = server.open("localhost");
        romeo.sends(plain("romeo", "jul13t", agent(PHONE) + bind("")));

        assertThat(juliet.isClosed()).isFalse();
        assertThat(romeo.jid().resource()).isNotEqualTo(juliet.jid().resource());
    }

    @Test
    void boundSessionCanBeWrittenToAtOnce() {
        TestClient client = login(bind(""));
        succeeds(client);
        client.next();

        client.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");

        client.receives("<iq type='result' id='r'/>");
    }

    @Test
    void streamManagementThatCannotBeEnabledIsToldInTheBind() {
        Element bound = succeeds(login(bind("<enable xmlns='urn:xmpp:sm:3' max='soon'/>")))
                .requireChild(BOUND);

        assertThat(bound.requireChild(SM_FAILED).children().get(0).name().local())
                .isEqualTo("bad-request");
    }

    @Test
    void tooManySessionsAreATemporaryFailure() {
        for (int i = 0; i < 200; i++) {
            TestClient client = login(bind(""));
            Element answer = client.next();
            if (answer.name().local().equals("failure")) {
                assertThat(answer.toString()).contains("<temporary-auth-failure ");
                assertThat(client.isBound()).isFalse();
                client.sends(plain("juliet", "r0m30", ""));
                succeeds(client);
                return;
            }
        }
        throw new AssertionError("no limit was met");
    }

    @Test
    void deviceOutlivesARestart() {
        MemoryStore store = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        TestServer before = TestServer.with(store, time, SessionModules.all());
        before.account("juliet@localhost", "r0m30");
        TestClient client = before.open("localhost");
        client.sends(plain("juliet", "r0m30", agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")));
        before.stop();

        try (TestServer after = TestServer.with(store, time, SessionModules.all())) {
            String device = after.turn(JULIET, turn -> turn.get(turn.sessions().get(0), ClientSession.DEVICE));

            assertThat(device).isEqualTo(PHONE);
        }
    }

    // ---- resume
    // ------------------------------------------------------------------------------------------------------

    @Test
    void resumedSessionIsToldWithTheSuccessAndWhatItMissedComesBehind() {
        TestClient phone = login(agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"));
        ClientSession session = phone.session();
        phone.loses();
        server.turn(JULIET, turn -> {
            turn.send(session, Message.chat(session.jid(), "hello"));
            return null;
        });

        TestClient again = login(agent(PHONE) + resume(resumable(phone), 0) + bind("<tag>other</tag>"));

        Element success = succeeds(again);
        assertThat(success.requireText(IDENTIFIER)).isEqualTo(session.jid().toString());
        assertThat(success.has(Name.of("urn:xmpp:sm:3", "resumed"))).isTrue();
        assertThat(success.has(BOUND)).isFalse();
        // No features: the stream is where it was.
        again.receives("<message><body>hello</body></message>");
        assertThat(again.session()).isSameAs(session);
        assertThat(sessions()).isEqualTo(1);
    }

    @Test
    void resumptionThatFailsGoesOnWithTheBind() {
        Element success = succeeds(login(resume("unknown", 0) + bind("")));

        assertThat(success.has(SM_FAILED)).isTrue();
        assertThat(success.has(BOUND)).isTrue();
    }

    @Test
    void resumptionThatFailsWithoutABindLeavesTheLogin() {
        TestClient client = login(resume("unknown", 0));

        assertThat(succeeds(client).has(SM_FAILED)).isTrue();
        assertThat(client.isBound()).isFalse();
        client.next();
        client.sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        client.receives("<iq type='result' id='b'/>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<resume xmlns='urn:xmpp:sm:3'/>", "<resume xmlns='urn:xmpp:sm:3' previd='x' h='-1'/>"})
    void malformedResumptionFailsAsOne(String resume) {
        Element success = succeeds(login(resume + bind("")));

        assertThat(success.requireChild(SM_FAILED).children().get(0).name().local())
                .isEqualTo("bad-request");
        assertThat(success.has(BOUND)).isTrue();
    }

    @Test
    void sessionOfSomebodyElseCannotBeResumedAndIsNotDisturbed() {
        TestClient phone = login(agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"));
        TestClient romeo = server.open("localhost");

        romeo.sends(plain("romeo", "jul13t", resume(resumable(phone), 0)));

        assertThat(succeeds(romeo).has(SM_FAILED)).isTrue();
        assertThat(phone.isClosed()).isFalse();
        assertThat(succeeds(login(resume(resumable(phone), 0))).has(Name.of("urn:xmpp:sm:3", "resumed")))
                .isTrue();
    }

    @Test
    void countThatCannotBeEndsTheStreamAndNotTheSession() {
        TestClient phone = login(agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"));
        phone.loses();

        TestClient again = login(resume(resumable(phone), 7));

        assertThat(Objects.requireNonNull(again.streamError()).condition())
                .isEqualTo(StreamError.Condition.UNDEFINED_CONDITION);
        assertThat(sessions()).isEqualTo(1);
    }

    // ---- the password changes
    // ----------------------------------------------------------------------------------------

    @Test
    void streamOfAnOldPasswordCannotBind() {
        TestClient client = login("");
        succeeds(client);
        client.next();
        server.account("juliet@localhost", "another");

        client.sends("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");

        client.receivesError("not-allowed");
        assertThat(sessions()).isZero();
    }

    @Test
    void streamOfAnOldPasswordCannotResume() {
        TestClient phone = login(agent(PHONE) + bind("<enable xmlns='urn:xmpp:sm:3' resume='true'/>"));
        TestClient client = login("");
        succeeds(client);
        client.next();
        server.account("juliet@localhost", "another");

        client.sends(resume(resumable(phone), 0));

        client.receives("<failed xmlns='urn:xmpp:sm:3'/>");
    }

    // ---- pipelining (XEP-0509)
    // ---------------------------------------------------------------------------------------

    private static String version(TestClient client) {
        return Objects.requireNonNull(client.features()
                .requireChild(Name.of("urn:xmpp:iap:0", "config-version"))
                .attr("value"));
    }

    private static String expects(String value) {
        return "<config-version xmlns='urn:xmpp:iap:0' scheme='opaque' value='" + value + "'/>";
    }

    @Test
    void clientThatKnowsTheFeaturesNeedNotReadThem() {
        String known = version(server.open("localhost"));
        TestClient client = server.open("localhost");
        client.features();

        client.sends(plain("juliet", "r0m30", expects(known)));

        succeeds(client);
    }

    @Test
    void clientThatKnowsOtherFeaturesIsToldAndHasNotFailed() {
        TestClient client = server.open("localhost");
        client.features();
        for (int i = 0; i < 5; i++) {
            client.sends(plain("juliet", "wrong", expects("other")));

            Element failure = client.receives("<failure xmlns='urn:xmpp:sasl:2'><config-version-mismatch "
                    + "xmlns='urn:xmpp:iap:0'/><aborted xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
            assertThat(failure.children()).hasSizeGreaterThan(1);
        }
        client.sends(plain("juliet", "r0m30", expects(version(client))));

        succeeds(client);
    }
}
