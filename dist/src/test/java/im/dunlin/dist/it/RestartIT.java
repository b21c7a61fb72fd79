// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What clients see when the server is stopped as an operator does, and started again. */
class RestartIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    @Test
    void everyStreamIsToldAndAccountsAreThereAgain() throws Exception {
        try (RawClient session = server.session("juliet@localhost/balcony");
                RawClient negotiating = server.connectTls();
                RawClient clear = server.connect().opensStream()) {
            server.close();

            session.endsWith("system-shutdown");
            negotiating.endsWith("system-shutdown");
            clear.endsWith("system-shutdown");
        }
        server.start();
        try (RawClient again = server.session("juliet@localhost/balcony")) {
            again.receivesNothing();
        }
    }

    @Test
    void whoDoesNotReadDoesNotKeepTheServerFromStopping() throws Exception {
        try (RawClient deaf = RawClient.connectNarrowly(server.endpoint())) {
            deaf.opensStream().logsIn("juliet@localhost").binds("deaf");
            for (int i = 0; i < 300; i++) {
                deaf.sends("<iq type='get' id='i' to='localhost'>"
                        + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
            }
            server.close();
            deaf.endsOrIsCut();
        }
        server.start();
    }

    @Test
    void sessionIsResumedByTheNextRunAsIfNothingHadHappened() throws Exception {
        String id;
        try (RawClient juliet = server.session("juliet@localhost/balcony");
                RawClient romeo = server.session("romeo@localhost/orchard")) {
            juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            id = juliet.receives("<enabled xmlns='urn:xmpp:sm:3'/>").requireAttr("id");
            juliet.sends("<presence/>");
            juliet.awaits("<presence from='juliet@localhost/balcony'/>");
            for (int i = 1; i <= 3; i++) {
                romeo.sends(
                        "<message type='chat' to='juliet@localhost'><body>" + Secrets.BODY + i + "</body></message>");
                juliet.awaits("<message><body>" + Secrets.BODY + i + "</body></message>");
            }
            romeo.sends("<message type='chat' to='juliet@localhost'><body>" + Secrets.BODY + "4</body></message>");
            romeo.settles();
            server.close();
        }
        server.start();
        try (RawClient juliet = server.connectTls().logsIn("juliet@localhost");
                RawClient romeo = server.session("romeo@localhost/orchard")) {
            // Presence and two messages were handled; the third was not, and the fourth never came.
            juliet.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='3'/>");
            juliet.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/>");
            juliet.receives("<message><body>" + Secrets.BODY + "3</body></message>");
            juliet.receives("<message><body>" + Secrets.BODY + "4</body></message>");
            // It is available as it was.
            romeo.sends("<message type='chat' to='juliet@localhost'><body>" + Secrets.BODY + "5</body></message>");
            juliet.awaits("<message><body>" + Secrets.BODY + "5</body></message>");
        }
    }
}
