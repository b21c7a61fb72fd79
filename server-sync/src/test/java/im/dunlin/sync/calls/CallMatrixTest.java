// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.JULIET;
import static im.dunlin.sync.calls.CallsFixture.NO_STORE;
import static im.dunlin.sync.calls.CallsFixture.ROMEO;
import static im.dunlin.sync.calls.CallsFixture.breakTie;
import static im.dunlin.sync.calls.CallsFixture.propose;
import static im.dunlin.sync.calls.CallsFixture.proposeUnstored;
import static im.dunlin.sync.calls.CallsFixture.records;
import static im.dunlin.sync.calls.CallsFixture.say;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may happen to a call: all devices end in the same state, none rings after the end, and there is one record. */
class CallMatrixTest {
    private static final Duration LONG = Duration.ofSeconds(70);

    private TestServer server = TestServer.with(CallsFixture.modules());
    private final Phone romeo = Phone.on(server, "romeo@localhost/orchard");
    private final Phone phone = Phone.on(server, "juliet@localhost/phone");
    private final Phone web = Phone.on(server, "juliet@localhost/web");

    @AfterEach
    void close() {
        server.close();
    }

    private void bothKnow(String sid, String state) {
        assertThat(CallsFixture.state(server, JULIET, sid)).as("juliet").isEqualTo(state);
        assertThat(CallsFixture.state(server, ROMEO, sid)).as("romeo").isEqualTo(state);
    }

    private void nothingRings() {
        assertThat(phone.ringing()).as("phone").isEmpty();
        assertThat(web.ringing()).as("web").isEmpty();
        assertThat(romeo.ringing()).as("romeo").isEmpty();
    }

    @Test
    void answeredOnOneWhileTheOtherSleeps() {
        phone.sleeps();
        romeo.sends(propose("juliet@localhost", "c1"));
        assertThat(web.ringing()).containsExactly("c1");
        web.sends(say("proceed", romeo.jid(), "c1"));
        bothKnow("c1", "answered");
        phone.wakes();

        nothingRings();
        romeo.sends(say("finish", web.jid(), "c1"));
        web.sends(say("finish", romeo.jid(), "c1"));
        bothKnow("c1", "finished");
        assertThat(records(server, JULIET)).doesNotContain("missed");
    }

    @Test
    void hungUpBeforeTheDeviceWakes() {
        phone.sleeps();
        web.sleeps();
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        phone.wakes();
        web.wakes();

        nothingRings();
        bothKnow("c1", "retracted");
        assertThat(records(server, JULIET)).containsExactly("retract");
    }

    @Test
    void bothCallAtOnce() {
        // Neither knows of the other's when it sends its own.
        romeo.sends(propose("juliet@localhost", "b-high"));
        phone.sends(propose("romeo@localhost", "a-low"));
        assertThat(CallsFixture.state(server, ROMEO, "a-low")).isEqualTo("proposed");
        // XEP-0353 §4.1: who receives the lower retracts the higher, who receives the higher rejects it.
        romeo.sends(breakTie("retract", "juliet@localhost", "b-high"));
        phone.sends(breakTie("reject", romeo.jid(), "b-high"));
        bothKnow("b-high", "tie-break");
        romeo.sends(say("proceed", phone.jid(), "a-low"));
        bothKnow("a-low", "answered");
        nothingRings();
        romeo.sends(say("finish", phone.jid(), "a-low"));

        bothKnow("a-low", "finished");
        assertThat(records(server, JULIET)).doesNotContain("missed");
    }

    @Test
    void bothCallAtOnceAndTheLowerIsKnownFirst() {
        phone.sends(propose("romeo@localhost", "a-low"));
        romeo.sends(propose("juliet@localhost", "b-high"));

        // Hers wins, so his never rings here, whatever the clients have yet to say.
        assertThat(CallsFixture.state(server, JULIET, "b-high")).isEqualTo("tie-break");
        assertThat(phone.ringing()).isEmpty();
        assertThat(CallsFixture.state(server, JULIET, "a-low")).isEqualTo("proposed");
        phone.sends(breakTie("reject", romeo.jid(), "b-high"));
        bothKnow("b-high", "tie-break");
        assertThat(records(server, JULIET)).containsExactly("reject");
    }

    @Test
    void serverIsKilledWhileItRingsAndThenAnswered() {
        romeo.sends(propose("juliet@localhost", "c1"));
        server.kill();
        server = TestServer.with(server.store(), server.time(), CallsFixture.modules());
        romeo.returns(server);
        phone.returns(server);
        web.returns(server);
        assertThat(phone.ringing()).containsExactly("c1");
        phone.sends(say("proceed", romeo.jid(), "c1"));

        nothingRings();
        bothKnow("c1", "answered");
    }

    @Test
    void serverIsKilledWhileItRingsAndComesBackTooLate() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        server.kill();
        server.time().advance(LONG);
        server = TestServer.with(server.store(), server.time(), CallsFixture.modules());
        // Before any timer has fired.
        phone.returns(server);
        assertThat(phone.ringing()).isEmpty();
        server.after(Duration.ofSeconds(1));
        romeo.returns(server);
        web.returns(server);

