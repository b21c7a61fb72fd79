// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.NO_STORE;
import static im.dunlin.sync.calls.CallsFixture.propose;
import static im.dunlin.sync.calls.CallsFixture.say;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** docs/protocol/calls.md: what clients are told of calls, and when. */
class CallReportsTest {
    private static final String NS = "xmlns='https://dunlin.im/protocol/calls/1'";
    private static final String ENABLE = "<iq type='set' id='e'><enable " + NS + "/></iq>";
    private static final String PULL = "<iq type='get' id='p'><calls " + NS + "/></iq>";

    private final TestServer server = TestServer.with(CallsFixture.modules());
    private final TestClient romeo = online("romeo@localhost/orchard");
    private final TestClient phone = server.connect("juliet@localhost/phone");

    @AfterEach
    void close() {
        server.close();
    }

    private TestClient online(String jid) {
        TestClient client = server.connect(jid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }

    private static Element calls(Element stanza) {
        return stanza.requireChild(Name.of(Ns.CALLS, "calls"));
    }

    private String manage() {
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        return Objects.requireNonNull(phone.next().attr("id"));
    }

    private TestClient resume(String id, int h) {
        TestClient next = server.login("juliet@localhost");
        next.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>");
        next.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        return next;
    }

    @Test
    void itIsInDisco() {
        assertThat(server.modules().features(im.dunlin.core.module.Addressee.SERVER, "localhost"))
                .contains(Ns.CALLS);
    }

    @Test
    void callIsToldBeforeThereIsAnyPresence() {
        romeo.sends(propose("juliet@localhost", "c1"));
        server.after(Duration.ofSeconds(7));
        phone.sends(PULL);

        Element answer = phone.receives(
                "<iq type='result' id='p'><calls complete='true' now='2026-01-01T00:00:07.000Z' "
                        + NS + "><call sid='c1' dir='in' state='proposed' peer='romeo@localhost/orchard' ttl='53'"
                        + " start='2026-01-01T00:00:00.000Z'><propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
                        + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose></call></calls></iq>");
        assertThat(calls(answer).children().get(0).attr("stanza-id"))
                .isEqualTo(CallsFixture.call(server, CallsFixture.JULIET, "c1").archiveId());
    }

    @Test
    void callerLearnsOfItsCallToo() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        romeo.ignores();
        romeo.sends(PULL);

        romeo.receives("<iq type='result'><calls " + NS + "><call sid='c1' dir='out' state='answered'"
                + " peer='juliet@localhost/phone' device='orchard'/></calls></iq>");
    }

    @Test
    void whatEndedJustNowIsTold() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        phone.sends(PULL);
        phone.receives("<iq><calls " + NS + "><call sid='c1' state='ended' reason='retracted'"
                + " end='2026-01-01T00:00:00.000Z'/></calls></iq>");
        server.after(Duration.ofMinutes(11));
        phone.sends(PULL);

        assertThat(calls(phone.next()).children()).isEmpty();
    }

    @Test
    void oneCallCanBeAskedFor() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(propose("juliet@localhost", "c2"));
        phone.sends(PULL.replace("<calls", "<calls sid='c2'"));
        Element one = calls(phone.next());
        assertThat(one.children()).hasSize(1);
        assertThat(one.attr("complete")).isNull();
        phone.sends(PULL.replace("<calls", "<calls sid='c3'"));

