// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0114: components, byte for byte. */
class ComponentIT {
    private static final String SECRET = "a secret of some length";
    private static final String NS = "jabber:component:accept";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            components:
              irc.localhost: { secretFile: "%1$s" }
              sms.example: { secretFile: "%1$s" }
              away.localhost: { secretFile: "%1$s" }
              narrow.localhost: { secretFile: "%1$s", queueBytes: 64KiB }
            limits:
              rate: { bytesPerSecond: 100MiB, bytesBurst: 100MiB, stanzasPerSecond: 100000, stanzasBurst: 100000 }
            """.formatted(secretFile()));

    /** A file with the secret of all components here. */
    static Path secretFile() {
        try {
            Path file = Files.createTempFile("component", ".secret");
            file.toFile().deleteOnExit();
            return Files.writeString(file, SECRET + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RawClient connect() {
        return RawClient.connectTo(server.port(ListenerConfig.Kind.COMPONENT));
    }

    private static String header(String to) {
        return header(to, NS);
    }

    private static String header(String to, String namespace) {
        return "<stream:stream xmlns='" + namespace + "' xmlns:stream='http://etherx.jabber.org/streams' to='" + to
                + "'>";
    }

    private static String handshake(String streamId, String secret) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((streamId + secret).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RawClient component(String domain) {
        return shakesHands(domain, connect());
    }

    static RawClient shakesHands(String domain, RawClient connected) {
        String id = connected.startsStream(header(domain)).requireAttr("id");
        connected.sends("<handshake>" + handshake(id, SECRET) + "</handshake>");
        connected.receives("<handshake xmlns='" + NS + "'/>");
        return connected;
    }

    private static RawClient juliet() {
        return server.session("juliet@localhost/balcony");
    }

    // ---- the handshake
    // -----------------------------------------------------------------------------------------------

    @Test
    void headerOfTheServerIsFromTheComponentItself() {
        try (RawClient client = connect()) {
            Element answer = client.startsStream(header("irc.localhost"));

            assertThat(answer.attr("from")).isEqualTo("irc.localhost");
            assertThat(answer.attr("version"))
                    .as("before 1.0, with no features to come")
                    .isNull();
        }
    }

    @Test
    void wrongSecretIsNotAuthorized() {
        try (RawClient client = connect()) {
            String id = client.startsStream(header("irc.localhost")).requireAttr("id");
            client.sends("<handshake>" + handshake(id, "another secret of some length") + "</handshake>");
            client.endsWith("not-authorized");
        }
    }

    @Test
    void handshakeOfAnotherStreamIsNotAuthorized() {
        try (RawClient one = connect();
                RawClient other = connect()) {
            String id = one.startsStream(header("irc.localhost")).requireAttr("id");
            other.startsStream(header("irc.localhost"));
            other.sends("<handshake>" + handshake(id, SECRET) + "</handshake>");
            other.endsWith("not-authorized");
        }
    }

    /** "Convert the hash output to all lowercase characters" (§3). */
    @Test
    void handshakeInUpperCaseIsNotAuthorized() {
        try (RawClient client = connect()) {
            String id = client.startsStream(header("irc.localhost")).requireAttr("id");
            client.sends("<handshake>" + handshake(id, SECRET).toUpperCase(Locale.ROOT) + "</handshake>");
            client.endsWith("not-authorized");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown.localhost", "localhost", "juliet@irc.localhost", "irc.localhost/resource"})
    void whatIsNoConfiguredComponentIsUnknown(String to) {
        try (RawClient client = connect()) {
            client.startsStream(header(to));
            client.endsWith("host-unknown");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"jabber:client", "jabber:server", "jabber:component:connect"})
    void otherNamespaceIsInvalid(String namespace) {
        try (RawClient client = connect()) {
            client.writes(header("irc.localhost", namespace));
            client.endsWith("invalid-namespace");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<message from='irc.localhost' to='juliet@localhost'><body>hello</body></message>",
                "<iq type='get' from='irc.localhost' to='localhost'/>",
                "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABzZWNyZXQ=</auth>",
                "<handshake/>"
            })
    void nothingIsTakenBeforeTheHandshake(String xml) {
        try (RawClient client = connect()) {
            client.startsStream(header("irc.localhost"));
            client.sends(xml);
            client.endsWith("not-authorized");
        }
    }

    @Test
    void beforeTheHandshakeOneElementIsShort() {
        try (RawClient client = connect()) {
            client.startsStream(header("irc.localhost"));
            client.triesToWrite("<handshake>" + "a".repeat(20_000) + "</handshake>");
            client.endsWith("policy-violation");
        }
    }

    @Test
    void secondHandshakeEndsTheStream() {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<handshake>0</handshake>");
            irc.endsWith("unsupported-stanza-type");
        }
    }

    @Test
    void clientIsNoComponent() {
        try (RawClient juliet = juliet()) {
            juliet.sends("<handshake xmlns='" + NS + "'>0</handshake>");
            juliet.endsWith("unsupported-stanza-type");
        }
    }

    // ---- one place for each
    // ------------------------------------------------------------------------------------------

    @Test
    void newConnectionTakesThePlaceOfTheFormer() {
        try (RawClient former = component("irc.localhost");
                RawClient juliet = juliet();
                RawClient next = component("irc.localhost")) {
            former.endsWith("conflict");
            juliet.sends("<message to='irc.localhost' id='m1'><body>hello</body></message>");
            next.receives("<message xmlns='" + NS + "' id='m1'/>");
        }
    }

    @Test
    void connectionWithoutTheSecretTakesNobodysPlace() {
        try (RawClient irc = component("irc.localhost");
                RawClient other = connect();
                RawClient juliet = juliet()) {
            other.startsStream(header("irc.localhost"));
            other.sends("<handshake>0</handshake>");
            other.endsWith("not-authorized");
            juliet.sends("<message to='irc.localhost' id='m1'><body>hello</body></message>");
            irc.receives("<message xmlns='" + NS + "' id='m1'/>");
        }
    }

    @Test
    void statusSaysWhoIsConnected() throws Exception {
        try (RawClient sms = component("sms.example")) {
            assertThat(server.status("component sms.example")).isEqualTo("connected");
            assertThat(server.status("component away.localhost")).isEqualTo("away");
        }
    }

    @Test
    void itemsOfTheHostListWhoIsConnected() {
        String items =
                "<iq type='get' to='localhost' id='i'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>";
        try (RawClient juliet = juliet()) {
            try (RawClient sms = component("sms.example")) {
                juliet.sends(items);
                juliet.receives("<iq type='result' id='i'><query xmlns='http://jabber.org/protocol/disco#items'>"
                        + "<item jid='sms.example'/></query></iq>");
                sms.leaves();
            }
            juliet.sends(items);
            assertThat(juliet.next().toString()).contains("query").doesNotContain("sms.example");
        }
    }

    // ---- stanzas
    // -----------------------------------------------------------------------------------------------------

    @Test
    void usersAndComponentWriteToEachOther() {
        try (RawClient irc = component("irc.localhost");
                RawClient juliet = juliet()) {
            juliet.sends(
                    "<message to='#verona@irc.localhost/romeo' id='m1' type='chat'><body>Art thou there?</body></message>");
            irc.receives("<message xmlns='" + NS + "' from='" + juliet.jid()
                    + "' to='#verona@irc.localhost/romeo' id='m1' type='chat'><body>Art thou there?</body></message>");

            irc.sends("<message from='#verona@irc.localhost/romeo' to='" + juliet.jid()
                    + "' type='chat' id='m2'><body>Here</body></message>");
            juliet.receives("<message from='#verona@irc.localhost/romeo' id='m2'><body>Here</body></message>");
        }
    }

    @Test
    void questionsGoBothWays() {
        try (RawClient irc = component("irc.localhost");
                RawClient juliet = juliet()) {
            juliet.sends("<iq type='get' to='irc.localhost' id='q1'><query xmlns='jabber:iq:version'/></iq>");
            irc.receives("<iq xmlns='" + NS + "' type='get' from='" + juliet.jid()
                    + "' id='q1'><query xmlns='jabber:iq:version'/></iq>");
            irc.sends("<iq type='result' from='irc.localhost' to='" + juliet.jid() + "' id='q1'/>");
            juliet.receives("<iq type='result' from='irc.localhost' id='q1'/>");

            irc.sends("<iq type='get' from='irc.localhost' to='" + juliet.jid()
                    + "' id='q2'><query xmlns='jabber:iq:version'/></iq>");
            juliet.receives("<iq type='get' from='irc.localhost' id='q2'/>");
            juliet.sends("<iq type='result' to='irc.localhost' id='q2'/>");
            irc.receives("<iq xmlns='" + NS + "' type='result' from='" + juliet.jid() + "' id='q2'/>");
        }
    }

    @Test
    void serverAnswersAComponentAsItAnswersStrangers() {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<iq type='get' from='irc.localhost' to='localhost' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
            irc.receives("<iq xmlns='" + NS + "' type='result' from='localhost' to='irc.localhost' id='p'/>");

            irc.sends("<iq type='set' from='irc.localhost' to='localhost' id='r'>"
                    + "<query xmlns='jabber:iq:register'><remove/></query></iq>");
            irc.receives("<iq xmlns='" + NS + "' type='error' id='r'/>");

            irc.sends("<iq type='get' from='irc.localhost' to='juliet@localhost' id='d'>"
                    + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
            irc.receives("<iq xmlns='" + NS + "' type='error' id='d'/>");
        }
    }

    @Test
    void componentsWriteToEachOther() {
        try (RawClient irc = component("irc.localhost");
                RawClient sms = component("sms.example")) {
            irc.sends("<message from='a@irc.localhost' to='b@sms.example' id='m'><body>hello</body></message>");
            sms.receives("<message xmlns='" + NS + "' from='a@irc.localhost' to='b@sms.example' id='m'/>");
        }
    }

    @Test
    void whoWritesToAComponentThatIsAwayIsTold() {
        try (RawClient irc = component("irc.localhost");
                RawClient juliet = juliet()) {
            juliet.sends("<message to='bot@away.localhost' id='m'><body>hello</body></message>");
            juliet.receivesError("remote-server-timeout");
            juliet.sends("<iq type='get' to='away.localhost' id='q'><ping xmlns='urn:xmpp:ping'/></iq>");
            juliet.receivesError("remote-server-timeout");
            juliet.sends("<presence to='away.localhost'/>");
            juliet.receivesNothing();

            irc.sends("<message from='a@irc.localhost' to='away.localhost' id='m'><body>hello</body></message>");
            irc.receives(
                    "<message xmlns='" + NS + "' type='error' from='away.localhost' to='a@irc.localhost' id='m'/>");
        }
    }

    @Test
    void componentThatWritesNowhereIsTold() {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<message from='irc.localhost' to='nobody@nowhere.example' id='m'><body>hello</body></message>");
            assertThat(irc.receives("<message xmlns='" + NS + "' type='error' id='m'/>")
                            .toString())
                    .contains("remote-server-not-found");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"juliet@localhost", "localhost", "sms.example", "x.irc.localhost", "irc.localhost.example", "@@"
            })
    void addressOfAnotherDomainIsInvalid(String from) {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<message from='" + from + "' to='juliet@localhost'><body>hello</body></message>");
            irc.endsWith("invalid-from");
        }
    }

    @Test
    void stanzaWithoutAnAddressIsOfTheComponentItself() {
        try (RawClient irc = component("irc.localhost");
                RawClient juliet = juliet()) {
            irc.sends("<message to='" + juliet.jid() + "' id='m' type='chat'><body>hello</body></message>");
            juliet.receives("<message from='irc.localhost' id='m'/>");
        }
    }

    @Test
    void stanzaForNobodyIsRefused() {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<message from='a@irc.localhost' id='m'><body>hello</body></message>");
            assertThat(irc.receives("<message xmlns='" + NS + "' type='error' to='a@irc.localhost' id='m'/>")
                            .toString())
                    .contains("bad-request");
        }
    }

    @Test
    void malformedStanzaIsRefusedAndTheStreamGoesOn() {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends("<message from='a@irc.localhost' to='@' id='m'><body>hello</body></message>");
            assertThat(irc.receives("<message xmlns='" + NS + "' type='error' id='m'/>")
                            .toString())
                    .contains("jid-malformed");
            irc.sends("<iq type='get' from='irc.localhost' to='localhost' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
            irc.receives("<iq xmlns='" + NS + "' type='result' id='p'/>");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!-- a comment -->",
                "<message from='irc.localhost' to='juliet@localhost'><!DOCTYPE x></message>",
                "<message from='irc.localhost' to='juliet@localhost'><?php ?></message>"
            })
    void markupThatXmppDoesNotKnowEndsTheStream(String xml) {
        try (RawClient irc = component("irc.localhost")) {
            irc.sends(xml);
            irc.endsWith("restricted-xml");
        }
    }

    @Test
    void stanzaMayNotBeLongerThanAClients() {
        try (RawClient irc = component("irc.localhost")) {
            irc.triesToWrite("<message from='irc.localhost' to='juliet@localhost'><body>" + "a".repeat(300_000)
                    + "</body></message>");
            irc.endsWith("policy-violation");
        }
    }

    // ---- presence
    // ----------------------------------------------------------------------------------------------------

    @Test
    void subscriptionsAreThoseOfARemoteEntity() {
        try (RawClient irc = component("irc.localhost");
                RawClient juliet = juliet()) {
            juliet.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>")
                    .settles();
            juliet.sends("<presence type='subscribe' to='bot@irc.localhost'/>");
            irc.receives(
                    "<presence xmlns='" + NS + "' type='subscribe' from='juliet@localhost' to='bot@irc.localhost'/>");
            irc.sends("<presence type='subscribed' from='bot@irc.localhost' to='juliet@localhost'/>");
            juliet.awaits("<presence type='subscribed' from='bot@irc.localhost'/>");
            irc.sends("<presence from='bot@irc.localhost/x' to='juliet@localhost'><show>away</show></presence>");
            juliet.awaits("<presence from='bot@irc.localhost/x'><show>away</show></presence>");

            irc.sends("<presence type='subscribe' from='bot@irc.localhost' to='juliet@localhost'/>");
            juliet.awaits("<presence type='subscribe' from='bot@irc.localhost'/>");
            juliet.sends("<presence type='subscribed' to='bot@irc.localhost'/>");
            irc.receives(
                    "<presence xmlns='" + NS + "' type='subscribed' from='juliet@localhost' to='bot@irc.localhost'/>");
            irc.receives("<presence xmlns='" + NS + "' from='" + juliet.jid() + "' to='bot@irc.localhost'/>");

            irc.sends("<presence type='probe' from='bot@irc.localhost' to='juliet@localhost'/>");
            irc.receives("<presence xmlns='" + NS + "' from='" + juliet.jid() + "' to='bot@irc.localhost'/>");

            juliet.settles().leaves();
            irc.receives("<presence xmlns='" + NS + "' type='unavailable' from='" + juliet.jid() + "'/>");
        }
    }

    @Test
    void blockedComponentIsNotHeard() {
        try (RawClient irc = component("irc.localhost");
                RawClient romeo = server.session("romeo@localhost/orchard")) {
            romeo.sends(
                    "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='irc.localhost'/></block></iq>");
            romeo.awaits("<iq type='result' id='b'/>");
            irc.sends("<message from='bot@irc.localhost' to='romeo@localhost' id='m'><body>hello</body></message>");
            assertThat(irc.receives("<message xmlns='" + NS + "' type='error' id='m'/>")
                            .toString())
                    .contains("service-unavailable");
        }
    }

    // ---- slowness
    // ----------------------------------------------------------------------------------------------------

    @Test
    void componentThatDoesNotReadEndsAndWhatWaitedComesBack() {
        try (RawClient narrow = shakesHands(
                        "narrow.localhost", RawClient.connectNarrowlyTo(server.port(ListenerConfig.Kind.COMPONENT)));
                RawClient juliet = juliet()) {
            String text = "a".repeat(20_000);
            for (int i = 0; i < 500; i++) {
                juliet.sends("<message to='narrow.localhost' id='m" + i + "'><body>" + text + "</body></message>");
            }
            juliet.receivesError("remote-server-timeout");
            narrow.endsAtLastWith("resource-constraint");
        }
    }
}