        nothingRings();
        bothKnow("c1", "timeout");
        assertThat(records(server, JULIET)).containsExactly("missed");
        assertThat(records(server, ROMEO)).isEmpty();
    }

    @Test
    void serverIsKilledWhileTheyTalkAndNobodyComesBack() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid(), "c1"));
        server.kill();
        server = TestServer.with(server.store(), server.time(), CallsFixture.modules());
        server.after(Duration.ofMinutes(10));
        server.after(Duration.ofMinutes(1));

        bothKnow("c1", "lost");
    }

    @Test
    void serverIsKilledWhileTheyTalkAndBothComeBack() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid(), "c1"));
        server.kill();
        server = TestServer.with(server.store(), server.time(), CallsFixture.modules());
        romeo.returns(server);
        phone.returns(server);
        for (int i = 0; i < 10; i++) {
            server.after(Duration.ofMinutes(10));
        }

        bothKnow("c1", "answered");
    }

    @Test
    void callBehindThirtyMessages() {
        phone.sleeps();
        romeo.sends(propose("juliet@localhost", "c1"));
        for (int i = 0; i < 30; i++) {
            romeo.sends("<message type='chat' to='juliet@localhost'><body>" + i + "</body></message>");
        }
        phone.wakes();
        assertThat(phone.ringing()).containsExactly("c1");
        phone.sends(say("reject", romeo.jid(), "c1"));

        nothingRings();
        bothKnow("c1", "rejected");
        assertThat(records(server, JULIET)).containsExactly("reject");
    }

    @Test
    void callersStreamIsLost() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sleeps();
        assertThat(phone.ringing()).containsExactly("c1");
        phone.sends(say("proceed", romeo.jid(), "c1"));
        romeo.wakes();

        nothingRings();
        bothKnow("c1", "answered");
        romeo.sends(say("finish", phone.jid(), "c1"));
        bothKnow("c1", "finished");
    }

    @Test
    void busy() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say(
                "reject", romeo.jid(), "c1", "<reason xmlns='urn:xmpp:jingle:1'><busy/></reason>", CallsFixture.STORE));

        nothingRings();
        bothKnow("c1", "rejected");
        assertThat(records(server, JULIET)).containsExactly("reject");
        assertThat(records(server, ROMEO)).containsExactly("reject");
    }

    @Test
    void answeredElsewhereByAWordThatIsNotArchived() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        assertThat(phone.ringing()).containsExactly("c1");
        web.sends(say("accept", romeo.jid(), "c1", "", NO_STORE));

        nothingRings();
        bothKnow("c1", "answered");
        web.sends(say("reject", romeo.jid(), "c1", "<call duration='5'/>", CallsFixture.STORE));
        bothKnow("c1", "finished");
        assertThat(records(server, JULIET)).containsExactly("reject");
    }

    @Test
    void resumedAfterFortyFiveSeconds() {
        phone.sleeps();
        romeo.sends(propose("juliet@localhost", "c1"));
        server.after(Duration.ofSeconds(45));
        phone.wakes();
        assertThat(phone.ringing()).containsExactly("c1");
        server.after(Duration.ofSeconds(16));

        nothingRings();
        bothKnow("c1", "timeout");
        assertThat(records(server, JULIET)).containsExactly("missed");
    }

    @Test
    void stanzaComesTwice() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        romeo.sends(propose("juliet@localhost", "c1"));
        server.after(LONG);

        nothingRings();
        bothKnow("c1", "retracted");
        assertThat(records(server, JULIET)).containsExactly("retract");
    }

    @Test
    void retractionIsLost() {
        romeo.sends(propose("juliet@localhost", "c1"));
        assertThat(phone.ringing()).containsExactly("c1");
        server.after(LONG);

        nothingRings();
        bothKnow("c1", "timeout");
        assertThat(records(server, JULIET)).containsExactly("missed");
    }

    @Test
    void onlyOneSideFinishes() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid(), "c1"));
        web.sleeps();
        phone.sends(say("finish", romeo.jid(), "c1"));
        web.wakes();

        nothingRings();
        bothKnow("c1", "finished");
    }

    @Test
    void callerCrashes() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.client().leaves();
        assertThat(phone.ringing()).containsExactly("c1");
        server.after(LONG);

        nothingRings();
        bothKnow("c1", "timeout");
        assertThat(records(server, JULIET)).containsExactly("missed");
    }

    @Test
    void doNotDisturb() {
        phone.sends("<presence><show>dnd</show></presence>");
        web.sends("<presence><show>dnd</show></presence>");
        romeo.sends(propose("juliet@localhost", "c1"));
        // Whether it rings is for the client to say; this one lets it be.
        server.after(LONG);

        nothingRings();
        bothKnow("c1", "timeout");
        assertThat(records(server, JULIET)).containsExactly("missed");
    }
}
