// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another server may not do (threats T16 to T18, R12), byte for byte. */
class FederationThreatsIT {
    private static final Path FILES = directory();
    private static final RawServer evil = new RawServer("evil.example", FILES);
    private static final HostCertificate TRUSTED = certificate();
    private static final RawServer slow = new RawServer("slow.example", FILES);

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.serving(
            """
            hosts: { capulet.example: {}, private.example: { federation: false }, verona.example: {} }
            listeners:
              - { kind: direct-tls, address: 127.0.0.1, port: 0 }
              - { kind: starttls, address: 127.0.0.1, port: 0 }
              - { kind: server, address: 127.0.0.1, port: 0 }
            federation:
              timeout: 3s
              queueStanzas: 20
              streamsPerDomain: 2
              trust: "%s"
              domains:
                evil.example: { address: "127.0.0.1:%2$d", authentication: dialback }
                slow.example: { address: "127.0.0.1:%3$d", authentication: dialback }
                kept.example: { address: "127.0.0.1:%3$d", authentication: dialback }
                disowned.example: { address: "127.0.0.1:%3$d", authentication: dialback }
                strict.example: { address: "127.0.0.1:%2$d" }
                blocked.example: { blocked: true }
            """.formatted(TRUSTED.chain(), evil.port(), slow.port()),
            "juliet@capulet.example",
            "tybalt@private.example",
            "nurse@verona.example");

