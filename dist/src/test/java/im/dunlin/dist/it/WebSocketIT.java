// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig.Kind;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.WebClient;
import java.nio.ByteBuffer;
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
