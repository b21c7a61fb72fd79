// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.enable;
import static im.dunlin.push.PushFixture.form;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls ring devices that are away: at once, once, and not when there is nothing to answer any more. */
class CallPushTest {
    private static final String SM = "urn:xmpp:sm:3";
    private static final String HERE = "juliet@localhost";
    private static final String JINGLE = "<jingle xmlns='tigase:push:jingle:0'/>";

    private final AppServer app = PushFixture.service("app");
    private final TestServer server = TestServer.with(PushFixture.modules(app));
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private final TestClient phone = server.connect("juliet@localhost/phone");

    @BeforeEach
    void begins() {
        phone.sends("<presence/>");
        romeo.sends("<presence/>");
        ImModules.befriend(romeo, phone);
        registers(phone, "n");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void registers(TestClient device, String node) {
        device.ignores();
        device.sends(enable(AppServer.JID, node, form("s") + JINGLE));
        device.receives("<iq type='result' id='e'/>");
        device.ignores();
    }

    private TestClient device(String name) {
        TestClient device = server.connect(HERE + "/" + name);
        registers(device, name);
        return device;
    }

    private static void manages(TestClient client) {
        client.sends("<enable xmlns='" + SM + "' resume='true'/>");
        assertThat(client.next().name().local()).isEqualTo("enabled");
    }

    private static String word(String word, String to, String sid) {
        String content =
                word.equals("propose") ? "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>" : "";
        return "<message type='chat' to='" + to + "'><" + word + " xmlns='urn:xmpp:jingle-message:0' id='" + sid + "'>"
                + content + "</" + word + "><store xmlns='urn:xmpp:hints'/></message>";
    }

    private void calls(String sid) {
        romeo.sends(word("propose", HERE, sid));
    }

    /** What was published up to now, as the calls that ring, and {@code end} for whatever else is to be seen. */
    private List<String> pushed() {
        List<String> all = new ArrayList<>();
        while (app.count() > 0) {
            all.add(said(app.nextRequest()));
        }
        return all;
    }

    private static String said(Element publish) {
        String text = publish.toString();
        int at = text.indexOf(" sid='");
        return at < 0 ? "alert" : text.substring(at + 6, text.indexOf('\'', at + 6));
    }

    @Test
    void callRingsDeviceThatIsAwayAtOnce() {
        phone.leaves();
        calls("c1");
        Element publish = app.nextRequest();
        assertThat(publish.toString())
                .contains(
                        "<jingle xmlns='tigase:push:jingle:0' action='propose' sid='c1'><media>audio</media></jingle>")
                .doesNotContain("romeo");
    }

    @Test
    void callOvertakesWhatWaits() {
        phone.leaves();
        romeo.sends(PushFixture.chat(HERE, "pick up"));
        calls("c1");
        assertThat(pushed()).containsExactly("c1");
        server.after(Duration.ofSeconds(1));
        assertThat(pushed()).containsExactly("alert");
    }

    @Test
    void callDoesNotWaitForTheAnswerToAMessage() {
        phone.leaves();
        app.isSilent();
        romeo.sends(PushFixture.chat(HERE, "hello"));
        server.after(Duration.ofSeconds(1));
        assertThat(pushed()).containsExactly("alert");
        calls("c1");
        assertThat(pushed()).containsExactly("c1");
    }

    @Test
    void endOfACallDoesNotWaitForTheAnswerToAMessage() {
        phone.leaves();
        calls("c1");
        app.isSilent();
        romeo.sends(PushFixture.chat(HERE, "hello"));
        server.after(Duration.ofSeconds(1));
        app.forgets();
        romeo.sends(word("retract", HERE, "c1"));
        assertThat(pushed()).containsExactly("alert");
    }

    /** Check 24. */
    @Test
    void eachDeviceRingsOnce() {
        device("tab").leaves();
        device("watch").leaves();
        phone.leaves();
        calls("c1");
        calls("c1");
        server.after(Duration.ofSeconds(20));
        assertThat(pushed()).containsExactly("c1", "c1", "c1");
    }

    @Test
    void connectedDeviceThatAcknowledgesTheCallIsNotWoken() {
        manages(phone);
        calls("c1");
        phone.sends("<a xmlns='" + SM + "' h='1'/>");
        server.after(Duration.ofSeconds(2));
        server.after(Duration.ofSeconds(10));
        assertThat(pushed()).isEmpty();
    }

    @Test
    void connectedDeviceThatDoesNotAcknowledgeTheCallIsWokenAfterTwoSeconds() {
        manages(phone);
        calls("c1");
        server.after(Duration.ofSeconds(1));
        assertThat(pushed()).isEmpty();
        server.after(Duration.ofSeconds(1));
        assertThat(pushed()).containsExactly("c1");
    }

    @Test
    void deviceWhoseConnectionIsFoundDeadIsWokenAtOnce() {
        manages(phone);
        calls("c1");
        phone.loses();
        assertThat(pushed()).containsExactly("c1");
        server.after(Duration.ofSeconds(2));
        assertThat(pushed()).isEmpty();
    }

    @Test
    void connectedDeviceThatNobodyLooksAtIsWokenAtOnce() {
        phone.sends("<inactive xmlns='urn:xmpp:csi:0'/>");
        calls("c1");
        assertThat(pushed()).containsExactly("c1");
    }

    /** Check 27. */
    @Test
    void callThatIsTakenBackRingsOnceAndIsThenMissed() {
        phone.leaves();
        calls("c1");
        server.after(Duration.ofSeconds(3));
        romeo.sends(word("retract", HERE, "c1"));
        assertThat(pushed()).containsExactly("c1", "alert");
        server.after(Duration.ofMinutes(5));
        assertThat(pushed()).isEmpty();
    }

    /** Check 28. */
    @Test
    void callThatIsAnsweredElsewhereRingsNoMoreAndNothingIsShown() {
        TestClient tab = device("tab");
        phone.leaves();
        calls("c1");
        assertThat(pushed()).containsExactly("c1");
        tab.sends(word("proceed", "romeo@localhost/orchard", "c1"));
        server.after(Duration.ofMinutes(5));
        assertThat(pushed()).isEmpty();
    }

    /** Check 29. */
    @Test
    void callThatNobodyAnswersIsMissedOnceAndTheCallerIsToldNothing() {
        phone.leaves();
        calls("c1");
        romeo.ignores();
        server.after(Duration.ofSeconds(61));
        assertThat(pushed()).containsExactly("c1", "alert");
        romeo.receivesNothing();
    }

    /** Check 30. */
    @Test
    void callThatIsTakenBackBeforeItIsOfferedDoesNotRing() {
        phone.leaves();
        romeo.sends(word("retract", HERE, "c1"));
        calls("c1");
        assertThat(pushed()).containsExactly("alert");
    }

    /** Check 31. */
    @Test
    void offerThatWasHeldUpIsAMissedCallAlone() {
        phone.leaves();
        String late = word("propose", HERE, "c1")
                .replace(
                        "<store ",
                        "<delay xmlns='urn:xmpp:delay' stamp='"
                                + server.time().instant().minusSeconds(300) + "'/><store ");
        romeo.sends(late);
        assertThat(pushed()).containsExactly("alert");
    }

    @Test
    void tieThatTheOwnCallWinsDoesNotRingTheOtherDevices() {
        device("tab").leaves();
        phone.sends(word("propose", "romeo@localhost", "aaa"));
        romeo.sends(word("propose", HERE, "bbb"));
        server.after(Duration.ofSeconds(10));
        assertThat(pushed()).isEmpty();
    }

    /** Check 32. */
    @Test
    void tieThatTheOtherCallWinsIsForTheDeviceThatCalls() {
        device("tab").leaves();
        phone.sends(word("propose", "romeo@localhost", "bbb"));
        romeo.sends(word("propose", HERE, "aaa"));
        server.after(Duration.ofSeconds(1));
        phone.sends(word("proceed", "romeo@localhost/orchard", "aaa"));
        server.after(Duration.ofSeconds(10));
        assertThat(pushed()).isEmpty();
    }

    /** Check 33, as far as pushes. */
    @Test
    void callThatGoesOnFromAnotherDeviceOfThePeerDoesNotRingTheOthers() {
        device("tab").leaves();
        calls("c1");
        assertThat(pushed()).containsExactly("c1");
        phone.sends(word("proceed", "romeo@localhost/orchard", "c1"));
        calls("c2");
        phone.sends(word("proceed", "romeo@localhost/orchard", "c2"));
        server.after(Duration.ofSeconds(10));
        assertThat(pushed()).isEmpty();
    }

    @Test
    void callThatNobodyTakesOverRingsTheOthersAfterAll() {
        device("tab").leaves();
        calls("c1");
        phone.sends(word("proceed", "romeo@localhost/orchard", "c1"));
        app.forgets();
        calls("c2");
        server.after(Duration.ofSeconds(2));
        assertThat(pushed()).isEmpty();
        server.after(Duration.ofSeconds(1));
        assertThat(pushed()).containsExactly("c2");
    }

    /** Check 36. */
    @Test
    void whoeverCallsAllTheTimeRingsThreeTimesInAMinute() {
        phone.leaves();
        for (int i = 1; i <= 4; i++) {
            calls("c" + i);
            romeo.sends(word("retract", HERE, "c" + i));
            server.after(Duration.ofSeconds(10));
        }
        assertThat(pushed().stream().filter(each -> !each.equals("alert"))).containsExactly("c1", "c2", "c3");
    }

    /** Check 36. */
    @Test
    void strangersAreShownAndDoNotRing() {
        phone.leaves();
        server.connect("paris@localhost/x").sends(word("propose", HERE, "c1"));
        assertThat(pushed()).containsExactly("alert");
    }

    @Test
    void serverFromWhichAllTheWorldCallsRingsAHundredTimesInAMinute() {
        for (int i = 0; i <= Judge.CALLS_OF_A_SERVER; i++) {
            phone.sends("<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='p" + i
                    + "@app.localhost'/></query></iq>");
            phone.ignores();
        }
        phone.leaves();
        for (int i = 0; i <= Judge.CALLS_OF_A_SERVER; i++) {
            for (String word : List.of("propose", "retract")) {
                app.says(
                        server,
                        word(word, HERE, "c" + i).replace("<message ", "<message from='p" + i + "@app.localhost/x' "));
            }
        }
        assertThat(pushed().stream().filter(each -> !each.equals("alert"))).hasSize(Judge.CALLS_OF_A_SERVER);
        calls("c");
        assertThat(pushed()).containsExactly("c");
    }

    /** Check 14. */
    @Test
    void blockedCallerDoesNotRing() {
        phone.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block></iq>");
        phone.leaves();
        calls("c1");
        server.after(Duration.ofMinutes(2));
        assertThat(pushed()).isEmpty();
    }

    @Test
    void callIsTriedAgainWhileItRings() {
        phone.leaves();
        app.refuses(im.dunlin.core.stanza.StanzaError.resourceConstraint());
        calls("c1");
        server.after(Duration.ofSeconds(1));
        app.refuses(null);
        server.after(Duration.ofSeconds(2));
        server.after(Duration.ofSeconds(30));
        assertThat(pushed()).containsExactly("c1", "c1", "c1");
    }

    @Test
    void noCallRingsWhenItIsOver() {
        phone.leaves();
        app.isSilent();
        calls("c1");
        app.forgets();
        server.after(Duration.ofSeconds(61));
        app.refuses(null);
        server.after(Duration.ofMinutes(2));
        assertThat(pushed()).doesNotContain("c1");
    }
}