    private static Path directory() {
        try {
            return Files.createTempDirectory("servers");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of a domain that is not evil. */
    private static HostCertificate certificate() {
        try {
            return SelfSignedCertificate.in(FILES, "trusted.example", Instant.now(), new SecureRandom());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @BeforeEach
    void evilIsUsual() {
        evil.behaves(RawServer.Manner.USUAL);
        evil.answers("type='valid'", "");
        evil.offers("");
        slow.behaves(RawServer.Manner.SILENT);
    }

    @AfterAll
    static void closeServers() throws IOException {
        evil.close();
        slow.close();
    }

    private static RawClient connect() {
        return RawClient.connectTo(server.port(ListenerConfig.Kind.SERVER));
    }

    private static String header(String from, String to) {
        return "<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback'"
                + " xmlns:stream='http://etherx.jabber.org/streams' from='" + from + "' to='" + to
                + "' version='1.0'>";
    }

    /** A stream inside TLS on which nothing is proved. */
    private static RawClient secured(String from) {
        return secured(from, RawClient.trustsAll());
    }

    private static RawClient secured(String from, SSLContext certificate) {
        RawClient stream = connect();
        stream.startsStream(header(from, "capulet.example"));
        stream.next();
        stream.sends("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        stream.receives("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        stream.beginsTls(certificate, "capulet.example").startsStream(header(from, "capulet.example"));
        assertThat(stream.next().toString())
                .contains("urn:xmpp:features:dialback")
                .matches(
                        features -> features.contains("EXTERNAL") == from.equals("trusted.example"), "offers EXTERNAL");
        return stream;
    }

    private static String claim(String from, String to) {
        return "<db:result from='" + from + "' to='" + to + "'>a key</db:result>";
    }

    private static RawClient claims(String from) {
        RawClient stream = secured(from);
        stream.sends(claim(from, "capulet.example"));
        return stream;
    }

    private static final String DB = "xmlns='jabber:server:dialback'";

    private static RawClient authenticated() {
        RawClient stream = claims("evil.example");
        stream.receives("<result " + DB + " from='capulet.example' to='evil.example' type='valid'/>");
        return stream;
    }

    private static String message(String from) {
        return "<message from='" + from + "' to='juliet@capulet.example' id='m'><body>hello</body></message>";
    }

    // ---- who may open a stream
    // -------------------------------------------------------------------------------------

    @Test
    void nothingIsTakenInTheClear() {
        try (RawClient stream = connect()) {
            stream.startsStream(header("evil.example", "capulet.example"));
            assertThat(stream.next().toString())
                    .contains("starttls")
                    .contains("required")
                    .doesNotContain("dialback");
            stream.sends(claim("evil.example", "capulet.example"));
            stream.endsWith("policy-violation");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nowhere.example", "private.example", "sub.capulet.example"})
    void domainThatIsNotServedToOthersIsUnknown(String to) {
        try (RawClient stream = connect()) {
            stream.startsStream(header("evil.example", to));
            stream.endsWith("host-unknown");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"capulet.example", "private.example"})
    void nobodyElseIsOneOfOurDomains(String ours) {
        try (RawClient stream = connect()) {
            stream.startsStream(header(ours, "capulet.example"));
            stream.endsWith("invalid-from");
        }
        try (RawClient stream = secured("evil.example")) {
            stream.sends(claim(ours, "capulet.example"));
            stream.endsWith("invalid-from");
        }
    }

    @Test
    void blockedDomainIsRefused() {
        try (RawClient stream = connect()) {
            stream.startsStream(header("blocked.example", "capulet.example"));
            stream.endsWith("policy-violation");
        }
        try (RawClient stream = secured("evil.example")) {
            stream.sends(claim("blocked.example", "capulet.example"));
            stream.receives("<result " + DB + " from='capulet.example' to='blocked.example' type='error'/>");
        }
    }

    // ---- certificates
    // ----------------------------------------------------------------------------------------------

    private static String external(String identity) {
        return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>" + identity + "</auth>";
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "", "trusted.example"})
    void certificateProvesItsDomainAndNoOther(String identity) {
        try (RawClient stream = secured("trusted.example", RawServer.context(TRUSTED))) {
            stream.sends(external(identity.length() > 1 ? base64(identity) : identity));
            stream.receives("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            stream.restarts(header("trusted.example", "capulet.example"));
            stream.next();
            stream.sends(message("somebody@trusted.example"));
            stream.sends(message("mallory@evil.example"));
            stream.endsWith("invalid-from");
        }
    }

    @Test
    void certificateOfAnotherDomainProvesNothing() {
        try (RawClient stream = secured("evil.example", RawServer.context(TRUSTED))) {
            stream.sends(external("="));
            stream.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-mechanism/></failure>");
            stream.sends(message("mallory@evil.example"));
            stream.endsWith("not-authorized");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "sub.trusted.example", "capulet.example", "x@trusted.example"})
    void identityIsThatOfTheStream(String identity) {
        try (RawClient stream = secured("trusted.example", RawServer.context(TRUSTED))) {
            stream.sends(external(base64(identity)));
            stream.receives("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><invalid-authzid/></failure>");
            stream.sends(message("somebody@trusted.example"));
            stream.endsWith("not-authorized");
        }
    }

    @Test
    void restartDoesNotChangeWhoWasProved() {
        try (RawClient stream = secured("trusted.example", RawServer.context(TRUSTED))) {
            stream.sends(external("="));
            stream.receives("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
            stream.restarts(header("evil.example", "capulet.example"));
            stream.endsWith("not-authorized");
        }
    }

    @Test
    void serverThatRefusesOurCertificateIsAskedByDialback() throws Exception {
        evil.offers(
                "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>");
        try (RawClient nurse = server.session("nurse@verona.example/hall")) {
            nurse.sends("<iq type='get' to='evil.example' id='n'><ping xmlns='urn:xmpp:ping'/></iq>");
            assertThat(evil.hears().text()).isEqualTo(base64("verona.example"));
            assertThat(evil.hears().attr("id")).isEqualTo("n");
        }
    }

    // ---- dialback
    // --------------------------------------------------------------------------------------------------

    @Test
    void wrongKeyIsInvalidAndNothingFollowsFromIt() {
        evil.answers("type='invalid'", "");
        try (RawClient stream = claims("evil.example")) {
            stream.receives("<result " + DB + " from='capulet.example' to='evil.example' type='invalid'/>");
            stream.sends(message("mallory@evil.example"));
            stream.endsWith("not-authorized");
        }
    }

    @Test
    void answersThatNobodyHasAskedForMeanNothing() {
        try (RawClient stream = secured("evil.example")) {
            stream.sends("<db:result from='evil.example' to='capulet.example' type='valid'/>"
                    + "<db:verify from='evil.example' to='capulet.example' id='x' type='valid'/>");
            stream.sends(message("mallory@evil.example"));
            stream.endsWith("not-authorized");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<db:verify id='other' from='evil.example' to='capulet.example' type='valid'/>",
                "<db:verify from='evil.example' to='capulet.example' type='valid'/>",
                "<db:verify from='other.example' to='capulet.example' type='valid'/>",
                "<db:result from='evil.example' to='capulet.example' type='valid'/>"
            })
    void onlyTheAnswerToTheQuestionCounts(String other) {
        evil.answers("type='invalid'", other);
        try (RawClient stream = claims("evil.example")) {
            stream.receives("<result " + DB + " from='capulet.example' to='evil.example' type='invalid'/>");
        }
    }

    @Test
    void domainWhoseCertificateMustBeValidIsNotAskedWithAnother() {
        try (RawClient stream = claims("strict.example")) {
            stream.receives("<result " + DB + " from='capulet.example' to='strict.example' type='error'/>");
            stream.sends(message("mallory@strict.example"));
            stream.endsWith("not-authorized");
        }
    }

    @Test
    void failedPairLeavesTheOthersAlone() {
        try (RawClient stream = authenticated()) {
            stream.sends(claim("evil.example", "private.example"));
            stream.receives("<result " + DB + " from='private.example' to='evil.example' type='error'/>");
            stream.sends(
                    "<iq type='get' from='evil.example' to='capulet.example' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
            stream.sends(claim("evil.example", "capulet.example"));
            stream.receives("<result " + DB + " from='capulet.example' to='evil.example' type='valid'/>");
        }
    }

    @Test
    void keyThatIsNotOursIsInvalid() {
        try (RawClient stream = secured("evil.example")) {
            stream.sends("<db:verify from='evil.example' to='capulet.example' id='s1'>"
                    + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef</db:verify>");
            stream.receives("<verify " + DB + " from='capulet.example' to='evil.example' id='s1' type='invalid'/>");
        }
    }

    // ---- stanzas
    // ---------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(
            strings = {
                "romeo@montague.example",
                "juliet@capulet.example",
                "capulet.example",
                "mallory@sub.evil.example",
                "mallory@notevil.example",
                "mallory@evil.example.capulet.example",
                "example"
            })
    void stanzaOfAnotherDomainEndsTheStream(String from) {
        try (RawClient stream = authenticated()) {
            stream.sends(message(from));
            stream.endsWith("invalid-from");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tybalt@private.example", "romeo@montague.example", "juliet@sub.capulet.example"})
    void stanzaForAnotherDomainThanTheProvenPairEndsTheStream(String to) {
        try (RawClient stream = authenticated()) {
            stream.sends("<message from='mallory@evil.example' to='" + to + "'><body>hello</body></message>");
            stream.endsWith("invalid-from");
        }
    }

    @Test
    void stanzaWithoutAnAddressEndsTheStream() {
        try (RawClient stream = authenticated()) {
            stream.sends("<message from='mallory@evil.example'><body>hello</body></message>");
            stream.endsWith("improper-addressing");
        }
    }

    @Test
    void errorIsNotAnsweredWithAnError() throws Exception {
        try (RawClient stream = authenticated()) {
            stream.sends(
                    "<message type='error' from='mallory@evil.example' to='nobody@capulet.example' id='e'>"
                            + "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>"
                            + "<iq type='result' from='evil.example' to='capulet.example' id='nobody-asked'/>"
                            + "<iq type='error' from='evil.example' to='capulet.example' id='nobody-asked'/>"
                            + "<iq type='get' from='evil.example' to='capulet.example' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
            Element first = evil.hears();
            assertThat(first.attr("id")).as(first.toString()).isEqualTo("p");
            assertThat(first.attr("type")).isEqualTo("result");
        }
    }

    @Test
    void hugeStanzaEndsTheStream() {
        try (RawClient stream = authenticated()) {
            stream.triesToWrite(message("mallory@evil.example").replace("hello", "a".repeat(600_000)));
            stream.endsAtLastWith("policy-violation");
        }
    }

    @Test
    void beforeTheProofOneElementIsShort() {
        try (RawClient stream = secured("evil.example")) {
            stream.triesToWrite("<db:result from='evil.example' to='capulet.example'>" + "a".repeat(20_000));
            stream.endsAtLastWith("policy-violation");
        }
    }

    // ---- servers that we connect to
    // --------------------------------------------------------------------------------

    @Test
    void serverThatDoesNotAnswerHoldsUpNobodyElse() throws Exception {
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<iq type='get' to='slow.example' id='s'><ping xmlns='urn:xmpp:ping'/></iq>");
            juliet.sends("<iq type='get' to='evil.example' id='e'><ping xmlns='urn:xmpp:ping'/></iq>");
            assertThat(evil.hears().attr("id")).isEqualTo("e");
            juliet.receivesError("remote-server-timeout");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "[::1]"})
    void addressOfAMachineIsNoDomain(String domain) {
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<message type='chat' to='x@" + domain + "' id='s'><body>hello</body></message>");
            juliet.receivesError("remote-server-not-found");
        }
    }

    /** A server that ends each stream at once is not connected to again and again. */
    @Test
    void serverThatIsNeverThereIsNotAskedAgainForEachStanza() throws Exception {
        slow.behaves(RawServer.Manner.CLEAR);
        try (RawClient juliet = server.session("juliet@capulet.example/storm")) {
            int before = slow.connections();
            for (int i = 0; i < 20; i++) {
                juliet.sends("<iq type='get' to='slow.example' id='s'><ping xmlns='urn:xmpp:ping'/></iq>");
                juliet.receivesError("remote-server-timeout");
            }
            assertThat(slow.connections() - before).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void messagesForAServerThatDoesNotAnswerAreKeptWithinTheQueue() {
        try (RawClient juliet = server.session("juliet@capulet.example/queue")) {
            for (int i = 0; i < 25; i++) {
                juliet.sends("<message type='chat' to='x@kept.example' id='k" + i + "'><body>hello</body></message>");
            }
            juliet.receivesError("resource-constraint");
        }
    }

    @Test
    void oneMoreStreamOfADomainTakesThePlaceOfTheSilentOne() {
        try (RawClient first = authenticated();
                RawClient second = authenticated();
                RawClient third = authenticated()) {
            first.endsWith("resource-constraint");
            second.sends(message("mallory@other.example"));
            second.endsWith("invalid-from");
            third.sends(message("mallory@other.example"));
            third.endsWith("invalid-from");
        }
    }

    @Test
    void nothingIsSentInTheClear() {
        slow.behaves(RawServer.Manner.CLEAR);
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<iq type='get' to='slow.example' id='s'><ping xmlns='urn:xmpp:ping'/></iq>");
            juliet.receivesError("remote-server-timeout");
        }
    }

    /** Whoever is between the servers does not make messages come back. */
    @Test
    void thatADomainIsUnknownIsNotBelievedInTheClear() {
        slow.behaves(RawServer.Manner.DISOWNING);
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<iq type='get' to='disowned.example' id='s'><ping xmlns='urn:xmpp:ping'/></iq>");
            juliet.receivesError("remote-server-timeout");
        }
    }

    @Test
    void nothingIsSentToAServerWithoutAValidCertificate() {
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<iq type='get' to='strict.example' id='s'><ping xmlns='urn:xmpp:ping'/></iq>");
            juliet.receivesError("remote-server-timeout");
        }
    }

    @Test
    void nothingIsSentToABlockedDomain() {
        try (RawClient juliet = server.session("juliet@capulet.example/balcony")) {
            juliet.sends("<message to='x@blocked.example' id='s'><body>hello</body></message>");
            juliet.receivesError("not-allowed");
        }
    }

    @Test
    void hostWithoutFederationKnowsNoOtherServer() {
        try (RawClient tybalt = server.session("tybalt@private.example/hall")) {
            tybalt.sends("<message to='x@evil.example' id='s'><body>hello</body></message>");
            tybalt.receivesError("remote-server-not-found");
        }
    }
}
