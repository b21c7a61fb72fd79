// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody gets in as somebody else (RFC 6120 §6, RFC 5802, RFC 4616, XEP-0474; threats T04 to T14). */
class AuthenticationIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    private static ScramClient juliet(String password) {
        return RawClient.scram(ScramHash.SHA_256, "juliet@localhost", password);
    }

    private static ScramClient juliet() {
        return juliet(Secrets.PASSWORD);
    }

    // ---- who
    // ---------------------------------------------------------------------------------------------------------

    /** Threat T04. */
    @ParameterizedTest
    @ValueSource(strings = {"romeo@localhost", "juliet@montague.example", "juliet", "localhost", "juliet@localhost/x"})
    void nobodyActsAsSomebodyElse(String authzid) {
        try (RawClient scram = server.connectTls();
                RawClient plain = server.connectTls()) {
            assertThat(scram.attempts(
                            "SCRAM-SHA-256-PLUS", scram.bound(juliet()).actingAs(authzid)))
                    .isEqualTo("invalid-authzid");
            assertThat(plain.attemptsPlain(authzid + "\0juliet\0" + Secrets.PASSWORD))
                    .isEqualTo("invalid-authzid");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"juliet@localhost", "JULIET@LOCALHOST"})
    void everybodyMayActAsThemselves(String authzid) {
        try (RawClient scram = server.connectTls();
                RawClient plain = server.connectTls()) {
            assertThat(scram.attempts(
                            "SCRAM-SHA-256-PLUS", scram.bound(juliet()).actingAs(authzid)))
                    .isNull();
            assertThat(plain.attemptsPlain(authzid + "\0juliet\0" + Secrets.PASSWORD))
                    .isNull();
        }
    }

    @Test
    void anotherHostIsAnotherAccount() throws Exception {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.beginsTls("montague.example").opensStream("montague.example");

            assertThat(client.attempts("SCRAM-SHA-256-PLUS", client.bound(juliet())))
                    .isEqualTo("not-authorized");
        }
    }

    // ---- PLAIN
    // -------------------------------------------------------------------------------------------------------

    static Stream<String> malformedPlain() {
        String password = Secrets.PASSWORD;
        return Stream.of(
                "",
                "juliet",
                "\0juliet",
                "\0juliet\0",
                "\0\0" + password,
                "\0juliet\0" + password + "\0",
                "\0juliet\0" + password + "\0junk",
                "\0\0juliet\0" + password);
    }

    /** Threat T05. */
    @ParameterizedTest(name = "{index}")
    @MethodSource("malformedPlain")
    void plainHasThreeFields(String message) {
        try (RawClient client = server.connectTls()) {
            assertThat(client.attemptsPlain(message)).isEqualTo("malformed-request");
        }
    }

    @Test
    void plainIsInUtf8() {
        try (RawClient client = server.connectTls()) {
            client.sends(RawClient.auth("PLAIN", "\0juliet\0p\u00ff".getBytes(StandardCharsets.ISO_8859_1)));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><malformed-request/></failure>");
        }
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(strings = {"\0juliet\0wrong", "\0nobody\0wrong", "\0juliet@localhost\0wrong", "\0ju liet\0wrong"})
    void wrongPlainIsRefusedInTheSameWords(String message) {
        try (RawClient client = server.connectTls()) {
            client.sends(RawClient.auth("PLAIN", message.getBytes(StandardCharsets.UTF_8)));

            Element failure = client.next();
            assertThat(failure.children()).hasSize(2);
            assertThat(failure.children().get(0).name().local()).isEqualTo("not-authorized");
            assertThat(failure.children().get(1).text()).isEqualTo("authentication failed");
        }
    }

    // ---- SCRAM
    // -------------------------------------------------------------------------------------------------------

    /** Threat T07: who does not exist has a salt, too, and it is always the same one. */
    @ParameterizedTest
    @ValueSource(strings = {"juliet@localhost", "nobody@localhost"})
    void accountsThatDoNotExistCannotBeTold(String jid) {
        String[] salts = new String[2];
        String[] rounds = new String[2];
        for (int i = 0; i < 2; i++) {
            try (RawClient client = server.connectTls()) {
                ScramClient scram = client.bound(RawClient.scram(ScramHash.SHA_256, jid, "wrong"));
                client.sends(RawClient.auth("SCRAM-SHA-256-PLUS", scram.clientFirst()));
                byte[] first = challenge(client);
                salts[i] = ScramClient.attributes(first).get("s");
                rounds[i] = ScramClient.attributes(first).get("i");

                responds(client, scram.clientFinal(first));
                client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
            }
        }
        assertThat(salts[0]).isEqualTo(salts[1]);
        assertThat(rounds).containsOnly("4096");
    }

    static Stream<UnaryOperator<String>> spoiltProofs() {
        return Stream.of(
                message -> message.replaceFirst("r=.", "r=!"),
                message -> message.replaceFirst("(r=[^,]*).,", "$1,"),
                message -> message.replaceFirst(",p=", "x,p="),
                message -> message.replaceFirst("p=....", "p=AAAA"),
                message -> message.replaceFirst("p=.{8}", "p="),
                message -> message.replaceFirst("p=.*", "p="),
                message -> message.replaceFirst("p=.*", "p=!!!"),
                message -> message.replaceFirst(",p=.*", ""),
                message -> message.replaceFirst("c=[^,]*", "c=biws"),
                message -> message.replaceFirst("c=[^,]*", "c=eSws"),
                message -> message.replaceFirst("c=[^,]*,", ""));
    }

    /** Threat T08. */
    @ParameterizedTest(name = "{index}")
    @MethodSource("spoiltProofs")
    void proofHoldsForExactlyWhatWasSaid(UnaryOperator<String> spoil) {
        try (RawClient client = server.connectTls()) {
            ScramClient scram = client.bound(juliet());
            client.sends(RawClient.auth("SCRAM-SHA-256-PLUS", scram.clientFirst()));
            String message = new String(scram.clientFinal(challenge(client)), StandardCharsets.UTF_8);
            assertThat(spoil.apply(message)).isNotEqualTo(message);

            responds(client, spoil.apply(message).getBytes(StandardCharsets.UTF_8));

            Element failure = client.next();
            assertThat(Objects.requireNonNull(failure.firstChild()).name().local())
                    .isIn("not-authorized", "malformed-request");
        }
    }

    @Test
    void proofCannotBeUsedTwice() {
        byte[] first;
        byte[] last;
        try (RawClient client = server.connectTls()) {
            ScramClient scram = client.bound(juliet()).withNonce("the-same-nonce");
            client.sends(RawClient.auth("SCRAM-SHA-256-PLUS", scram.clientFirst()));
            first = scram.clientFirst();
            last = scram.clientFinal(challenge(client));
            responds(client, last);
            assertThat(client.next().name().local()).isEqualTo("success");
        }
        try (RawClient client = server.connectTls()) {
            client.sends(RawClient.auth("SCRAM-SHA-256-PLUS", first));
            challenge(client);
            responds(client, last);
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
        }
    }

    @Test
    void abortedExchangeCanBeBegunAgain() {
        try (RawClient client = server.connectTls()) {
            client.sends(
                    RawClient.auth("SCRAM-SHA-256-PLUS", client.bound(juliet()).clientFirst()));
            challenge(client);
            client.sends("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><aborted/></failure>");

            client.logsIn("juliet@localhost");
        }
    }

    @Test
    void whatIsNoExchangeIsRefused() {
        try (RawClient client = server.connectTls()) {
            client.sends(RawClient.auth("DIGEST-MD5", new byte[0]));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>");
            client.sends(RawClient.auth("scram-sha-256", juliet().clientFirst()));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>");
            client.sends("<auth xmlns='" + Ns.SASL + "' mechanism='PLAIN'>not base64</auth>");
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><incorrect-encoding/></failure>");
            client.sends("<response xmlns='" + Ns.SASL + "'>AAAA</response>");
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><malformed-request/></failure>");
            client.sends(RawClient.auth("SCRAM-SHA-256", "n,,n=juliet,r=".getBytes(StandardCharsets.UTF_8)));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><malformed-request/></failure>");
            client.sends(RawClient.auth("SCRAM-SHA-256", "n,,m=x,n=juliet,r=abc".getBytes(StandardCharsets.UTF_8)));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
        }
    }

    // ---- channel binding
    // ---------------------------------------------------------------------------------------------

    /** Threat T09: a -PLUS that was offered was offered for a reason. */
    @Test
    void whoDoesNotSeeThePlusFormIsTold() {
        try (RawClient client = server.connectTls()) {
            assertThat(client.attempts("SCRAM-SHA-256", juliet().believingThatServerCannotBind()))
                    .isEqualTo("not-authorized");
        }
    }

    @Test
    void bindingToAnotherChannelIsRefused() {
        try (RawClient client = server.connectTls()) {
            byte[] other = client.endPointBinding();
            other[0] ^= 1;
            assertThat(client.attempts("SCRAM-SHA-256-PLUS", juliet().bindingTo("tls-server-end-point", other)))
                    .isEqualTo("not-authorized");
            assertThat(client.attempts(
                            "SCRAM-SHA-256-PLUS", juliet().bindingTo("tls-exporter", client.endPointBinding())))
                    .isEqualTo("not-authorized");
        }
    }

    /** Unknown names of bindings are no guesses at the password, however many a client tries. */
    @Test
    void unknownBindingIsNoFailedLogin() {
        try (RawClient client = server.connectTls()) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.attempts("SCRAM-SHA-256-PLUS", juliet().bindingTo("tls-unique", new byte[12])))
                        .isEqualTo("not-authorized");
            }
            client.logsIn("juliet@localhost");
        }
    }

    @Test
    void bindingAndMechanismGoTogether() {
        try (RawClient client = server.connectTls()) {
            assertThat(client.attempts("SCRAM-SHA-256", client.bound(juliet()))).isEqualTo("not-authorized");
            assertThat(client.attempts("SCRAM-SHA-256-PLUS", juliet())).isEqualTo("not-authorized");
        }
    }

    /** XEP-0474: the server vouches for the lists it sent, so that a shortened list is noticed. */
    @Test
    void serverVouchesForWhatItOffered() {
        try (RawClient client = server.connectTls()) {
            ScramClient scram = client.bound(juliet());
            client.sends(RawClient.auth("SCRAM-SHA-256-PLUS", scram.clientFirst()));
            byte[] first = challenge(client);

            List<String> bindings = List.of("tls-exporter", "tls-server-end-point");
            assertThat(scram.sawWhatWasOffered(first, client.mechanisms(), bindings))
                    .isTrue();
            assertThat(scram.sawWhatWasOffered(first, client.mechanisms(), List.of("tls-server-end-point")))
                    .isFalse();
            assertThat(scram.sawWhatWasOffered(
                            first,
                            client.mechanisms().stream()
                                    .filter(name -> !name.endsWith("-PLUS"))
                                    .toList(),
                            bindings))
                    .isFalse();
        }
    }

    // ---- guessing
    // ----------------------------------------------------------------------------------------------------

    /** Threat T10. */
    @Test
    void threeWrongPasswordsEndTheStream() {
        try (RawClient client = server.connectTls()) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.attempts("SCRAM-SHA-256-PLUS", client.bound(juliet("wrong " + i))))
                        .isEqualTo("not-authorized");
            }
            client.endsWith("policy-violation");
        }
    }

    @Test
    void endlessExchangesEndTheStream() {
        try (RawClient client = server.connectTls()) {
            for (int i = 0; i < 10; i++) {
                client.sends(RawClient.auth("NONE", new byte[0]));
                client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            }
            client.sends(RawClient.auth("NONE", new byte[0]));
            client.endsWith("policy-violation");
        }
    }

    private static byte[] challenge(RawClient client) {
        Element challenge = client.receives("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        return Base64.getDecoder().decode(challenge.text());
    }

    private static void responds(RawClient client, byte[] message) {
        client.sends("<response xmlns='" + Ns.SASL + "'>"
                + (message.length == 0 ? "" : Base64.getEncoder().encodeToString(message)) + "</response>");
    }
}
