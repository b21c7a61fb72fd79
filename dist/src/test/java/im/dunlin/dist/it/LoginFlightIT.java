// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramClient;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Login in one flight (XEP-0388, XEP-0386, XEP-0484, XEP-0509) over TLS as it is. */
class LoginFlightIT {
    private static final String DEVICE = "d4565fa7-4d72-4749-b3d3-740edbf87770";
    private static final String HEADER = "<stream:stream xmlns='jabber:client'"
            + " xmlns:stream='http://etherx.jabber.org/streams' to='localhost' from='juliet@localhost' version='1.0'>";
    private static final String EVERYTHING = "<bind xmlns='urn:xmpp:bind:0'><tag>Test</tag>"
            + "<enable xmlns='urn:xmpp:carbons:2'/><enable xmlns='urn:xmpp:sm:3' resume='true'/>"
            + "<active xmlns='urn:xmpp:csi:0'/></bind>";

    private static final Name BOUND = Name.of("urn:xmpp:bind:0", "bound");
    private static final Name ENABLED = Name.of("urn:xmpp:sm:3", "enabled");
    private static final Name RESUMED = Name.of("urn:xmpp:sm:3", "resumed");
    private static final Name TOKEN = Name.of("urn:xmpp:fast:0", "token");
    private static final Name IDENTIFIER = Name.of("urn:xmpp:sasl:2", "authorization-identifier");

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            hosts:
              localhost: {}
              montague.example:
                mechanisms: [scram-sha-512]
                modules: { client-state: false, fast: false, legacy-session: false }
            """);

    private static String authenticate(String mechanism, byte[] initial, String beside) {
        return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + mechanism + "'><initial-response>"
                + Base64.getEncoder().encodeToString(initial) + "</initial-response><user-agent id='" + DEVICE + "'/>"
                + beside + "</authenticate>";
    }

    /** Logs in by password and asks for a token. */
    private static String token() {
        try (RawClient client = server.connectTls()) {
            ScramClient scram = client.bound(RawClient.scram(ScramHash.SHA_256, "juliet@localhost", Secrets.PASSWORD));
            client.sends(authenticate(
                    "SCRAM-SHA-256-PLUS",
                    scram.clientFirst(),
                    "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-ENDP'/>"));
            byte[] challenge = Base64.getDecoder()
                    .decode(client.receives("<challenge xmlns='urn:xmpp:sasl:2'/>")
                            .text());
            client.sends("<response xmlns='urn:xmpp:sasl:2'>"
                    + Base64.getEncoder().encodeToString(scram.clientFinal(challenge)) + "</response>");
            Element success = client.receives("<success xmlns='urn:xmpp:sasl:2'/>");
            assertThat(scram.accepts(Base64.getDecoder()
                            .decode(success.requireText(Name.of("urn:xmpp:sasl:2", "additional-data")))))
                    .isTrue();
            String token = Objects.requireNonNull(success.requireChild(TOKEN).attr("token"));
            Secrets.add(token);
            return token;
        }
    }

    private static String byToken(RawClient client, String token, String beside) {
        ByteArrayOutputStream proven = new ByteArrayOutputStream();
        proven.writeBytes("Initiator".getBytes(StandardCharsets.US_ASCII));
        proven.writeBytes(client.endPointBinding());
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes("juliet\0".getBytes(StandardCharsets.UTF_8));
        message.writeBytes(ScramHash.SHA_256.hmac(token.getBytes(StandardCharsets.UTF_8), proven.toByteArray()));
        Secrets.add(Base64.getEncoder().encodeToString(message.toByteArray()));
        return authenticate("HT-SHA-256-ENDP", message.toByteArray(), "<fast xmlns='urn:xmpp:fast:0'/>" + beside);
    }

    @Test
    void oneRoundTripFromTlsToASessionWithEverything() {
        String token = token();
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            // All that the client ever writes: nothing of it waits for an answer.
            phone.writes(HEADER + byToken(phone, token, EVERYTHING)
                    + "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>");

            phone.receivesHeader();
            assertThat(phone.next().has(Name.of("urn:xmpp:sasl:2", "authentication")))
                    .isTrue();
            Element success = phone.receives("<success xmlns='urn:xmpp:sasl:2'/>");
            assertThat(success.requireText(IDENTIFIER)).startsWith("juliet@localhost/Test/");
            Element bound = success.requireChild(BOUND);
            assertThat(bound.has(ENABLED)).isTrue();
            assertThat(bound.has(Name.of("urn:xmpp:mam:2", "metadata"))).isTrue();
            assertThat(phone.next().name().local()).isEqualTo("features");
            phone.receives("<iq type='result' id='r'/>");
            phone.receives("<presence/>");
        }
    }

    @Test
    void sessionIsResumedInOneRoundTrip() {
        String token = token();
        String id;
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            phone.writes(HEADER + byToken(phone, token, EVERYTHING));
            phone.receivesHeader();
            phone.next();
            id = phone.next().requireChild(BOUND).requireChild(ENABLED).requireAttr("id");
            phone.next();
        }
        try (RawClient again = RawClient.connectTls(server.endpoint())) {
            again.writes(HEADER
                    + byToken(again, token, "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>" + EVERYTHING)
                    + "<iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");

            again.receivesHeader();
            again.next();
            assertThat(again.receives("<success xmlns='urn:xmpp:sasl:2'/>").has(RESUMED))
                    .isTrue();
            // No features; what was written behind is handled in its order.
            again.receives("<iq type='result' id='p'/>");
        }
    }

    @Test
    void whatIsPipelinedBehindAFailureIsJudgedAfterIt() {
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            phone.writes(HEADER + byToken(phone, "no token of this server", EVERYTHING)
                    + "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>");

            phone.receivesHeader();
            phone.next();
            phone.receives("<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='" + Ns.SASL + "'/></failure>");
            phone.endsWith("not-authorized");
        }
    }

    @Test
    void garbageBehindTheRequestEndsTheStreamAfterTheAnswer() {
        String token = token();
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            phone.writes(HEADER + byToken(phone, token, EVERYTHING) + "<what xmlns='urn:example:garbage'/>");

            phone.receivesHeader();
            phone.next();
            phone.receives("<success xmlns='urn:xmpp:sasl:2'/>");
            phone.next();
            phone.endsWith("unsupported-stanza-type");
        }
    }

    @Test
    void secondAuthenticationEndsTheStream() {
        String token = token();
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            String request = byToken(phone, token, "");
            phone.writes(HEADER + request + request);

            phone.receivesHeader();
            phone.next();
            phone.receives("<success xmlns='urn:xmpp:sasl:2'/>");
            phone.next();
            phone.endsWith("not-authorized");
        }
    }

    @Test
    void giantRequestEndsTheStream() {
        try (RawClient phone = RawClient.connectTls(server.endpoint())) {
            phone.startsStream(HEADER);
            phone.next();
            phone.triesToWrite(authenticate("PLAIN", new byte[60_000], ""));

            phone.endsWith("policy-violation");
        }
    }

    @Test
    void itIsNotOfferedBeforeTls() {
        try (RawClient phone = server.connect().opensStream()) {
            assertThat(phone.features().has(Name.of("urn:xmpp:sasl:2", "authentication")))
                    .isFalse();
            phone.sends(authenticate("PLAIN", new byte[10], ""));

            phone.endsWith("not-authorized");
        }
    }

    @Test
    void hostOffersItsOwnMechanismsAndOnlyWhatItHasOn() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.beginsTls("montague.example", "xmpp-client").opensStream("montague.example");

            assertThat(client.mechanisms()).containsExactly("SCRAM-SHA-512-PLUS", "SCRAM-SHA-512");
            assertThat(client.features().toString()).doesNotContain("urn:xmpp:fast:0", "urn:xmpp:csi:0");
        }
    }
}
