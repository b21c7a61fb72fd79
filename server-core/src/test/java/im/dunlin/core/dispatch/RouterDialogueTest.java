// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.modules.ping.PingModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RouterDialogueTest {
    private final TestServer server = TestServer.with(modules());

    private static Map<String, Consumer<im.dunlin.core.module.Setup>> modules() {
        Map<String, Consumer<im.dunlin.core.module.Setup>> modules = ImModules.all();
        modules.put("ping", PingModule::new);
        modules.put("echo", EchoModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void serverAnswersFromTheAddressThatWasAsked() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");

        juliet.receives("<iq type='result' id='p1' from='localhost' to='juliet@localhost/balcony'/>");
    }

    @Test
    void iqThatNobodyHandlesIsServiceUnavailable() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='get' id='x' to='localhost'><nothing xmlns='urn:example:nothing'/></iq>");

        juliet.receivesError("service-unavailable");
    }

    @Test
    void iqAnswerThatNobodyAskedForLeadsToNothing() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='result' id='x' to='localhost'/>");
        juliet.sends("<iq type='error' id='y' to='romeo@localhost/orchard'/>");

        juliet.receivesNothing();
    }

    @Test
    void iqPassesBetweenTwoClients() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        TestClient romeo = server.connect("romeo@localhost/orchard");

        juliet.sends("<iq type='get' id='q' to='romeo@localhost/orchard'><ping xmlns='urn:xmpp:ping'/></iq>");

        romeo.receives("<iq type='get' id='q' from='juliet@localhost/balcony'><ping xmlns='urn:xmpp:ping'/></iq>");
    }

    @Test
    void iqToAGoneResourceIsServiceUnavailable() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        server.account("romeo@localhost");

        juliet.sends("<iq type='get' id='q' to='romeo@localhost/orchard'><ping xmlns='urn:xmpp:ping'/></iq>");

        juliet.receivesError("service-unavailable");
    }

    @Test
    void iqToNobodyIsRefused() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='get' id='q' to='nobody@localhost'><ping xmlns='urn:xmpp:ping'/></iq>");

        juliet.receivesError("service-unavailable");
    }

    @Test
    void messageToAnUnknownServerIsRemoteServerNotFound() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<message type='chat' id='m' to='romeo@montague.example'><body>hello</body></message>");

        juliet.receivesError("remote-server-not-found");
    }

    @Test
    void serviceOnASubdomainIsAnOwnerWithRowsOfItsOwn() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<iq type='get' id='p' to='echo.localhost'><ping xmlns='urn:xmpp:ping'/></iq>");

        juliet.receives("<iq type='result' id='p' from='echo.localhost'/>");
    }

    @Test
    void finishedStanzasReturnTheirCredit() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String ping = "<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";

        juliet.sends(ping);

        assertThat(juliet.credit()).isEqualTo(ping.length());
    }

    @Test
    void newSessionTakesTheResourceOfAnOldOne() {
        TestClient old = server.connect("juliet@localhost/balcony");

        TestClient young = server.connect("juliet@localhost/balcony");
        young.sends("<iq type='get' id='p1' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");

        assertThat(old.streamError()).isNotNull();
        assertThat(old.streamError().toString()).contains("conflict");
        young.receives("<iq type='result' id='p1'/>");
        assertThat(server.sessions().count()).isEqualTo(1);
    }
}
