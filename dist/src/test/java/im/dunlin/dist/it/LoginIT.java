// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways in (RFC 6120 §4 to §7, RFC 7590, XEP-0368, XEP-0440). */
class LoginIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    @Test
    void startTlsThenScramThenBind() {
        try (RawClient juliet = server.connect().startsTls().logsIn("juliet@localhost")) {
            juliet.binds("balcony");

            assertThat(juliet.jid()).isEqualTo("juliet@localhost/balcony");
            juliet.receivesNothing();
            juliet.leaves();
        }
    }

    @Test
    void directTlsNegotiatesAlpn() {
        try (RawClient juliet = RawClient.connectTls(server.endpoint())) {
            assertThat(juliet.applicationProtocol()).isEqualTo("xmpp-client");

            juliet.opensStream().logsIn("juliet@localhost").binds("orchard");
            juliet.receivesNothing();
        }
    }

    @ParameterizedTest
    @CsvSource({"SCRAM-SHA-1, SHA_1", "SCRAM-SHA-256, SHA_256", "SCRAM-SHA-512, SHA_512"})
    void everyScramIsAWayInWithAndWithoutBinding(String mechanism, ScramHash hash) {
        try (RawClient bound = server.connectTls();
                RawClient unbound = server.connectTls()) {
            assertThat(bound.attempts(
                            mechanism + "-PLUS",
                            bound.bound(RawClient.scram(hash, "juliet@localhost", Secrets.PASSWORD))))
                    .isNull();
            assertThat(unbound.attempts(mechanism, RawClient.scram(hash, "juliet@localhost", Secrets.PASSWORD)))
                    .isNull();
        }
    }

    @Test
    void plainIsAWayInInsideTls() {
        try (RawClient juliet = server.connectTls()) {
            assertThat(juliet.attemptsPlain("\0juliet\0" + Secrets.PASSWORD)).isNull();

            juliet.expectsNewStream().opensStream().binds("balcony");
        }
    }

    @Test
    void strongestMechanismIsOfferedFirst() {
        try (RawClient client = server.connectTls()) {
            assertThat(client.mechanisms())
                    .startsWith("SCRAM-SHA-512-PLUS")
                    .contains("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256")
                    .endsWith("PLAIN");
        }
    }

    @Test
    void bindingTypesAreAnnounced() {
        try (RawClient client = server.connectTls()) {
            assertThat(client.features()
                            .requireChild(Name.of("urn:xmpp:sasl-cb:0", "sasl-channel-binding"))
                            .children())
                    .extracting(type -> type.attr("type"))
                    .containsExactlyInAnyOrder("tls-exporter", "tls-server-end-point");
        }
    }

    @Test
    void serverChoosesAResourceWhenAskedTo() {
        try (RawClient juliet = server.connectTls().logsIn("juliet@localhost")) {
            juliet.sends("<iq type='set' id='b'><bind xmlns='" + Ns.BIND + "'/></iq>");

            assertThat(juliet.receives("<iq type='result' id='b'/>")
                            .requireChild(Name.of(Ns.BIND, "bind"))
                            .requireText(Name.of(Ns.BIND, "jid")))
                    .matches("juliet@localhost/.{8,}");
        }
    }

    @Test
    void resourceThatIsTakenGoesToTheNewSession() {
        try (RawClient old = server.session("juliet@localhost/balcony");
                RawClient young = server.session("juliet@localhost/balcony")) {
            old.endsWith("conflict");
            young.receivesNothing();
        }
    }

    @Test
    void eachHostHasItsCertificate() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.beginsTls("montague.example", "xmpp-client").opensStream("montague.example");

            assertThat(client.certificate().getSubjectX500Principal().getName()).contains("montague.example");
        }
    }

    @Test
    void startTlsChoosesTheCertificateByTheStreamWithoutServerName() {
        try (RawClient client = server.connect().opensStream("montague.example")) {
            client.sends("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            client.receives("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
            client.beginsTls("").opensStream("montague.example");

            assertThat(client.certificate().getSubjectX500Principal().getName()).contains("montague.example");
        }
    }
}
