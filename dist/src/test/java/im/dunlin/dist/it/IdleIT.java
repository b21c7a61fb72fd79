// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A session that says nothing is asked for a sign of life; without one it ends, or waits to be resumed. */
class IdleIT {
    @RegisterExtension
    static final ServerUnderTest server =
            ServerUnderTest.with("""
            limits: { timeouts: { idle: 1s, answer: 1s } }
            components: { irc.localhost: { secretFile: "%s" } }
            """.formatted(ComponentIT.secretFile())).unwatched();

    @Test
    void silentSessionIsAskedForASignOfLife() {
        try (RawClient client = server.session("juliet@localhost/silent")) {
            String id = client.receives("<iq type='get' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
                    .requireAttr("id");
            client.sends("<iq type='result' id='" + id + "' to='localhost'/>");
            // It lives, so it is asked again later; this time it does not answer.
            client.receives("<iq type='get' from='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
            client.endsWith("connection-timeout");
        }
    }

    @Test
    void silentManagedSessionCanBeResumed() {
        try (RawClient client = server.session("juliet@localhost/managed")) {
            client.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            String id = client.receives("<enabled xmlns='urn:xmpp:sm:3'/>").requireAttr("id");
            client.receives("<r xmlns='urn:xmpp:sm:3'/>");
            client.endsWith("connection-timeout");
            try (RawClient again = server.connectTls().logsIn("juliet@localhost")) {
                again.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");
                again.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "'/>");
            }
        }
    }

    @Test
    void silentComponentIsAskedForASignOfLife() {
        RawClient irc = RawClient.connectTo(server.port(ListenerConfig.Kind.COMPONENT));
        try (irc) {
            ComponentIT.shakesHands("irc.localhost", irc);
            String ping = "<iq xmlns='jabber:component:accept' type='get' from='localhost' to='irc.localhost'>"
                    + "<ping xmlns='urn:xmpp:ping'/></iq>";
            String id = irc.receives(ping).requireAttr("id");
            irc.sends("<iq type='result' id='" + id + "' from='irc.localhost' to='localhost'/>");
            irc.receives(ping);
            irc.endsWith("connection-timeout");
        }
    }
}
