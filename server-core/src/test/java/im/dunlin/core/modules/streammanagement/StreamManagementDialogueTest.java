// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.streammanagement;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Addressee;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.ping.PingModule;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.storage.memory.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamManagementDialogueTest {
    private static final String ENABLE = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
    private static final String REQUEST = "<r xmlns='urn:xmpp:sm:3'/>";
    private static final String PING = "<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>";
    private static final String NOTE = "<iq type='set' id='n'><note xmlns='urn:example:note'/></iq>";
    private static final BareJid JULIET = BareJid.of("juliet@localhost");

    private final Store store = new MemoryStore();
    private final TestTime time = new TestTime();
    private TestServer server = start();

    private TestServer start() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("ping", PingModule::new);
        modules.put("note", StreamManagementDialogueTest::note);
        return TestServer.with(store, time, modules);
    }

    /** A module whose iq writes a row. */
    private static void note(Setup setup) {
        Table<String, Boolean> notes = setup.table(new TableSpec<>("note", Shape.POINT, Keys.TEXT, Values.PRESENT));
        setup.iqSet(Name.of("urn:example:note", "note"), Set.of(Addressee.OWN_ACCOUNT), (iq, turn) -> {
            turn.put(notes, turn.randomId(), true);
            return iq.result();
        });
    }

    @AfterEach
    void close() {
        server.close();
    }

    private String enable(TestClient client) {
        client.sends(ENABLE);
        return Objects.requireNonNull(client.receives("<enabled xmlns='urn:xmpp:sm:3' resume='true'/>")
                .attr("id"));
    }

    private static void resume(TestClient client, String id, long h) {
        client.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='" + h + "'/>");
    }

    private void iqTo(TestClient client, String id) {
        TestClient romeo = server.connect("romeo@localhost/orchard");
        romeo.sends("<iq type='get' id='" + id + "' to='" + client.jid() + "'><x xmlns='urn:example:x'/></iq>");
    }

    private static void chat(TestClient from, String to, String id) {
        from.sends("<message type='chat' id='" + id + "' to='" + to + "'><body>" + id
                + "</body><no-store xmlns='urn:xmpp:hints'/></message>");
    }

    // ---- enabling
    // ----------------------------------------------------------------------------------------------------

    @Test
    void itIsOfferedOnceTheClientHasLoggedIn() {
        Name sm = Name.of("urn:xmpp:sm:3", "sm");

        assertThat(server.open("localhost").features().has(sm)).isFalse();
        assertThat(server.login("juliet@localhost").features().has(sm)).isTrue();
    }

    @Test
    void enabledSaysIdAndTime() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='1' max='60'/>");

        String id = juliet.receives("<enabled xmlns='urn:xmpp:sm:3' resume='true' max='60'/>")
                .attr("id");
        assertThat(id).hasSizeGreaterThanOrEqualTo(32);
    }

    @Test
    void withoutResumeThereIsNothingToResume() {
        TestClient juliet = server.connect("juliet@localhost/balcony");

        juliet.sends("<enable xmlns='urn:xmpp:sm:3'/>");

        assertThat(juliet.receives("<enabled xmlns='urn:xmpp:sm:3'/>").attributes())
                .isEmpty();
        juliet.loses();
        assertThat(server.sessions().count()).isZero();
    }

    @Test
    void enableBeforeBindingFails() {
        TestClient juliet = server.login("juliet@localhost");

        juliet.sends(ENABLE);

        juliet.receives("<failed xmlns='urn:xmpp:sm:3'>"
                + "<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    }

    @Test
    void secondEnableFails() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);

        juliet.sends(ENABLE);

        juliet.receives("<failed xmlns='urn:xmpp:sm:3'>"
                + "<unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
        juliet.loses();
        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
    }

    @Test
    void stanzasAreCountedFromEnableOn() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends(PING);
        juliet.ignores();
        enable(juliet);

        juliet.sends(REQUEST);
        juliet.receives("<a xmlns='urn:xmpp:sm:3' h='0'/>");
        juliet.sends(PING);
        juliet.ignores();
        juliet.sends(REQUEST);
        juliet.receives("<a xmlns='urn:xmpp:sm:3' h='1'/>");
    }

    @Test
    void nonzasAreNotCounted() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);

        juliet.sends("<inactive xmlns='urn:xmpp:csi:0'/>");
        juliet.sends(REQUEST);

        juliet.receives("<a xmlns='urn:xmpp:sm:3' h='0'/>");
    }

    @Test
    void acknowledgingMoreThanWasSentEndsTheStream() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);
        juliet.sends(PING);

        juliet.sends("<a xmlns='urn:xmpp:sm:3' h='2'/>");

        assertThat(Objects.requireNonNull(juliet.streamError()).element().toString())
                .contains("undefined-condition")
                .contains("handled-count-too-high")
                .contains("send-count='1'");
    }

    // ---- resuming
    // ----------------------------------------------------------------------------------------------------

    @Test
    void whatTheClientMissedIsSentAgainInOrderBeforeAnythingNew() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        iqTo(juliet, "q1");
        iqTo(juliet, "q2");
        juliet.loses();
        iqTo(juliet, "q3");

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 1);
        iqTo(again, "q4");

        again.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");
        again.receives("<iq type='get' id='q2'/>");
        again.receives("<iq type='get' id='q3'/>");
        again.receives(REQUEST);
        again.receives("<iq type='get' id='q4'/>");
        again.receivesNothing();
    }

    @Test
    void countsGoOnOverAResumption() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.sends(PING);
        juliet.loses();

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 1);
        again.receives("<resumed xmlns='urn:xmpp:sm:3' h='1'/>");
        again.sends(PING);
        again.ignores();
        again.sends(REQUEST);
        again.receives("<a xmlns='urn:xmpp:sm:3' h='2'/>");
    }

    @Test
    void connectionThatIsStillThereGivesWay() {
        TestClient old = server.connect("juliet@localhost/balcony");
        String id = enable(old);

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);

        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
        assertThat(Objects.requireNonNull(old.streamError()).toString()).contains("conflict");
        old.loses();
        again.sends(PING);
        again.receives("<iq type='result' id='p'/>");
    }

    @Test
    void stanzasThatStillComeOnTheOldConnectionAreNotHandledTwice() {
        TestClient old = server.connect("juliet@localhost/balcony");
        String id = enable(old);
        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<resumed xmlns='urn:xmpp:sm:3' h='0'/>");

        old.sends(PING);

        again.receivesNothing();
        again.sends(REQUEST);
        again.receives("<a xmlns='urn:xmpp:sm:3' h='0'/>");
    }

    @Test
    void nobodyElseResumesASession() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.loses();

        TestClient tybalt = server.login("tybalt@localhost");
        resume(tybalt, id, 0);
        tybalt.receives(
                "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
    }

    @Test
    void impossibleCountOnResumeLeavesTheSessionForTheNextAttempt() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.loses();

        TestClient liar = server.login("juliet@localhost");
        resume(liar, id, 7);
        assertThat(Objects.requireNonNull(liar.streamError()).element().toString())
                .contains("handled-count-too-high");

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<resumed xmlns='urn:xmpp:sm:3'/>");
    }

    @Test
    void malformedResumeIsRefused() {
        TestClient juliet = server.login("juliet@localhost");

        juliet.sends("<resume xmlns='urn:xmpp:sm:3' previd='x' h='-1'/>");

        juliet.receives("<failed xmlns='urn:xmpp:sm:3'/>");
    }

    @Test
    void closedStreamCannotBeResumed() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.leaves();

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);

        again.receives("<failed xmlns='urn:xmpp:sm:3'/>");
        assertThat(server.sessions().count()).isZero();
    }

    @Test
    void sessionThatWaitsTooLongEndsAndItsClientLearnsHowFarItCame() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.sends(PING);
        juliet.sends(PING);
        juliet.loses();

        server.after(Limits.defaults().resumption().resumeTime());

        assertThat(server.sessions().count()).isZero();
        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<failed xmlns='urn:xmpp:sm:3' h='2'/>");
    }

    @Test
    void resumedSessionIsNotEndedByTheTimeOfItsFormerWait() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.loses();
        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);

        server.after(Limits.defaults().resumption().resumeTime());

        assertThat(server.sessions().count()).isEqualTo(1);
        assertThat(again.streamError()).isNull();
    }

    @Test
    void detachedSessionThatIsSentTooMuchEnds() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);
        juliet.loses();
        TestClient romeo = server.connect("romeo@localhost/orchard");
        for (int i = 0; i <= Limits.defaults().resumption().unackedStanzas(); i++) {
            romeo.sends("<iq type='get' id='q' to='juliet@localhost/balcony'><x xmlns='urn:example:x'/></iq>");
        }

        assertThat(server.sessions().count()).isEqualTo(1);
        romeo.receivesError("service-unavailable");
    }

    @Test
    void passwordChangeEndsWhatOthersCouldResume() {
        TestClient waiting = server.connect("juliet@localhost/chamber");
        String one = enable(waiting);
        waiting.loses();
        TestClient connected = server.connect("juliet@localhost/balcony");
        String two = enable(connected);

        server.accounts()
                .setPassword(
                        JULIET,
                        Credentials.ofPassword(
                                "other",
                                new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), CredentialPolicy.MIN_ITERATIONS),
                                new SecureRandom()))
                .join();
        server.settle();

        connected.loses();
        TestClient thief = server.login("juliet@localhost");
        resume(thief, one, 0);
        thief.receives("<failed xmlns='urn:xmpp:sm:3'/>");
        resume(thief, two, 0);
        thief.receives("<failed xmlns='urn:xmpp:sm:3'/>");
        assertThat(server.sessions().count()).isZero();
    }

    // ---- the end of a session
    // ----------------------------------------------------------------------------------------

    @Test
    void questionThatWasNeverAcknowledgedIsAnswered() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);
        TestClient romeo = server.connect("romeo@localhost/orchard");
        romeo.sends("<iq type='get' id='q' to='juliet@localhost/balcony'><x xmlns='urn:example:x'/></iq>");
        romeo.receivesNothing();

        juliet.loses();
        server.after(Limits.defaults().resumption().resumeTime());

        romeo.receivesError("service-unavailable");
    }

    @Test
    void messageThatNobodyArchivedGoesToAnotherDevice() {
        TestClient phone = server.connect("juliet@localhost/phone");
        enable(phone);
        TestClient romeo = server.connect("romeo@localhost/orchard");
        chat(romeo, "juliet@localhost/phone", "m1");
        phone.loses();
        TestClient laptop = server.connect("juliet@localhost/laptop");
        laptop.sends("<presence/>");
        laptop.ignores();

        server.after(Limits.defaults().resumption().resumeTime());

        laptop.receives("<message id='m1' from='romeo@localhost/orchard'><delay xmlns='urn:xmpp:delay'/></message>");
        laptop.receivesNothing();
        romeo.receivesNothing();
    }

    @Test
    void messageThatADeviceHadAsACarbonIsNotGivenToItAgain() {
        TestClient laptop = server.connect("juliet@localhost/laptop");
        laptop.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        laptop.sends("<presence/>");
        TestClient phone = server.connect("juliet@localhost/phone");
        enable(phone);
        TestClient romeo = server.connect("romeo@localhost/orchard");
        chat(romeo, "juliet@localhost/phone", "m1");
        phone.loses();
        laptop.ignores();

        server.after(Limits.defaults().resumption().resumeTime());

        laptop.receivesNothing();
        romeo.receivesNothing();
    }

    @Test
    void messageThatNobodyTakesComesBackToItsSender() {
        TestClient phone = server.connect("juliet@localhost/phone");
        enable(phone);
        TestClient romeo = server.connect("romeo@localhost/orchard");
        chat(romeo, "juliet@localhost/phone", "m1");

        phone.leaves();

        assertThat(romeo.receivesError("service-unavailable").attr("id")).isEqualTo("m1");
        romeo.receivesNothing();
    }

    @Test
    void archivedMessageIsTheArchivesToCareFor() {
        TestClient phone = server.connect("juliet@localhost/phone");
        enable(phone);
        server.turn(JULIET, turn -> {
            turn.send(
                    phone.session(),
                    Message.chat(phone.jid(), "hello")
                            .withFrom(BareJid.of("romeo@localhost"))
                            .adding(new StanzaId("1", JULIET).element()));
            return null;
        });
        TestClient laptop = server.connect("juliet@localhost/laptop");
        laptop.sends("<presence/>");
        laptop.ignores();

        phone.leaves();

        laptop.receivesNothing();
    }

    @Test
    void roomIsToldOnceThatItsOccupantIsGone() {
        TestClient phone = server.connect("juliet@localhost/phone");
        enable(phone);
        TestClient room = server.connect("room@localhost/nick");
        for (String id : Set.of("g1", "g2", "g3")) {
            room.sends(
                    "<message type='groupchat' id='" + id + "' to='juliet@localhost/phone'><body>x</body></message>");
        }

        phone.leaves();

        room.receivesError("service-unavailable");
        room.receivesNothing();
    }

    // ---- over a stop of the server
    // -----------------------------------------------------------------------------------

    @Test
    void cleanStopKeepsTheSessionWithNothingLostDoubledOrReordered() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<presence><status>here</status></presence>");
        juliet.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        juliet.ignores();
        String id = enable(juliet);
        juliet.sends(PING);
        iqTo(juliet, "q1");
        iqTo(juliet, "q2");
        juliet.loses();
        iqTo(juliet, "q3");

        server.stop();
        server = start();

        assertThat(server.sessions().count()).isEqualTo(1);
        TestClient romeo = server.connect("romeo@localhost/orchard");
        chat(romeo, "juliet@localhost", "m4");
        TestClient again = server.login("juliet@localhost");
        resume(again, id, 2);
        again.receives("<resumed xmlns='urn:xmpp:sm:3' previd='" + id + "' h='1'/>");
        again.receives("<iq type='get' id='q2'/>");
        again.receives("<iq type='get' id='q3'/>");
        again.receives("<message id='m4'/>");
        again.receives(REQUEST);
        again.receivesNothing();
        TestClient other = server.connect("juliet@localhost/chamber");
        chat(other, "romeo@localhost/orchard", "m5");
        again.receives("<message from='juliet@localhost'><sent xmlns='urn:xmpp:carbons:2'/></message>");
    }

    @Test
    void sessionThatWasKeptIsNotBroughtBackByALaterCrash() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.sends(PING);
        server.stop();
        server = start();
        server.kill();
        server = start();

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 1);

        again.receives("<failed xmlns='urn:xmpp:sm:3' h='1'/>");
        assertThat(server.sessions().count()).isZero();
    }

    @Test
    void keptSessionThatNobodyResumesEnds() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);
        iqTo(juliet, "q1");
        server.stop();
        server = start();
        TestClient romeo = server.connect("romeo@localhost/orchard");

        server.after(Limits.defaults().resumption().resumeTime());

        romeo.receivesError("service-unavailable");
    }

    @Test
    void crashLeavesTheCountOfWhatWasRecorded() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.sends(PING);
        juliet.sends(NOTE);
        juliet.sends(PING);

        server.kill();
        server = start();

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        again.receives("<failed xmlns='urn:xmpp:sm:3' h='2'>"
                + "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>");
    }

    @Test
    void oldCountsAreSweptWhenTheAccountComesBack() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        String id = enable(juliet);
        juliet.sends(NOTE);
        server.kill();
        server = start();
        server.after(Duration.ofDays(2));

        enable(server.connect("juliet@localhost/chamber"));

        TestClient again = server.login("juliet@localhost");
        resume(again, id, 0);
        assertThat(again.receives("<failed xmlns='urn:xmpp:sm:3'/>").attr("h")).isNull();
    }

    @Test
    void endedSessionLeavesNoRows() {
        TestClient juliet = server.connect("juliet@localhost/balcony");
        enable(juliet);
        juliet.sends(NOTE);

        juliet.leaves();

        assertThat(server.store()
                        .scanTable(server.store()
                                .open(new TableSpec<>("sm-handled", Shape.POINT, Keys.TEXT, Values.BYTES)))
                        .hasNext())
                .isFalse();
    }
}
