// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0480 as a client meets it whose account has come from a server that keeps SCRAM-SHA-1 alone. */
class UpgradeTasksDialogueTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final String SHA_256 = upgrade("UPGR-SCRAM-SHA-256");
    private static final String SHA_512 = upgrade("UPGR-SCRAM-SHA-512");
    private static final Name SALT = Name.of("urn:xmpp:scram-upgrade:0", "salt");
    private static final Name DATA = Name.of("urn:xmpp:sasl:2", "additional-data");
    private static final Name UPGRADE = Name.of("urn:xmpp:sasl:upgrade:0", "upgrade");
    private static final Name AUTHENTICATION = Name.of("urn:xmpp:sasl:2", "authentication");

    private final TestServer server = TestServer.keeping(
            new CredentialPolicy(EnumSet.allOf(ScramHash.class), CredentialPolicy.MIN_ITERATIONS),
            SessionModules.all());

    UpgradeTasksDialogueTest() {
        server.account("juliet@localhost", "r0m30");
    }

    @AfterEach
    void close() {
        server.close();
    }

    private static String upgrade(String task) {
        return "<upgrade xmlns='urn:xmpp:sasl:upgrade:0'>" + task + "</upgrade>";
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    private TestClient open() {
        return server.open("localhost");
    }

    /** Sends a proof of the password, and what is asked for beside it. */
    private static ScramClient proves(TestClient client, ScramHash hash, String password, String beside) {
        ScramClient scram = new ScramClient(hash, "juliet", password);
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + hash.mechanism() + "'><initial-response>"
                + base64(scram.clientFirst()) + "</initial-response>" + beside + "</authenticate>");
        byte[] challenge = Base64.getDecoder()
                .decode(client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>").text());
        client.sends("<response xmlns='urn:xmpp:sasl:2'>" + base64(scram.clientFinal(challenge)) + "</response>");
        return scram;
    }

    private static Element toldToContinue(TestClient client, String task) {
        return client.receives("<continue xmlns='urn:xmpp:sasl:2'><tasks><task>" + task + "</task></tasks></continue>");
    }

    private static Element begins(TestClient client, String task) {
        client.sends("<next xmlns='urn:xmpp:sasl:2' task='" + task + "'/>");
        return client.receives("<task-data xmlns='urn:xmpp:sasl:2'/>").requireChild(SALT);
    }

    private static void sendsHash(TestClient client, String hash) {
        client.sends("<task-data xmlns='urn:xmpp:sasl:2'><hash xmlns='urn:xmpp:scram-upgrade:0'>" + hash
                + "</hash></task-data>");
    }

    private static void performs(TestClient client, ScramHash hash, String password) {
        Element salt = begins(client, "UPGR-" + hash.mechanism());
        int iterations = Integer.parseInt(Objects.requireNonNull(salt.attr("iterations")));
        sendsHash(
                client, base64(hash.saltedPassword(password, Base64.getDecoder().decode(salt.text()), iterations)));
    }

    private static void succeeds(TestClient client) {
        client.receives("<success xmlns='urn:xmpp:sasl:2'/>");
        client.next();
    }

    private List<ScramHash> keys() {
        return Objects.requireNonNull(server.turn(
                JULIET,
                turn -> Objects.requireNonNull(server.accounts().find(turn)).keys().stream()
                        .map(key -> key.hash())
                        .toList()));
    }

    private void endsInvalid(TestClient client, String condition) {
        client.receives("<failure xmlns='urn:xmpp:sasl:2'><" + condition
                + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
        assertThat(client.streamError()).isEqualTo(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
        assertThat(client.isBound()).isFalse();
        assertThat(keys()).containsExactly(ScramHash.SHA_1);
    }

    // ---- the offer
    // ---------------------------------------------------------------------------------------------------

    @Test
    void tasksStandBesideTheMechanismsStrongestFirst() {
        assertThat(open().features().requireChild(AUTHENTICATION).children(UPGRADE).stream()
                        .map(Element::text))
                .containsExactly("UPGR-SCRAM-SHA-512", "UPGR-SCRAM-SHA-256");
    }

    /** §2.1 lets a server look at the stream's "from"; strangers would learn from it who has an account. */
    @Test
    void offerTellsNothingOfTheAccount() {
        TestClient known = open();
        known.saysThatItIs("juliet@localhost");
        TestClient stranger = open();
        stranger.saysThatItIs("nobody@localhost");

        assertThat(known.features()).isEqualTo(stranger.features());
    }

    // ---- an upgrade
    // --------------------------------------------------------------------------------------------------

    @Test
    void clientMakesTheKeyWithWhichItLogsInFromThenOn() {
        TestClient client = open();
        ScramClient scram = proves(client, ScramHash.SHA_1, "r0m30", SHA_256);

        Element proceed = toldToContinue(client, "UPGR-SCRAM-SHA-256");
        assertThat(scram.accepts(Base64.getDecoder().decode(proceed.requireText(DATA))))
                .isTrue();
        performs(client, ScramHash.SHA_256, "r0m30");
        Element success = client.receives("<success xmlns='urn:xmpp:sasl:2'/>");

        assertThat(success.has(DATA)).isFalse();
        assertThat(keys()).containsExactlyInAnyOrder(ScramHash.SHA_1, ScramHash.SHA_256);
        TestClient later = open();
        proves(later, ScramHash.SHA_256, "r0m30", "");
        succeeds(later);
    }

    /** §4: "the server SHOULD keep the older authentication data". */
    @Test
    void keyThatWasThereStaysGood() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_512);
        toldToContinue(client, "UPGR-SCRAM-SHA-512");
        performs(client, ScramHash.SHA_512, "r0m30");
        succeeds(client);

        TestClient older = open();
        proves(older, ScramHash.SHA_1, "r0m30", "");
        succeeds(older);
    }

    @Test
    void severalTasksComeOneBehindTheOther() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256 + SHA_512 + SHA_256);

        toldToContinue(client, "UPGR-SCRAM-SHA-512");
        performs(client, ScramHash.SHA_512, "r0m30");
        assertThat(toldToContinue(client, "UPGR-SCRAM-SHA-256").has(DATA)).isFalse();
        performs(client, ScramHash.SHA_256, "r0m30");
        succeeds(client);

        assertThat(keys()).hasSize(3);
    }

    @Test
    void whatWasAskedForBesideTheAuthenticationIsDoneWhenTheTasksAre() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256 + "<bind xmlns='urn:xmpp:bind:0'/>");
        toldToContinue(client, "UPGR-SCRAM-SHA-256");
        assertThat(client.isBound()).isFalse();

        performs(client, ScramHash.SHA_256, "r0m30");

        client.receives("<success xmlns='urn:xmpp:sasl:2'><bound xmlns='urn:xmpp:bind:0'/></success>");
        assertThat(client.isBound()).isTrue();
    }

    @Test
    void whatTheAccountHasIsNotAskedForAgain() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(client, "UPGR-SCRAM-SHA-256");
        performs(client, ScramHash.SHA_256, "r0m30");

        TestClient again = open();
        proves(again, ScramHash.SHA_1, "r0m30", SHA_256);

        succeeds(again);
    }

    @Test
    void clientThatAsksForNoneIsAskedForNone() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", "");

        succeeds(client);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPGR-SCRAM-SHA-1",
                "UPGR-SCRAM-SHA-256-PLUS",
                "SCRAM-SHA-256",
                "UPGR-BLOOP2",
                "",
                "upgr-scram-sha-256"
            })
    void taskThatWasNotOfferedIsPassedOver(String task) {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", upgrade(task));

        succeeds(client);
    }

    @Test
    void passwordThatWasShownNeedsNoTask() {
        TestClient client = open();
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + base64("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8)) + "</initial-response>" + SHA_256
                + "</authenticate>");

        succeeds(client);
        assertThat(keys()).hasSize(3);
    }

    // ---- what goes wrong
    // ---------------------------------------------------------------------------------------------

    @Test
    void wrongPasswordLeadsToNoTask() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "wrong", SHA_256);

        client.receives("<failure xmlns='urn:xmpp:sasl:2'/>");
        assertThat(keys()).containsExactly(ScramHash.SHA_1);
    }

    @Test
    void otherTaskThanTheOneThatIsDueEndsTheStream() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256 + SHA_512);
        toldToContinue(client, "UPGR-SCRAM-SHA-512");

        client.sends("<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-256'/>");

        endsInvalid(client, "malformed-request");
    }

    /** 32 octets are wanted. */
    @ParameterizedTest
    @ValueSource(strings = {"", "AA==", "no base64", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void whatCannotBeASaltedPasswordEndsTheStream(String hash) {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(client, "UPGR-SCRAM-SHA-256");
        begins(client, "UPGR-SCRAM-SHA-256");

        sendsHash(client, hash);

        endsInvalid(client, "malformed-request");
    }

    @Test
    void emptyTaskDataEndsTheStream() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(client, "UPGR-SCRAM-SHA-256");
        begins(client, "UPGR-SCRAM-SHA-256");

        client.sends("<task-data xmlns='urn:xmpp:sasl:2'/>");

        endsInvalid(client, "malformed-request");
    }

    @Test
    void clientThatAbortsIsNotLoggedIn() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256 + "<bind xmlns='urn:xmpp:bind:0'/>");
        toldToContinue(client, "UPGR-SCRAM-SHA-256");

        client.sends("<abort xmlns='urn:xmpp:sasl:2'/>");

        endsInvalid(client, "aborted");
    }

    /** XEP-0388 §4.8: "once <success/> or <continue/> has been sent [...] any further <authenticate/> element MUST result in a stream error". */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'/>",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>",
                "<response xmlns='urn:xmpp:sasl:2'>AA==</response>",
                "<task-data xmlns='urn:xmpp:sasl:2'/>",
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
            })
    void nothingElseComesBetween(String other) {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(client, "UPGR-SCRAM-SHA-256");

        client.sends(other);

        assertThat(client.streamError()).isEqualTo(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
        assertThat(keys()).containsExactly(ScramHash.SHA_1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<next xmlns='urn:xmpp:sasl:2' task='UPGR-SCRAM-SHA-256'/>",
                "<task-data xmlns='urn:xmpp:sasl:2'/>"
            })
    void taskOfNobodyIsMalformed(String request) {
        TestClient client = open();
        client.sends(request);

        client.receives("<failure xmlns='urn:xmpp:sasl:2'><malformed-request"
                + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>");
    }

    @Test
    void passwordThatIsChangedMeanwhileGetsNoKeyOfTheOldOne() {
        TestClient client = open();
        proves(client, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(client, "UPGR-SCRAM-SHA-256");
        server.account("juliet@localhost", "other");

        performs(client, ScramHash.SHA_256, "r0m30");

        client.receives("<failure xmlns='urn:xmpp:sasl:2'/>");
        assertThat(keys()).containsExactly(ScramHash.SHA_1);
    }

    @Test
    void keyThatCameMeanwhileStays() {
        TestClient slow = open();
        proves(slow, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(slow, "UPGR-SCRAM-SHA-256");
        TestClient fast = open();
        proves(fast, ScramHash.SHA_1, "r0m30", SHA_256);
        toldToContinue(fast, "UPGR-SCRAM-SHA-256");
        performs(fast, ScramHash.SHA_256, "r0m30");
        Credentials first = server.turn(JULIET, server.accounts()::find);

        performs(slow, ScramHash.SHA_256, "something else");

        succeeds(slow);
        Credentials last = server.turn(JULIET, server.accounts()::find);
        assertThat(last).isEqualTo(first);
    }
}
