// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.config.ListenerConfig.Kind;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import im.dunlin.dist.testing.WebClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** XMPP over WebSocket (RFC 7395) by the JDK's client. */
class WebSocketIT {
    private static final String CHAT =
            "<message xmlns='jabber:client' to='%s' type='chat' id='m1'><body>hi</body></message>";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    private static WebClient connect() throws Exception {
        return new WebClient("ws://localhost:" + server.port(Kind.HTTP) + "/ws");
    }

    private static WebClient connectTls() throws Exception {
        return new WebClient("wss://localhost:" + server.port(Kind.HTTPS) + "/ws");
    }

    @Test
    void loginInTlsIsBoundToTheChannel() throws Exception {
        try (WebClient client = connectTls()) {
            client.opensStream();
            assertThat(client.features().toString())
                    .contains("SCRAM-SHA-256-PLUS")
                    .doesNotContain("starttls");

            client.logsIn("juliet@localhost").binds("web");
        }
    }

    @Test
    void withoutTlsThereIsNothingToBindTo() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            assertThat(client.features().toString())
                    .contains("SCRAM-SHA-256")
                    .doesNotContain("PLUS")
                    .doesNotContain("starttls");

            client.logsIn("juliet@localhost").binds("web");
        }
    }

    @Test
    void webAndTcpClientsChat() throws Exception {
        try (WebClient juliet = connectTls();
                RawClient romeo = server.session("romeo@localhost/orchard")) {
            juliet.opensStream().logsIn("juliet@localhost").binds("balcony");
            juliet.sends(CHAT.formatted("romeo@localhost/orchard"));
            romeo.receives("<message from='juliet@localhost/balcony' to='romeo@localhost/orchard' type='chat' id='m1'>"
                    + "<body>hi</body></message>");

            romeo.sends("<message to='juliet@localhost/balcony' type='chat' id='m2'><body>ho</body></message>");

            assertThat(juliet.next())
                    .startsWith("<message xmlns='jabber:client'")
                    .contains("from='romeo@localhost/orchard'", "<body>ho</body>");
        }
    }

    @Test
    void cutSessionIsResumedOverTheWeb() throws Exception {
        String id;
        try (WebClient juliet = connectTls()) {
            juliet.opensStream().logsIn("juliet@localhost").binds("resumes");
            juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            id = juliet.next().replaceFirst(".* id='([^']*)'.*", "$1");
        }
        try (WebClient again = connectTls()) {
            again.opensStream().logsIn("juliet@localhost");
            again.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");

            assertThat(again.next()).startsWith("<resumed xmlns='urn:xmpp:sm:3'");
        }
    }

    /** RFC 7395 §3.4. */
    @Test
    void nothingComesBeforeTheStreamIsOpen() throws Exception {
        try (WebClient client = connect()) {
            client.sends("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'/>");

            assertThat(client.next()).startsWith("<open");
            assertThat(client.next()).contains("<bad-format");
        }
    }

    @Test
    void streamIsOpenedOnce() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            client.sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='montague.example' version='1.0'/>");

            assertThat(client.next()).contains("<bad-format");
        }
    }

    @Test
    void tokenLogsInAndBindsInOneRequest() throws Exception {
        String token;
        try (WebClient client = connect()) {
            client.opensStream();
            client.sends(authenticate(
                    "PLAIN",
                    "\0juliet\0" + Secrets.PASSWORD,
                    "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>"));
            Element success = TestXml.parse(client.next());
            token = success.requireChild(Name.of("urn:xmpp:fast:0", "token")).requireAttr("token");
            Secrets.add(token);
        }
        byte[] proof = ScramHash.SHA_256.hmac(token.getBytes(StandardCharsets.US_ASCII), "Initiator");
        try (WebClient client = connect()) {
            client.opensStream();
            client.sends(authenticate(
                    "HT-SHA-256-NONE",
                    "juliet\0" + new String(proof, StandardCharsets.ISO_8859_1),
                    "<fast xmlns='urn:xmpp:fast:0'/><bind xmlns='urn:xmpp:bind:0'><tag>Web</tag>"
                            + "<enable xmlns='urn:xmpp:sm:3' resume='true'/></bind>"));

            Element success = TestXml.parse(client.next());
            assertThat(success.requireText(Name.of("urn:xmpp:sasl:2", "authorization-identifier")))
                    .startsWith("juliet@localhost/Web/");
            assertThat(success.requireChild(Name.of("urn:xmpp:bind:0", "bound"))
                            .has(Name.of("urn:xmpp:sm:3", "enabled")))
                    .isTrue();
            assertThat(client.next()).startsWith("<stream:features");
            client.sends("<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
            assertThat(client.next()).contains("type='result'", "id='p'");
        }
    }

    private static String authenticate(String mechanism, String initial, String beside) {
        String encoded = Base64.getEncoder().encodeToString(initial.getBytes(StandardCharsets.ISO_8859_1));
        Secrets.add(encoded);
        return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='" + mechanism + "'><initial-response>" + encoded
                + "</initial-response><user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>" + beside
                + "</authenticate>";
    }

    @Test
    void endOfTheStreamClosesTheSocket() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            client.sends("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");

            assertThat(client.next()).isEqualTo("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
            assertThat(client.closeStatus()).isEqualTo(1000);
        }
    }

    @Test
    void errorEndsTheStreamAndThenTheSocket() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            client.sends("<presence xmlns='jabber:client'/><presence xmlns='jabber:client'/>");

            assertThat(client.next()).contains("<stream:error").contains("<not-authorized");
            assertThat(client.next()).startsWith("<close");
            assertThat(client.closeStatus()).isEqualTo(1000);
        }
    }

    @Test
    void hostThatIsNotServedIsRefused() throws Exception {
        try (WebClient client = connect()) {
            client.sends("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='capulet.example' version='1.0'/>");

            assertThat(client.next()).startsWith("<open");
            assertThat(client.next()).contains("<host-unknown");
        }
    }

    @Test
    void littleIsReadBeforeLogin() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            client.socket().sendText("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + "x".repeat(100_000), true);

            assertThat(client.next()).contains("<policy-violation");
        }
    }

    @Test
    void binaryIsNotAccepted() throws Exception {
        try (WebClient client = connect()) {
            client.socket().sendBinary(ByteBuffer.wrap(new byte[] {1}), true);

            assertThat(client.closeStatus()).isEqualTo(1003);
        }
    }

    @Test
    void closingTheSocketAloneIsAnswered() throws Exception {
        try (WebClient client = connect()) {
            client.opensStream();
            client.socket().sendClose(1001, "away");

            assertThat(client.closeStatus()).isEqualTo(1001);
        }
    }
}
