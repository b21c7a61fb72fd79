// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.dist.ServerProcess;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** XEP-0357 over sockets: a phone, whoever writes to it, and the push service of its app. */
class PushIT {
    private static final String SECRET = "a secret of some length";
    private static final String FORM = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'>"
            + "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
            + "<field var='secret'><value>q0Wm</value></field></x>";
    private static final Name PUBSUB = Name.of("http://jabber.org/protocol/pubsub", "pubsub");

    @RegisterExtension
    static final ServerUnderTest server =
            ServerUnderTest.with("components: { push.example: { secretFile: \"%s\" } }\n".formatted(secretFile()));

    @TempDir
    private Path directory;

    private static Path secretFile() {
        try {
            Path file = Files.createTempFile("component", ".secret");
            file.toFile().deleteOnExit();
            return Files.writeString(file, SECRET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RawClient service() throws Exception {
        RawClient service = RawClient.connectTo(server.port(ListenerConfig.Kind.COMPONENT));
        String id = service.startsStream("<stream:stream xmlns='jabber:component:accept'"
                        + " xmlns:stream='http://etherx.jabber.org/streams' to='push.example'>")
                .requireAttr("id");
        byte[] hash = MessageDigest.getInstance("SHA-1").digest((id + SECRET).getBytes(StandardCharsets.UTF_8));
        service.sends("<handshake>" + HexFormat.of().formatHex(hash) + "</handshake>");
        service.receives("<handshake xmlns='jabber:component:accept'/>");
        return service;
    }

    private static RawClient registers(RawClient phone, String service) {
        phone.sends("<iq type='set' id='e'><enable xmlns='urn:xmpp:push:0' jid='" + service + "' node='n'>" + FORM
                + "</enable></iq>");
        phone.awaits("<iq type='result' id='e'/>");
        return phone;
    }

    private static String propose(String to, String sid) {
        return "<message type='chat' to='" + to + "'><propose xmlns='urn:xmpp:jingle-message:0' id='" + sid
                + "'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>"
                + "<store xmlns='urn:xmpp:hints'/></message>";
    }

    /** The writer is in the roster, since calls of strangers do not ring. */
    private static void knows(RawClient phone, String contact) {
        phone.sends("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='" + contact + "'/></query></iq>");
        phone.awaits("<iq type='result' id='r'/>");
    }

    /** The account did not ask that its service may read anything. */
    private static void tellsNothing(Element published) {
        assertThat(published.toString()).doesNotContain("art thou", "romeo", "juliet");
    }

    /** Check 3, to an entity that is none of the server's own. */
    @Test
    void messageToADeviceThatIsAwayIsPublishedToItsService() throws Exception {
        try (RawClient service = service();
                RawClient romeo = server.session("romeo@localhost/orchard")) {
            RawClient phone = registers(server.session("juliet@localhost/phone"), "push.example");
            knows(phone, "romeo@localhost");
            phone.leaves();
            romeo.sends("<message type='chat' to='juliet@localhost'><body>Wherefore art thou?</body></message>");

            Element iq = service.next();
            assertThat(iq.attr("from")).isEqualTo("localhost");
            Element pubsub = Objects.requireNonNull(iq.firstChild());
            assertThat(pubsub.name()).isEqualTo(PUBSUB);
            assertThat(pubsub.children())
                    .extracting(child -> child.name().local())
                    .containsExactly("publish", "publish-options");
            assertThat(pubsub.children().get(1).firstChild()).hasToString(FORM);
            assertThat(pubsub.toString()).contains("last-message-body");
            tellsNothing(pubsub);
            service.sends("<iq type='result' id='" + iq.requireAttr("id") + "' from='push.example' to='localhost'/>");

            romeo.sends(propose("juliet@localhost", "c1"));
            Element call = service.next();
            assertThat(Objects.requireNonNull(call.firstChild()).name()).isEqualTo(PUBSUB);
            tellsNothing(Objects.requireNonNull(call.firstChild()));
            service.sends("<iq type='result' id='" + call.requireAttr("id") + "' from='push.example' to='localhost'/>");
        }
    }

    /** Check 35, and twice: the service has answered before the server is killed, or not. */
    @Test
    void callRingsOnWhenTheServerIsKilled() throws Exception {
        try (ServerProcess process = new ServerProcess(directory, "push", "")) {
            process.addAccounts(List.of("juliet@localhost", "romeo@localhost", "app@localhost"));
            process.start();
            RawClient app = RawClient.session(process.endpoint(), "app@localhost/service");
            RawClient phone =
                    registers(RawClient.session(process.endpoint(), "juliet@localhost/phone"), "app@localhost/service");
            knows(phone, "romeo@localhost");
            phone.leaves();
            RawClient romeo = RawClient.session(process.endpoint(), "romeo@localhost/orchard");
            romeo.sends(propose("juliet@localhost", "c1"));
            tellsNothing(Objects.requireNonNull(
                    app.awaits("<iq type='set' from='localhost'/>").firstChild()));
            process.kill();
            romeo.close();
            app.close();

            process.start();
            app = RawClient.session(process.endpoint(), "app@localhost/service");
            // Where the service was not there yet, it is asked again.
            Element again = app.awaits("<iq type='set' from='localhost'/>");
            tellsNothing(Objects.requireNonNull(again.firstChild()));
            app.sends("<iq type='result' id='" + again.requireAttr("id") + "' to='localhost'/>");
            app.settles();
            String ringing = "<iq type='result' id='c'><calls xmlns='" + Ns.CALLS + "'><call sid='c1'/></calls></iq>";
            try (RawClient woken = RawClient.session(process.endpoint(), "juliet@localhost/phone")) {
                woken.sends("<iq type='get' id='c'><calls xmlns='" + Ns.CALLS + "'/></iq>");
                woken.awaits(ringing);
            }
            process.kill();
            app.close();

            process.start();
            app = RawClient.session(process.endpoint(), "app@localhost/service");
            try (RawClient woken = RawClient.session(process.endpoint(), "juliet@localhost/phone")) {
                woken.sends("<iq type='get' id='c'><calls xmlns='" + Ns.CALLS + "'/></iq>");
                woken.awaits(ringing);
            }
            app.receivesNothing();
            app.close();
        }
    }
}
