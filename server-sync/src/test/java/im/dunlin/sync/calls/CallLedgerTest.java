// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.JULIET;
import static im.dunlin.sync.calls.CallsFixture.NO_STORE;
import static im.dunlin.sync.calls.CallsFixture.ROMEO;
import static im.dunlin.sync.calls.CallsFixture.STORE;
import static im.dunlin.sync.calls.CallsFixture.call;
import static im.dunlin.sync.calls.CallsFixture.damage;
import static im.dunlin.sync.calls.CallsFixture.propose;
import static im.dunlin.sync.calls.CallsFixture.proposeUnstored;
import static im.dunlin.sync.calls.CallsFixture.records;
import static im.dunlin.sync.calls.CallsFixture.say;
import static im.dunlin.sync.calls.CallsFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an account knows of its calls, who may say what of them, and what that leaves in its log. */
class CallLedgerTest {
    private final List<String> events = new ArrayList<>();
    private final List<String> causes = new ArrayList<>();
    private TestServer server = start(new TestServer.TestTime());
    private TestClient romeo = online("romeo@localhost/orchard");
    private TestClient phone = online("juliet@localhost/phone");

    private TestServer start(TestServer.TestTime time) {
        Map<String, Consumer<Setup>> modules = CallsFixture.modules();
        modules.put("observer", setup -> {
            setup.require(CallLedger.class)
                    .observe((before, now, told, turn) -> events.add(turn.jid().local() + " " + now.sid() + " "
                            + (now.reason() == null
                                    ? now.state().wire()
                                    : now.reason().wire())
                            + (told == null ? "" : " told")));
            setup.require(ConversationLog.class)
                    .observe((turn, key, head, cause) ->
                            causes.add(turn.jid().local() + " " + key.peer().local() + " " + cause));
        });
        return TestServer.with(new MemoryStore(), time, modules);
    }

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

    private ConversationHead head(BareJid account, BareJid peer) {
        ConversationLog log = server.modules().provided(ConversationLog.class);
        return server.turn(account, turn -> log.head(turn, new ConversationKey(peer, ConversationType.CHAT)));
    }

    private Message liveOffer() {
        CallLedger ledger = server.modules().provided(CallLedger.class);
        return server.turn(
                JULIET, turn -> ledger.liveOffer(turn.reader(), turn.owner().key(), ROMEO, turn.now()));
    }

    /** A message as another server might send it. */
    private void arrives(String xml) {
        Message message = TestStanzas.message(xml);
        server.turn(ROMEO, turn -> {
            turn.route(message);
            return null;
        });
    }

    // ---- both sides
    // --------------------------------------------------------------------------------------------------

    @Test
    void bothAccountsFollowACallFromItsOfferToItsEnd() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("ringing", romeo.jid().toString(), "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        romeo.sends(say("finish", phone.jid().toString(), "c1"));
        phone.sends(say("finish", romeo.jid().toString(), "c1"));

        assertThat(events)
                .containsExactly(
                        "romeo c1 proposed told",
                        "juliet c1 proposed told",
                        "juliet c1 ringing told",
                        "romeo c1 ringing told",
                        "juliet c1 answered told",
                        "romeo c1 answered told",
                        "romeo c1 finished told",
                        "juliet c1 finished told");
        Call hers = call(server, JULIET, "c1");
        Call his = call(server, ROMEO, "c1");
        assertThat(hers.isOutgoing()).isFalse();
        assertThat(his.isOutgoing()).isTrue();
        assertThat(List.of(hers.device(), hers.peerDevice())).containsExactly(phone.jid(), romeo.jid());
        assertThat(List.of(his.device(), his.peerDevice())).containsExactly(romeo.jid(), phone.jid());
    }

    @Test
    void offerIsKeptAsItWasSentWhileItRings() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        Message offer = liveOffer();

