// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client is promised, and what becomes of it when the socket is cut (XEP-0198). */
class StreamManagementIT {
    private static final String ENABLE = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
    private static final String ENABLED = "<enabled xmlns='urn:xmpp:sm:3' resume='true'/>";
    private static final String R = "<r xmlns='urn:xmpp:sm:3'/>";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.withDefaults();

    private static String message(String to, String text) {
        return "<message type='chat' to='" + to + "'><body>" + Secrets.BODY + text + "</body></message>";
    }

    private static String resume(String id, int h) {
        return "<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>";
    }

    private static RawClient managed(String jid) {
        RawClient client = server.session(jid);
        client.sends(ENABLE);
        return client;
    }

    /** Once asked behind the last stanza, the answer speaks of the last stanza. */
    @Test
    void acknowledgementCoversWhatCameBeforeTheRequest() {
        try (RawClient juliet = managed("juliet@localhost/balcony")) {
            juliet.receives(ENABLED);
            for (int i = 1; i <= 30; i++) {
                juliet.sends(message("romeo@localhost", " " + i) + R);
                assertThat(juliet.awaits("<a xmlns='urn:xmpp:sm:3'/>").attr("h"))
                        .isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void cutSessionIsResumedWithNothingLostNorDoubled() {
        try (RawClient romeo = server.session("romeo@localhost/orchard");
                RawClient juliet = managed("juliet@localhost/balcony")) {
            String id = juliet.receives(ENABLED).requireAttr("id");
            juliet.sends("<presence/>");
            juliet.receives("<presence from='juliet@localhost/balcony'/>");
            romeo.sends(message("juliet@localhost/balcony", " 1"));
            juliet.awaits("<message><body>" + Secrets.BODY + " 1</body></message>");
            juliet.close();
            for (int i = 2; i <= 5; i++) {
                romeo.sends(message("juliet@localhost/balcony", " " + i));
            }
            romeo.settles();
            try (RawClient again = server.connectTls().logsIn("juliet@localhost")) {
                // One presence and one message were taken before the cut.
                again.sends(resume(id, 2));
                again.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/>");
                for (int i = 2; i <= 5; i++) {
                    again.receives("<message from='romeo@localhost/orchard'><body>" + Secrets.BODY + " " + i
                            + "</body></message>");
                }
                again.receives(R);
                again.sends("<a xmlns='urn:xmpp:sm:3' h='6'/>");
                again.receivesNothing();
                again.leaves();
            }
        }
    }

    /** The old socket looks alive to the server; the session moves all the same. */
    @Test
    void halfOpenSessionIsTakenOver() {
        try (RawClient old = managed("juliet@localhost/halfopen")) {
            String id = old.receives(ENABLED).requireAttr("id");
            try (RawClient young = server.connectTls().logsIn("juliet@localhost")) {
                young.sends(resume(id, 0));
                young.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "'/>");
                old.endsWith("conflict");
                young.receivesNothing();
                young.leaves();
            }
        }
    }

    /** Threat S07: an id is worth nothing to another account, and asking does not disturb its owner. */
    @Test
    void sessionOfAnotherAccountIsNotResumed() {
        try (RawClient juliet = managed("juliet@localhost/owner")) {
            String id = juliet.receives(ENABLED).requireAttr("id");
            try (RawClient tybalt = server.connectTls().logsIn("tybalt@localhost")) {
                tybalt.sends(resume(id, 0));
                Element failed = tybalt.receives("<failed xmlns='urn:xmpp:sm:3'>"
                        + "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
                assertThat(failed.attr("h")).isNull();
                tybalt.binds("thief");
            }
            juliet.receivesNothing();
            juliet.close();
            try (RawClient again = server.connectTls().logsIn("juliet@localhost")) {
                again.sends(resume(id, 1));
                again.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "'/>");
                again.leaves();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "previd='x'", "previd='x' h='-1'", "previd='x' h='4294967296'", "h='0'"})
    void malformedResumptionIsRefused(String attributes) {
        try (RawClient juliet = server.connectTls().logsIn("juliet@localhost")) {
            juliet.sends("<resume xmlns='urn:xmpp:sm:3' " + attributes + "/>");
            juliet.receives("<failed xmlns='urn:xmpp:sm:3'/>");
            juliet.binds("usual");
        }
    }

    @Test
    void clientCannotHaveHandledMoreThanItWasSent() {
        try (RawClient juliet = managed("juliet@localhost/liar")) {
            juliet.receives(ENABLED);
            juliet.sends("<a xmlns='urn:xmpp:sm:3' h='1'/>");
            juliet.endsWith("undefined-condition");
        }
    }

    @Test
    void closedStreamCannotBeResumed() {
        try (RawClient juliet = managed("juliet@localhost/leaver");
                RawClient again = server.connectTls().logsIn("juliet@localhost")) {
            String id = juliet.receives(ENABLED).requireAttr("id");
            juliet.leaves();
            again.sends(resume(id, 0));
            again.receives("<failed xmlns='urn:xmpp:sm:3'>"
                    + "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        }
    }

    @Test
    void enablingTwiceIsRefused() {
        try (RawClient juliet = managed("juliet@localhost/twice")) {
            juliet.receives(ENABLED);
            juliet.sends(ENABLE);
            juliet.receives("<failed xmlns='urn:xmpp:sm:3'>"
                    + "<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        }
    }
}
