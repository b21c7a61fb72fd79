// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.dist.testing.RawClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two servers and their users, as users see it. */
class FederationIT {
    private static final String PING = "<ping xmlns='urn:xmpp:ping'/>";

    @RegisterExtension
    static final TwoServers servers = new TwoServers("", "nowhere.example: { address: \"127.0.0.1:1\" }");

    @Test
    void messagesGoBothWays() {
        try (RawClient juliet = servers.juliet();
                RawClient romeo = servers.romeo()) {
            romeo.sends("<presence/>");
            romeo.receives("<presence from='romeo@montague.example/orchard'/>");

            juliet.sends(
                    "<message to='romeo@montague.example' type='chat' id='m1'><body>Art thou there?</body></message>");
            romeo.awaits(
                    "<message from='juliet@capulet.example/balcony' to='romeo@montague.example' type='chat' id='m1'>"
                            + "<body>Art thou there?</body></message>");

            romeo.sends("<message to='" + juliet.jid() + "' type='chat' id='m2'><body>Here</body></message>");
            juliet.awaits("<message from='" + romeo.jid() + "' type='chat' id='m2'><body>Here</body></message>");
        }
    }

    @Test
    void questionsAreAnswered() {
        try (RawClient juliet = servers.juliet();
                RawClient romeo = servers.romeo()) {
            juliet.sends("<iq type='get' to='montague.example' id='q1'>" + PING + "</iq>");
            juliet.receives("<iq type='result' from='montague.example' to='" + juliet.jid() + "' id='q1'/>");

            juliet.sends("<iq type='get' to='" + romeo.jid() + "' id='q2'>" + PING + "</iq>");
            romeo.receives("<iq type='get' from='" + juliet.jid() + "' id='q2'>" + PING + "</iq>");
            romeo.sends("<iq type='result' to='" + juliet.jid() + "' id='q2'/>");
            juliet.receives("<iq type='result' from='" + romeo.jid() + "' id='q2'/>");

            juliet.sends("<iq type='get' to='nobody@montague.example' id='q3'>" + PING + "</iq>");
            juliet.receivesError("service-unavailable");
        }
    }

    @Test
    void whoIsNotThereIsNotFound() {
        try (RawClient juliet = servers.juliet()) {
            juliet.sends("<iq type='get' to='nowhere.example' id='q1'>" + PING + "</iq>");
            juliet.receivesError("remote-server-timeout");
        }
    }

    @Test
    void subscriptionsAndPresenceCrossServers() {
        try (RawClient juliet = servers.juliet();
                RawClient romeo = servers.romeo()) {
            juliet.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>");
            romeo.sends("<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq><presence/>");
            romeo.settles();
            juliet.settles();

            juliet.sends("<presence type='subscribe' to='romeo@montague.example'/>");
            romeo.awaits("<presence type='subscribe' from='juliet@capulet.example' to='romeo@montague.example'/>");
            romeo.sends("<presence type='subscribed' to='juliet@capulet.example'/>");
            juliet.awaits("<presence type='subscribed' from='romeo@montague.example'/>");
            juliet.awaits("<presence from='" + romeo.jid() + "'/>");

            romeo.sends("<presence><show>away</show></presence>");
            juliet.awaits("<presence from='" + romeo.jid() + "'><show>away</show></presence>");

            // Whoever comes later asks (RFC 6121 §4.3).
            try (RawClient chamber = servers.capulet.session("juliet@capulet.example/chamber")) {
                chamber.sends("<presence/>");
                chamber.awaits("<presence from='" + romeo.jid() + "'><show>away</show></presence>");
            }

            romeo.sends("<presence type='unavailable'/>");
            juliet.awaits("<presence type='unavailable' from='" + romeo.jid() + "'/>");

            romeo.sends("<presence type='unsubscribed' to='juliet@capulet.example'/>");
            juliet.awaits("<presence type='unsubscribed' from='romeo@montague.example'/>");
        }
    }

    @Test
    void directedPresenceCrossesServersAndSoDoesItsEnd() {
        try (RawClient nurse = servers.capulet.session("nurse@capulet.example/hall");
                RawClient benvolio = servers.montague.session("benvolio@montague.example/street")) {
            nurse.sends("<presence to='" + benvolio.jid() + "'/>");
            benvolio.receives("<presence from='" + nurse.jid() + "'/>");
            nurse.leaves();
            benvolio.receives("<presence type='unavailable' from='" + nurse.jid() + "'/>");
        }
    }

    /** The client was told that its message is kept: two restarts and a server that was away do not change that. */
    @Test
    void messageIsKeptUntilTheOtherServerIsBack() throws Exception {
        servers.montague.close();
        try (RawClient juliet = servers.juliet()) {
            juliet.sends(
                    "<message to='benvolio@montague.example' type='chat' id='late'><body>Good night</body></message>");
            juliet.settles();
        }
        servers.capulet.close();
        servers.capulet.start();
        servers.montague.start();
        try (RawClient benvolio = servers.montague.session("benvolio@montague.example/street")) {
            benvolio.sends("<presence/>");
            String late = benvolio.awaits("<message from='juliet@capulet.example/balcony' id='late'/>")
                    .toString();
            assertThat(late).contains("Good night");
            benvolio.settles();
        }
    }
}