        assertThat(offer.from()).isEqualTo(FullJid.of("romeo@localhost/orchard"));
        assertThat(offer.payload().toString()).contains("propose").contains("no-store");
        phone.sends(say("accept", romeo.jid().toString(), "c1", "", NO_STORE));
        assertThat(liveOffer()).isNull();
    }

    @Test
    void newestOfSeveralOffersOfAPeerIsTheLiveOne() {
        romeo.sends(propose("juliet@localhost", "c1"));
        server.after(Duration.ofSeconds(1));
        romeo.sends(propose("juliet@localhost", "c2"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        assertThat(liveOffer().payload().toString()).isNotEmpty();
        assertThat(CallWord.of(liveOffer()).sid()).isEqualTo("c2");
        romeo.sends(say("retract", "juliet@localhost", "c0"));
        assertThat(CallWord.of(liveOffer()).sid()).isEqualTo("c2");
        server.time().advance(Duration.ofSeconds(61));
        // No timer has fired yet.
        assertThat(liveOffer()).isNull();
    }

    @Test
    void callThatNobodyEndsIsLostAfterADay() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        server.after(Duration.ofHours(23));
        assertThat(state(server, JULIET, "c1")).isEqualTo("answered");
        server.after(Duration.ofHours(2));

        assertThat(state(server, JULIET, "c1")).isEqualTo("lost");
        assertThat(state(server, ROMEO, "c1")).isEqualTo("lost");
        assertThat(records(server, JULIET)).isEmpty();
    }

    @Test
    void callIsLostWhenItsDeviceDoesNotComeBack() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        phone.leaves();
        phone = online("juliet@localhost/phone");
        server.after(Duration.ofSeconds(61));
        assertThat(state(server, JULIET, "c1")).isEqualTo("answered");
        phone.leaves();
        server.after(Duration.ofSeconds(61));

        assertThat(state(server, JULIET, "c1")).isEqualTo("lost");
    }

    @Test
    void endOfTheJingleSessionIsTheEndOfTheCall() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        romeo.sends("<iq type='set' id='j1' to='" + phone.jid()
                + "'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='c1'>"
                + "<reason><success/></reason></jingle></iq>");

        assertThat(state(server, ROMEO, "c1")).isEqualTo("finished");
        assertThat(state(server, JULIET, "c1")).isEqualTo("finished");
    }

    @Test
    void endOfTheJingleSessionWhileItRingsIsARetraction() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        romeo.sends("<iq type='set' id='j1' to='" + phone.jid()
                + "'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='c1'/></iq>");

        assertThat(state(server, JULIET, "c1")).isEqualTo("retracted");
        assertThat(records(server, JULIET)).containsExactly("missed");
    }

    @Test
    void firstDeviceThatAnswersHasTheCall() {
        TestClient web = online("juliet@localhost/web");
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        web.sends(say("proceed", romeo.jid().toString(), "c1"));

        assertThat(call(server, JULIET, "c1").device()).isEqualTo(phone.jid());
        assertThat(call(server, ROMEO, "c1").peerDevice()).isEqualTo(phone.jid());
    }

    @Test
    void answerToTheOwnAccountAloneCounts() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("accept", "juliet@localhost", "c1"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("answered");
    }

    @Test
    void callThatCrossesItsAnswerIsOverOnBothSides() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("retracted");
        assertThat(state(server, ROMEO, "c1")).isEqualTo("retracted");
    }

    @Test
    void retractionBeforeItsOfferLetsNothingRing() {
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        romeo.sends(propose("juliet@localhost", "c1"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("retracted");
        assertThat(liveOffer()).isNull();
        assertThat(records(server, JULIET)).containsExactly("retract");
    }

    @Test
    void blockedPeersCallIsOver() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block></iq>");

        assertThat(state(server, JULIET, "c1")).isEqualTo("blocked");
        assertThat(records(server, JULIET)).isEmpty();
        romeo.ignores();
        romeo.sends(propose("juliet@localhost", "c2"));
        romeo.receivesError("service-unavailable");
        assertThat(state(server, JULIET, "c2")).isNull();
    }

    // ---- one call after another
    // --------------------------------------------------------------------------------------

    @Test
    void callThatMayTakeOverAnotherSaysSo() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        TestClient tablet = online("romeo@localhost/tablet");
        tablet.sends(propose("juliet@localhost", "c2"));
        assertThat(call(server, JULIET, "c2").continues()).isEqualTo("c1");
        phone.sends(say(
                "finish",
                romeo.jid().toString(),
                "c1",
                "<reason xmlns='urn:xmpp:jingle:1'><expired/></reason><migrated to='c2'/>",
                STORE));
        phone.sends(say("proceed", tablet.jid().toString(), "c2"));

        for (BareJid account : List.of(JULIET, ROMEO)) {
            assertThat(state(server, account, "c1")).isEqualTo("migrated");
            assertThat(call(server, account, "c1").migratedTo()).isEqualTo("c2");
            assertThat(state(server, account, "c2")).isEqualTo("answered");
        }
    }

    @Test
    void secondCallOfTwoTakesOverTheFirstAlsoWhenNobodySaysSo() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        romeo.sends(propose("juliet@localhost", "c2"));
        phone.sends(say("proceed", romeo.jid().toString(), "c2"));

        assertThat(call(server, JULIET, "c1").migratedTo()).isEqualTo("c2");
        assertThat(call(server, ROMEO, "c1").migratedTo()).isEqualTo("c2");
    }

    @Test
    void callWhoseDeviceIsGoneDoesNotMuteTheNext() {
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.sends(say("proceed", romeo.jid().toString(), "c1"));
        phone.leaves();
        online("juliet@localhost/web");
        romeo.sends(propose("juliet@localhost", "c2"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("lost");
        assertThat(call(server, JULIET, "c2").continues()).isNull();
        assertThat(liveOffer()).isNotNull();
    }

    @Test
    void ownCallWhoseDeviceIsGoneDoesNotWinTheTie() {
        phone.sends(propose("romeo@localhost", "a-low"));
        phone.leaves();
        online("juliet@localhost/web");
        romeo.sends(propose("juliet@localhost", "b-high"));

        assertThat(state(server, JULIET, "b-high")).isEqualTo("proposed");
    }

    @Test
    void answeredCallsThatNobodyEndsAreBounded() {
        for (int i = 0; i <= CallLedger.MAX_ANSWERED; i++) {
            server.after(Duration.ofSeconds(1));
            TestClient peer = online("peer" + i + "@localhost/x");
            peer.sends(propose("juliet@localhost", "c" + i));
            phone.sends(say("proceed", peer.jid().toString(), "c" + i));
        }

        assertThat(state(server, JULIET, "c0")).isEqualTo("lost");
        assertThat(state(server, JULIET, "c1")).isEqualTo("answered");
    }

    // ---- late
    // --------------------------------------------------------------------------------------------------------

    private static String delayed(String sid, String stamp) {
        return "<message type='chat' from='romeo@localhost/orchard' to='juliet@localhost'>"
                + "<propose xmlns='urn:xmpp:jingle-message:0' id='" + sid + "'/>"
                + "<delay xmlns='urn:xmpp:delay' stamp='" + stamp + "'/><store xmlns='urn:xmpp:hints'/></message>";
    }

    @Test
    void offerThatWaitedRingsForWhatIsLeftOfItsTime() {
        arrives(delayed("c1", "2025-12-31T23:59:20Z"));
        assertThat(state(server, JULIET, "c1")).isEqualTo("proposed");
        server.after(Duration.ofSeconds(21));

        assertThat(state(server, JULIET, "c1")).isEqualTo("timeout");
    }

    @Test
    void offerThatWaitedTooLongIsAMissedCallAtOnce() {
        arrives(delayed("c1", "2025-12-31T23:58:59Z"));
        arrives(delayed("c2", "0001-01-01T00:00:00Z"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("timeout");
        assertThat(state(server, JULIET, "c2")).isEqualTo("timeout");
        assertThat(liveOffer()).isNull();
        assertThat(records(server, JULIET)).containsExactly("missed", "missed");
    }

    @Test
    void stampOfTheFutureIsNotBelieved() {
        arrives(delayed("c1", "2030-01-01T00:00:00Z"));
        server.after(Duration.ofSeconds(61));

        assertThat(state(server, JULIET, "c1")).isEqualTo("timeout");
    }

    @Test
    void offerThatASessionTookWithItDoesNotRingElsewhereWhenItIsOver() {
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true' max='120'/>");
        phone.loses();
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        server.after(Duration.ofSeconds(61));
        TestClient web = online("juliet@localhost/web");
        server.after(Duration.ofSeconds(61));

        web.receives("<presence type='unavailable' from='juliet@localhost/phone'/>");
        web.receivesNothing();
        assertThat(records(server, JULIET)).containsExactly("missed");
    }

    // ---- what it leaves
    // ----------------------------------------------------------------------------------------------

    @Test
    void missedCallIsARecordThatDoesNotCountAsUnread() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        server.after(Duration.ofSeconds(60));

        Message record = CallsFixture.entries(server, JULIET).get(0).message();
        Element missed = record.payload().children().get(0);
        assertThat(record.from()).isEqualTo(ROMEO);
        assertThat(missed.toString())
                .isEqualTo("<missed xmlns='https://dunlin.im/protocol/calls/1' sid='c1' reason='timeout'"
                        + " start='2026-01-01T00:00:00.000Z' end='2026-01-01T00:01:00.000Z' media='audio'/>");
        ConversationHead head = head(JULIET, ROMEO);
        assertThat(head.unread()).isZero();
        assertThat(head.lastMessage()).isNotZero();
        assertThat(records(server, ROMEO)).isEmpty();
    }

    @Test
    void missedCallOfWhomTheArchiveMustNotHaveLeavesNoRecord() {
        phone.sends("<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='always'><always/>"
                + "<never><jid>romeo@localhost</jid></never></prefs></iq>");
        romeo.sends(propose("juliet@localhost", "c1"));

        server.after(Duration.ofSeconds(61));

        assertThat(state(server, JULIET, "c1")).isEqualTo("timeout");
        assertThat(records(server, JULIET)).isEmpty();
        assertThat(damage(server, JULIET)).isEmpty();
    }

    @Test
    void offerShowsItsConversationAndMovesTheChangeStampAtEachTurnOfTheCall() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        ConversationHead offered = head(JULIET, ROMEO);
        assertThat(offered.orderStamp()).isNotZero();
        phone.sends(say("accept", romeo.jid().toString(), "c1", "", NO_STORE));
        ConversationHead answered = head(JULIET, ROMEO);

        assertThat(answered.changeStamp()).isGreaterThan(offered.changeStamp());
        assertThat(answered.orderStamp()).isEqualTo(offered.orderStamp());
        assertThat(causes).containsExactly("juliet romeo CALL", "juliet romeo CALL");
    }

    @Test
    void archivedWordAndItsChangeAreOneNumber() {
        romeo.sends(propose("juliet@localhost", "c1"));

        assertThat(Long.toString(head(JULIET, ROMEO).changeStamp()))
                .isEqualTo(call(server, JULIET, "c1").archiveId());
        assertThat(causes).contains("juliet romeo MESSAGE", "juliet romeo CALL");
    }

    @Test
    void recordsOfEndedCallsGoAfterADay() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("retract", "juliet@localhost", "c1"));
        server.after(Duration.ofHours(12));
        romeo.sends(propose("juliet@localhost", "c2"));
        romeo.sends(say("retract", "juliet@localhost", "c2"));
        server.after(Duration.ofHours(12));
        assertThat(state(server, JULIET, "c1")).isNull();
        assertThat(state(server, JULIET, "c2")).isEqualTo("retracted");
        server.after(Duration.ofHours(12));

        assertThat(state(server, JULIET, "c2")).isNull();
        assertThat(state(server, ROMEO, "c2")).isNull();
    }

    // ---- nobody is there
    // ---------------------------------------------------------------------------------------------

    @Test
    void unstoredOfferToAnAccountWithoutSessionsIsKeptAndNotRefused() {
        phone.leaves();
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));

        romeo.receivesNothing();
        assertThat(liveOffer()).isNotNull();
        online("juliet@localhost/phone").receivesNothing();
    }

    @Test
    void unstoredAnswerToADeviceThatIsGoneIsKept() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        romeo.leaves();
        phone.ignores();
        phone.sends(say("accept", "romeo@localhost/orchard", "c1", "", NO_STORE));

        phone.receivesNothing();
        assertThat(state(server, ROMEO, "c1")).isEqualTo("answered");
    }

    @Test
    void unstoredCallThatIsNotFollowedIsRefusedAsEver() {
        phone.leaves();
        romeo.sends(proposeUnstored("juliet@localhost", "s".repeat(200)));

        romeo.receivesError("service-unavailable");
    }

    @Test
    void unstoredAnswerReachesTheOtherDevicesAsACopy() {
        TestClient web = online("juliet@localhost/web");
        web.sends("<iq type='set' id='e'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        web.ignores();
        phone.sends(say("accept", romeo.jid().toString(), "c1", "", NO_STORE));

        web.receives("<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
                + "<message xmlns='jabber:client'><accept xmlns='urn:xmpp:jingle-message:0' id='c1'/></message>"
                + "</forwarded></sent></message>");
        assertThat(CallsFixture.entries(server, JULIET)).isEmpty();
    }

    // ---- bad input
    // ---------------------------------------------------------------------------------------------------

    @Test
    void offerToAFullAddressIsDeliveredAndNotFollowed() {
        romeo.sends(propose("juliet@localhost/phone", "c1"));

        assertThat(state(server, JULIET, "c1")).isNull();
        phone.receives("<message><propose xmlns='urn:xmpp:jingle-message:0' id='c1'/></message>");
    }

    @Test
    void offerToTheOwnAccountIsNotFollowed() {
        phone.sends(propose("juliet@localhost", "c1"));

        assertThat(state(server, JULIET, "c1")).isNull();
    }

    @Test
    void hugeIdIsDeliveredAndNotFollowed() {
        romeo.sends(propose("juliet@localhost", "s".repeat(10_000)));

        assertThat(phone.waiting()).isEqualTo(1);
        assertThat(events).isEmpty();
    }

    @Test
    void idOfACallIsNobodyElses() {
        TestClient tybalt = online("tybalt@localhost/x");
        romeo.sends(propose("juliet@localhost", "c1"));
        phone.ignores();
        tybalt.sends(propose("juliet@localhost", "c1"));
        phone.receivesNothing();
        tybalt.sends(say("retract", "juliet@localhost", "c1"));
        tybalt.sends(say("finish", "juliet@localhost", "c1"));
        tybalt.sends("<iq type='set' id='j1' to='" + phone.jid()
                + "'><jingle xmlns='urn:xmpp:jingle:1' action='session-terminate' sid='c1'/></iq>");

        assertThat(state(server, JULIET, "c1")).isEqualTo("proposed");
        assertThat(call(server, JULIET, "c1").peer()).isEqualTo(ROMEO);
    }

    @Test
    void idOfACallIsNotThatOfACallBack() {
        phone.sends(propose("romeo@localhost", "c1"));
        phone.ignores();
        romeo.sends(propose("juliet@localhost", "c1"));

        phone.receivesNothing();
        assertThat(state(server, JULIET, "c1")).isEqualTo("proposed");
    }

    @Test
    void callerCannotAnswerForTheCalled() {
        romeo.sends(propose("juliet@localhost", "c1"));
        romeo.sends(say("proceed", "juliet@localhost", "c1"));
        romeo.sends(say("ringing", "juliet@localhost", "c1"));

        assertThat(state(server, JULIET, "c1")).isEqualTo("proposed");
    }

    @Test
    void largeOfferIsKeptAsItsMediaAlone() {
        String junk = "<x xmlns='urn:example:x'>" + "<y/>".repeat(3_000) + "</x>";
        romeo.sends("<message type='chat' to='juliet@localhost'><propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>" + junk + "</description>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='" + "v".repeat(100) + "'/>"
                + "</propose>" + NO_STORE + "</message>");

        assertThat(liveOffer().payload().children())
                .extracting(Element::toString)
                .containsExactly("<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
                        + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>");
    }

    @Test
    void aThousandOffersAMinuteAreFewCalls() {
        for (int i = 0; i < 1_000; i++) {
            romeo.sends(proposeUnstored("juliet@localhost", "c" + i));
            romeo.sends(say("retract", "juliet@localhost", "c" + i, "", NO_STORE));
        }

        assertThat(events.stream().filter(event -> event.startsWith("juliet"))).hasSize(2 * CallLedger.MAX_A_MINUTE);
        assertThat(records(server, JULIET)).hasSize(CallLedger.MAX_A_MINUTE);
    }

    @Test
    void onlyTheLastEndedCallsAreKnown() {
        for (int i = 0; i <= CallLedger.MAX_ENDED; i++) {
            romeo.sends(propose("juliet@localhost", "c" + i));
            romeo.sends(say("retract", "juliet@localhost", "c" + i));
            server.after(Duration.ofSeconds(10));
        }

        assertThat(state(server, JULIET, "c0")).isNull();
        assertThat(state(server, JULIET, "c1")).isEqualTo("retracted");
    }

    @Test
    void onlyTenOffersAreFollowedAtATime() {
        for (int i = 0; i <= CallLedger.MAX_OFFERS; i++) {
            online("peer" + i + "@localhost/x").sends(propose("juliet@localhost", "c" + i));
        }

        assertThat(state(server, JULIET, "c9")).isEqualTo("proposed");
        assertThat(state(server, JULIET, "c10")).isNull();
        assertThat(phone.waiting()).isEqualTo(CallLedger.MAX_OFFERS + 1);
    }

    @Test
    void whatTheServerSaysOfCallsNobodyElseSays() {
        romeo.sends("<message type='chat' to='juliet@localhost'><missed xmlns='https://dunlin.im/protocol/calls/1'/>"
                + "<body>hi</body></message>");
        romeo.sends(
                "<message type='chat' to='juliet@localhost'><calls xmlns='https://dunlin.im/protocol/calls/1'/></message>");

        assertThat(phone.next().toString()).doesNotContain("dunlin.im");
        phone.receivesNothing();
        assertThat(records(server, JULIET)).isEmpty();
    }

    @Test
    void questionBetweenClientsWhetherACallStandsNeedsNoSubscription() {
        romeo.sends(proposeUnstored("juliet@localhost", "c1"));
        romeo.ignores();
        String query = "<query xmlns='urn:xmpp:jingle-message:0'><session id='c1'/></query>";
        phone.sends("<iq type='get' id='v1' to='" + romeo.jid() + "'>" + query + "</iq>");
        romeo.receives("<iq type='get' id='v1' from='" + phone.jid() + "'>" + query + "</iq>");
        phone.ignores();
        romeo.sends("<iq type='result' id='v1' to='" + phone.jid() + "'>" + query + "</iq>");

        phone.receives("<iq type='result' id='v1' from='" + romeo.jid() + "'>" + query + "</iq>");
    }

    @Test
    void offerThatIsArchivedElsewhereLeavesTheLogInAgreement() {
        String hint = "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:omemo:2'/>";
        romeo.sends(propose("juliet@localhost", "c1").replace(STORE, hint + STORE));
        romeo.sends("<message type='chat' to='juliet@localhost'><body>pick up</body></message>");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>1</body>" + hint + "</message>");
        romeo.sends(propose("juliet@localhost", "c2").replace(STORE, hint + STORE));

        assertThat(liveOffer()).isNotNull();
        assertThat(damage(server, JULIET)).isEmpty();
    }
}
