// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said out of turn while a stream is negotiated, and what happens to it (RFC 6120 §4, §5, §7; threats T01 to T24). */
class NegotiationIT {
    private static final String HEADER = "<stream:stream xmlns='jabber:client'"
            + " xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";
    private static final String STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    private static final String BIND = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    // ---- headers
    // -----------------------------------------------------------------------------------------------------

    static Stream<Arguments> headers() {
        String streams = "xmlns:stream='http://etherx.jabber.org/streams'";
        return Stream.of(
                arguments(
                        "<stream:stream xmlns='jabber:client' " + streams + " to='verona.example' version='1.0'>",
                        "host-unknown"),
                arguments("<stream:stream xmlns='jabber:client' " + streams + " version='1.0'>", "host-unknown"),
                arguments(
                        "<stream:stream xmlns='jabber:client' " + streams + " to='localhost'>", "unsupported-version"),
                arguments(
                        "<stream:stream xmlns='jabber:client' " + streams + " to='localhost' version='0.9'>",
                        "unsupported-version"),
                arguments(
                        "<stream:stream xmlns='jabber:server' " + streams + " to='localhost' version='1.0'>",
                        "invalid-namespace"),
                arguments(
                        "<stream:stream xmlns='jabber:client' xmlns:stream='urn:x' to='localhost' version='1.0'>",
                        "invalid-namespace"),
                arguments("<stream xmlns='jabber:client' to='localhost' version='1.0'>", "invalid-namespace"),
                arguments(
                        "<stream:open xmlns='jabber:client' " + streams + " to='localhost' version='1.0'>",
                        "bad-format"),
                arguments("<stream:stream xmlns='jabber:client' to='localhost' version='1.0'>", "not-well-formed"),
                arguments(
                        "<stream:stream xmlns='jabber:client' " + streams
                                + " to='&quot;&gt;&lt;&apos;@loc&#10;alhost' version='1.0'>",
                        "improper-addressing"));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void wrongHeaderIsAnsweredWithAHeaderAndItsError(String header, String condition) {
        try (RawClient client = RawClient.connectTls(server.endpoint())) {
            client.startsStream(header);

            client.endsWith(condition);
        }
    }

    /** Threat X16: what is repeated from the client's header is escaped, and is not more than what is needed. */
    @Test
    void headerOfTheClientDoesNotBreakOutOfTheAnswer() {
        try (RawClient client = RawClient.connectTls(server.endpoint())) {
            Element answer = client.startsStream("<stream:stream xmlns='jabber:client'"
                    + " xmlns:stream='http://etherx.jabber.org/streams' to='LOCALHOST' version='1.0'"
                    + " from='juliet@localhost/&quot;&gt;&lt;x' id='&gt;&apos;&lt;' xml:lang='&gt;&quot;de'>");

            assertThat(answer.attr("from")).isEqualTo("localhost");
            assertThat(answer.attr("id")).matches("[0-9a-f]{32}");
            assertThat(answer.children()).isEmpty();
            client.next();
        }
    }

    /** Threat T12. */
    @Test
    void streamIdsDoNotRepeat() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            try (RawClient client = server.connect()) {
                ids.add(client.startsStream(HEADER).attr("id"));
            }
        }
        assertThat(ids).hasSize(20);
    }

    @Test
    void streamClosesInOrder() {
        try (RawClient client = server.connect().opensStream()) {
            client.leaves();
        }
    }

    // ---- TLS
    // ---------------------------------------------------------------------------------------------------------

    /** Threat T02. */
    @Test
    void onlyTlsIsOfferedInTheClear() {
        try (RawClient client = server.connect().opensStream()) {
            assertThat(client.features().children()).singleElement().satisfies(feature -> {
                assertThat(feature.name()).isEqualTo(Name.of("urn:ietf:params:xml:ns:xmpp-tls", "starttls"));
                assertThat(feature.children()).hasSize(1);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
                "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
                BIND,
                "<iq type='get' id='r'><query xmlns='jabber:iq:register'/></iq>",
                "<iq type='get' id='a'><query xmlns='jabber:iq:auth'/></iq>"
            })
    void nothingButTlsIsDoneInTheClear(String xml) {
        try (RawClient client = server.connect().opensStream()) {
            client.sends(xml);

            client.endsWith("not-authorized");
        }
    }

    @Test
    void loginInTheClearIsRefusedAsSuch() {
        try (RawClient client = server.connect().opensStream()) {
            client.sends(RawClient.auth("PLAIN", "\0juliet\0x".getBytes(StandardCharsets.UTF_8)));
            client.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>");
        }
    }

    /** Threat T01: what stands behind STARTTLS in the clear is never executed, inside TLS or outside. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                HEADER,
                HEADER + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAB4</auth>",
                "<iq type='get' id='injected'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<iq",
                " "
            })
    void nothingIsCarriedIntoTls(String injected) {
        try (RawClient client = server.connect().opensStream()) {
            client.writes(STARTTLS + injected);

            client.endsWith("policy-violation");
        }
    }

    @Test
    void startTlsOnceIsEnough() {
        try (RawClient client = server.connect().startsTls()) {
            assertThat(client.features().has(Name.of("urn:ietf:params:xml:ns:xmpp-tls", "starttls")))
                    .isFalse();

            client.sends(STARTTLS);

            client.endsWith("not-authorized");
        }
    }

    @Test
    void clearTextOnTheTlsPortIsRefused() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.writes(HEADER);

            client.isDisconnectedAtLast();
        }
    }

    /** Threat T20: a greeting that promises 16 MB is not waited for. */
    @Test
    void endlessClientHelloIsNotKept() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.writes(HexFormat.of().parseHex("160301" + "4000" + "01ffffff" + "0303"));
            client.triesToWrite("x".repeat(40_000));

            client.isDisconnectedAtLast();
        }
    }

    @Test
    void otherApplicationProtocolsAreRefused() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            assertThatThrownBy(() -> client.beginsTls("localhost", "h2")).isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void missingApplicationProtocolIsAccepted() {
        try (RawClient client = RawClient.connectBeforeTls(server.endpoint())) {
            client.beginsTls("localhost").opensStream();

            assertThat(client.mechanisms()).isNotEmpty();
        }
    }

    /** The certificate that was shown must speak for the domain that is wanted. */
    @Test
    void streamIsForTheHostOfTheCertificate() {
        try (RawClient client = RawClient.connectTls(server.endpoint())) {
            client.startsStream(HEADER.replace("localhost", "montague.example"));

            client.endsWith("host-unknown");
        }
    }

    // ---- before and after login
    // --------------------------------------------------------------------------------------

    static Stream<String> early() {
        return Stream.of(
                "<message to='romeo@localhost'><body>x</body></message>",
                "<presence/>",
                "<iq type='get' id='x' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<iq type='set' id='x'><query xmlns='jabber:iq:roster'/></iq>",
                "<iq type='result' id='x'/>",
                "<inactive xmlns='urn:xmpp:csi:0'/>",
                "<foo xmlns='urn:foo'/>");
    }

    /** Threat T23. */
    @ParameterizedTest
    @MethodSource("early")
    void nothingIsDoneBeforeLogin(String xml) {
        try (RawClient client = server.connectTls()) {
            client.sends(xml);

            client.endsWith("not-authorized");
        }
    }

    /** XEP-0198 §3: out of turn, which is no reason to end the stream. */
    @Test
    void streamIsNotManagedBeforeLogin() {
        try (RawClient client = server.connectTls()) {
            client.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");

            client.receives("<failed xmlns='urn:xmpp:sm:3'>"
                    + "<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<message to='romeo@localhost'><body>x</body></message>",
                "<presence/>",
                "<iq type='get' id='x' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>",
                "<iq type='set' id='x'><query xmlns='jabber:iq:roster'/></iq>"
            })
    void stanzasWaitForABoundResource(String xml) {
        try (RawClient client = server.connectTls().logsIn("juliet@localhost")) {
            client.sends(xml);

            client.endsWith("not-authorized");
        }
    }

    /** Threat T03: who logged in at one host does not become the same name at another. */
    @Test
    void restartKeepsTheHost() {
        try (RawClient client = server.connectTls()) {
            assertThat(client.attemptsPlain("\0juliet\0" + Secrets.PASSWORD)).isNull();

            client.restarts(HEADER.replace("localhost", "montague.example"));

            client.endsWith("not-authorized");
        }
    }

    static Stream<Arguments> again() {
        return Stream.of(
                arguments(
                        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldAB4</auth>",
                        "unsupported-stanza-type"),
                arguments("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", "unsupported-stanza-type"),
                arguments(STARTTLS, "unsupported-stanza-type"),
                arguments(
                        "<compress xmlns='http://jabber.org/protocol/compress'><method>zlib</method></compress>",
                        "unsupported-stanza-type"),
                arguments("<handshake xmlns='jabber:component:accept'>x</handshake>", "unsupported-stanza-type"),
                arguments(
                        "<result xmlns='jabber:server:dialback' from='a' to='b'>x</result>",
                        "unsupported-stanza-type"));
    }

    /** Threat T24: the identity of a session never changes. */
    @ParameterizedTest
    @MethodSource("again")
    void nothingIsNegotiatedTwice(String xml, String condition) {
        try (RawClient client = server.session("tybalt@localhost/again")) {
            client.sends(xml);

            client.endsWith(condition);
        }
    }

    @Test
    void secondBindIsRefusedAndChangesNothing() {
        try (RawClient client = server.session("tybalt@localhost/again")) {
            client.sends(BIND);

            client.receivesError("service-unavailable");
            client.receivesNothing();
        }
    }

    @Test
    void resourceThatIsNoneIsRefused() {
        try (RawClient client = server.connectTls().logsIn("tybalt@localhost")) {
            client.sends("<iq type='set' id='b'><bind xmlns='" + Ns.BIND + "'><resource>" + "x".repeat(1_024)
                    + "</resource></bind></iq>");
            client.receivesError("jid-malformed");
            client.sends("<iq type='get' id='b'><bind xmlns='" + Ns.BIND + "'/></iq>");
            client.receivesError("bad-request");

            client.binds("fits");
        }
    }
}