        phone.receivesError("item-not-found");
    }

    @Test
    void nobodyElseIsAnswered() {
        romeo.sends(PULL.replace("id='p'", "id='p' to='juliet@localhost'"));

        romeo.receivesError("service-unavailable");
    }

    @Test
    void firstAnswerIsTheAnswerToTheWish() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(ENABLE);

        phone.receives("<iq type='result' id='e'><calls complete='true' " + NS + "><call sid='c1'/></calls></iq>");
        phone.receivesNothing();
    }

    @Test
    void offerIsToldToASessionThatGetsNoMessages() {
        phone.sends(ENABLE);
        phone.ignores();
        romeo.sends(propose("juliet@localhost", "c1"));
        Element report = phone.receives(
                "<message type='headline' from='juliet@localhost' to='juliet@localhost/phone'><calls " + NS
                        + "><call sid='c1' state='proposed'/></calls><no-store xmlns='urn:xmpp:hints'/></message>");
        assertThat(calls(report).attr("complete")).isNull();
        server.after(Duration.ofSeconds(60));

        phone.receives("<message><calls " + NS + "><call sid='c1' state='ended' reason='timeout'/></calls></message>");
        phone.receivesNothing();
    }

    @Test
    void whatASessionSeesInMessagesIsNotReported() {
        phone.sends(ENABLE);
        phone.sends("<iq type='set' id='e2'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        phone.sends("<presence/>");
        phone.ignores();
        TestClient web = online("juliet@localhost/web");
        phone.ignores();
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.receives("<message><propose xmlns='urn:xmpp:jingle-message:0'/></message>");
        web.sends(say("proceed", romeo.jid().toString(), "c1"));

        phone.receives("<message><sent xmlns='urn:xmpp:carbons:2'/></message>");
        phone.receivesNothing();
    }

    @Test
    void answerOnAnotherDeviceIsToldToWhoGetsNoCopies() {
        phone.sends(ENABLE);
        phone.sends("<presence/>");
        TestClient web = online("juliet@localhost/web");
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.ignores();
        web.sends(say("proceed", romeo.jid().toString(), "c1"));

        phone.receives("<message><calls " + NS + "><call sid='c1' state='answered' device='web'/></calls></message>");
        phone.receivesNothing();
    }

    @Test
    void answerThatMayNotBeCopiedIsToldToo() {
        phone.sends(ENABLE);
        phone.sends("<iq type='set' id='e2'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        phone.sends("<presence/>");
        TestClient web = online("juliet@localhost/web");
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.ignores();
        web.sends(say("proceed", romeo.jid().toString(), "c1", "", NO_STORE + "<no-copy xmlns='urn:xmpp:hints'/>"));

        phone.receives("<message><calls " + NS + "><call sid='c1' state='answered'/></calls></message>");
    }

    @Test
    void sessionThatDidNotAskIsToldNothing() {
        phone.sends("<presence/>");
        phone.ignores();
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.next();
        server.after(Duration.ofSeconds(60));

        phone.receivesNothing();
    }

    @Test
    void resumedClientHearsOfCallsBeforeWhatItMissed() {
        String id = manage();
        phone.sends(ENABLE);
        phone.sends("<presence/>");
        int had = phone.waiting();
        phone.ignores();
        phone.loses();
        romeo.sends("<message type='chat' to='juliet@localhost'><body>before</body></message>");
        romeo.sends(propose("juliet@localhost", "c1"));
        TestClient resumed = resume(id, had);

        resumed.receives("<message><calls complete='true' " + NS + "><call sid='c1'/></calls></message>");
        resumed.receives("<message><body>before</body></message>");
        resumed.receives("<message><propose xmlns='urn:xmpp:jingle-message:0'/></message>");
        resumed.receives("<r xmlns='urn:xmpp:sm:3'/>");
        resumed.receivesNothing();
    }

    @Test
    void reportThatWasNotAcknowledgedIsNeverSentAgain() {
        String id = manage();
        phone.sends(ENABLE);
        phone.sends("<presence/>");
        int had = phone.waiting();
        phone.ignores();
        phone.loses();
        romeo.sends(propose("juliet@localhost", "c1"));
        TestClient resumed = resume(id, had);
        resumed.receives("<message><calls " + NS + "><call sid='c1' state='proposed'/></calls></message>");
        resumed.loses();
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        TestClient again = resume(id, had);

        again.receives("<message><calls " + NS + "><call sid='c1' state='ended'/></calls></message>");
        again.receives("<message><propose xmlns='urn:xmpp:jingle-message:0'/></message>");
        again.receives("<message><retract xmlns='urn:xmpp:jingle-message:0'/></message>");
    }

    @Test
    void clientThatResumesInItsLoginHearsOfCallsBehindTheSuccess() {
        server.account("mercutio@localhost", "r0m30");
        TestClient client = server.connect("mercutio@localhost/x");
        client.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        String id = Objects.requireNonNull(client.next().attr("id"));
        client.sends(ENABLE);
        client.loses();
        romeo.sends(propose("mercutio@localhost", "c1"));
        TestClient next = server.open("localhost");
        next.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0mercutio\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/></authenticate>");

        next.receives("<success xmlns='urn:xmpp:sasl:2'><resumed xmlns='urn:xmpp:sm:3'/></success>");
        Element second = next.next();
        Element report = second.name().is(Ns.CLIENT, "message") ? second : next.next();
        assertThat(calls(report).children().get(0).attr("sid")).isEqualTo("c1");
    }

    @Test
    void wishIsKeptOverARestart() {
        String id = manage();
        phone.sends(ENABLE);
        phone.loses();
        server.stop();
        try (TestServer next = TestServer.with(server.store(), server.time(), CallsFixture.modules())) {
            TestClient resumed = next.login("juliet@localhost");
            resumed.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/>");
            resumed.receives("<resumed xmlns='urn:xmpp:sm:3'/>");

            resumed.receives("<message><calls complete='true' " + NS + "/></message>");
        }
    }

    @Test
    void clientThatLogsInIsToldInTheSameAnswer() {
        server.account("mercutio@localhost", "r0m30");
        romeo.sends(propose("mercutio@localhost", "c1"));
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0mercutio\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><bind xmlns='urn:xmpp:bind:0'><enable " + NS
                + "/><enable xmlns='urn:xmpp:carbons:2'/></bind></authenticate>");
        Element bound = client.next().requireChild(Name.of("urn:xmpp:bind:0", "bound"));

        assertThat(bound.firstChild().name()).isEqualTo(Name.of(Ns.CALLS, "calls"));
        assertThat(bound.firstChild().children().get(0).attr("sid")).isEqualTo("c1");
        client.ignores();
        server.after(Duration.ofSeconds(60));
        client.receives("<message><calls " + NS + "><call sid='c1' state='ended'/></calls></message>");
    }
}
