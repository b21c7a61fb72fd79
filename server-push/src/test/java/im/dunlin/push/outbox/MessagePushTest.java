// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.chat;
import static im.dunlin.push.PushFixture.enable;
import static im.dunlin.push.PushFixture.form;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which messages are published to a push service, when, and what is in it. */
class MessagePushTest {
    private static final String SM = "urn:xmpp:sm:3";
    private static final String HERE = "juliet@localhost";

    private final AppServer app = PushFixture.service("app");
    private final AppServer other = PushFixture.service("other");
    private final TestServer server = TestServer.with(PushFixture.modules(app, other));
    private final TestClient romeo = server.connect("romeo@localhost/orchard");
    private TestClient phone = server.connect("juliet@localhost/phone");

    @BeforeEach
    void begins() {
        phone.sends("<presence/>");
        romeo.sends("<presence/>");
        ImModules.befriend(romeo, phone);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void registers(TestClient device, String xml) {
        device.ignores();
        device.sends(xml);
        device.receives("<iq type='result' id='e'/>");
    }

    /** The phone is registered and away. */
    private void isAway() {
        registers(phone, enable("n"));
        phone.leaves();
    }

    /** The phone is registered and waits to be resumed. */
    private String sleeps() {
        registers(phone, enable("n"));
        String id = manages(phone);
        phone.loses();
        return id;
    }

    private static String manages(TestClient client) {
        client.ignores();
        client.sends("<enable xmlns='" + SM + "' resume='true'/>");
        return Objects.requireNonNull(client.next().attr("id"));
    }

    private void writes(String body) {
        romeo.sends(chat(HERE, body));
    }

    private List<Element> published() {
        server.after(Duration.ofSeconds(1));
        return published(app);
    }

    private static List<Element> published(AppServer service) {
        List<Element> all = new ArrayList<>();
        while (service.count() > 0) {
            all.add(service.nextRequest());
        }
        return all;
    }

    private static String count(Element publish) {
        return PushFixture.field(publish, "message-count");
    }

    @Test
    void deviceWhoseClientWantsToWaitIsNotWokenWhileItsUserIsBusyElsewhere() {
        TestClient web = server.connect("juliet@localhost/web");
        web.ignores();
        registers(
                phone,
                "<iq type='set' id='e'><enable xmlns='urn:xmpp:push2:0'><service>app.localhost</service>"
                        + "<client>c</client><match profile='urn:xmpp:push2:match:important'><grace>60</grace>"
                        + "<send xmlns='urn:xmpp:push2:send:notify-only:0'/></match></enable></iq>");
        phone.leaves();
        web.sends(chat("romeo@localhost", "busy"));
        server.after(Duration.ofSeconds(30));
        writes("and now?");
        server.after(Duration.ofSeconds(29));
        assertThat(app.count()).isZero();
        server.after(Duration.ofSeconds(1));
        assertThat(app.count()).isOne();
        app.forgets();

        web.sends(chat("romeo@localhost", "busy"));
        writes("and now?");
        web.sends("<message type='chat' to='romeo@localhost'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
                + "</message>");
        server.after(Duration.ofSeconds(50));
        web.sends(chat("romeo@localhost", "still busy"));
        server.after(Duration.ofSeconds(60));
        assertThat(app.count()).isZero();
    }

    /** Check 50, as far as pushes. */
    @Test
    void clockThatJumpsLosesNoPush() {
        isAway();
        app.refuses(StanzaError.resourceConstraint());
        writes("before the jump");
        server.after(Duration.ofSeconds(1));
        server.time().advance(Duration.ofHours(2));
        app.refuses(null);
        app.forgets();
        server.after(Duration.ZERO);
        assertThat(published(app)).hasSize(1);
    }

    /** Check 3. */
    @Test
    void offlineMessageIsPublishedByTheHostWithTheOptionsAsTheyWere() {
        isAway();
        writes("Wherefore art thou?");
        assertThat(app.count()).isZero();
        server.after(Duration.ofSeconds(1));

        assertThat(app.count()).isEqualTo(1);
        Stanza iq = Objects.requireNonNull(app.next());
        assertThat(iq.from()).hasToString("localhost");
        assertThat(iq.to()).hasToString("app.localhost");
        Element pubsub = iq.payload().children().get(0);
        assertThat(pubsub.name()).isEqualTo(Name.of("http://jabber.org/protocol/pubsub", "pubsub"));
        assertThat(pubsub.children())
                .extracting(child -> child.name().local())
                .containsExactly("publish", "publish-options");
        assertThat(pubsub.children().get(0).attr("node")).isEqualTo("n");
        assertThat(pubsub.children().get(1).firstChild()).hasToString(form("s-n"));
        assertThat(PushFixture.field(pubsub, "last-message-body")).isNotBlank();
        assertThat(count(pubsub)).isEqualTo("1");
        assertThat(pubsub.toString()).doesNotContain("art thou", "romeo", "juliet");
        server.after(Duration.ofHours(1));
        assertThat(app.count()).isZero();
    }

    /** Check 4. */
    @Test
    void lastRegistrationOfANodeIsTheOneThatIsUsed() {
        registers(phone, enable(AppServer.JID, "n", form("one")));
        registers(phone, enable(AppServer.JID, "n", form("two")));
        phone.leaves();
        writes("hello");

        assertThat(published()).singleElement().asString().contains("two").doesNotContain("one");
    }

    /** Check 5. */
    @Test
    void whatIsDisabledIsNotPublishedTo() {
        registers(phone, enable("n1"));
        registers(phone, enable("other.localhost", "n2", ""));
        registers(phone, "<iq type='set' id='e'><disable xmlns='urn:xmpp:push:0' jid='app.localhost' node='n1'/></iq>");
        phone.leaves();
        writes("hello");

        assertThat(published()).isEmpty();
        assertThat(published(other)).hasSize(1);
    }

    /** Check 8. */
    @Test
    void connectedDeviceThatAcknowledgesIsNotWoken() {
        registers(phone, enable("n"));
        manages(phone);
        writes("hello");
        phone.sends("<a xmlns='" + SM + "' h='1'/>");
        server.after(Duration.ofSeconds(11));
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    /** Check 8. */
    @Test
    void connectedDeviceThatDoesNotAcknowledgeIsWokenOnce() {
        registers(phone, enable("n"));
        manages(phone);
        writes("hello");
        server.after(Duration.ofSeconds(9));
        assertThat(app.count()).isZero();
        server.after(Duration.ofSeconds(1));
        assertThat(app.count()).isEqualTo(1);
        server.after(Duration.ofMinutes(1));
        phone.loses();
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isEqualTo(1);
    }

    @Test
    void deviceThatIsLateIsWokenForWhatComesThen() {
        registers(phone, enable("n"));
        manages(phone);
        writes("hello");
        server.after(Duration.ofSeconds(10));
        app.forgets();
        writes("are you there?");
        assertThat(app.count()).isEqualTo(1);
        phone.sends("<a xmlns='" + SM + "' h='2'/>");
        app.forgets();
        writes("ah");
        server.after(Duration.ofSeconds(1));
        assertThat(app.count()).isZero();
    }

    @Test
    void whatADeadConnectionSwallowedIsPushedWhenItIsFoundDead() {
        registers(phone, enable("n"));
        manages(phone);
        writes("hello");
        server.after(Duration.ofSeconds(3));
        phone.loses();
        assertThat(published()).hasSize(1);
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    /** Check 9. */
    @Test
    void burstIsOnePushWithTheNumberOfAll() {
        sleeps();
        for (int i = 1; i <= 30; i++) {
            writes("line " + i);
        }
        List<Element> pushes = published();
        pushes.addAll(published());
        assertThat(pushes)
                .hasSizeBetween(1, 2)
                .last()
                .satisfies(last -> assertThat(count(last)).isEqualTo("30"));
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    /** Check 9. */
    @Test
    void resumedDeviceIsNotWokenForWhatItMissed() {
        String id = sleeps();
        writes("hello");
        TestClient again = server.login(HERE);
        again.sends("<resume xmlns='" + SM + "' previd='" + id + "' h='0'/>");
        assertThat(published()).isEmpty();
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    /** Check 10. */
    @Test
    void whatNobodyWaitsForWakesNobody() {
        sleeps();
        TestClient tab = server.connect("juliet@localhost/tab");
        tab.sends("<presence/>");
        for (String quiet : List.of(
                "<active xmlns='http://jabber.org/protocol/chatstates'/>",
                "<received xmlns='urn:xmpp:receipts' id='1'/>",
                "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>",
                "<subject>stars</subject>",
                "<body> </body>",
                "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted><store xmlns='urn:xmpp:hints'/>",
                "<reactions xmlns='urn:xmpp:reactions:0' id='1'><reaction>+</reaction></reactions>")) {
            romeo.sends("<message type='chat' to='" + HERE + "'>" + quiet + "</message>");
        }
        romeo.sends("<message type='headline' to='" + HERE + "'><body>news</body></message>");
        romeo.sends("<message type='error' to='" + HERE + "' id='x'><body>b</body><error type='cancel'>"
                + "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        tab.sends(chat("romeo@localhost", "from me"));
        tab.sends(chat(HERE, "a note"));
        assertThat(published()).isEmpty();
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    @Test
    void encryptedMessageWakes() {
        isAway();
        romeo.sends("<message type='chat' to='" + HERE + "'><encrypted xmlns='eu.siacs.conversations.axolotl'>"
                + "<header sid='1'/><payload>AAAA</payload></encrypted><store xmlns='urn:xmpp:hints'/></message>");
        assertThat(published()).hasSize(1);
    }

    /** Check 11. */
    @Test
    void whatWasReadElsewhereMeanwhileIsNotPushed() {
        sleeps();
        TestClient web = server.connect("juliet@localhost/web");
        web.sends("<presence/>");
        web.ignores();
        romeo.sends("<message type='chat' id='m1' to='" + HERE + "'><body>hello</body></message>");
        String id = Objects.requireNonNull(
                web.next().requireChild(Name.of("urn:xmpp:sid:0", "stanza-id")).attr("id"));
        web.sends("<message type='chat' to='romeo@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>"
                + "<store xmlns='urn:xmpp:hints'/></message>");
        assertThat(id).isNotEmpty();
        assertThat(published()).isEmpty();
        server.after(Duration.ofMinutes(1));
        assertThat(app.count()).isZero();
    }

    /** Check 12. */
    @Test
    void mutedConversationWakesNobody() {
        isAway();
        writes("hello");
        assertThat(published()).hasSize(1);
        TestClient web = server.connect("juliet@localhost/web");
        web.sends("<iq type='set' id='q'><query xmlns='https://xabber.com/protocol/synchronization'>"
                + "<conversation jid='romeo@localhost' type='urn:xabber:chat' mute='600'/></query></iq>");
        assertThat(web.next().attr("type")).isEqualTo("result");
        web.leaves();
        writes("hello again");
        assertThat(published()).isEmpty();
    }

    /** Check 12. */
    @Test
    void userWhoWantsMentionsAloneIsWokenForThem() {
        phone.sends("<iq type='set' id='b'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<publish node='urn:xmpp:bookmarks:1'><item id='romeo@localhost'>"
                + "<conference xmlns='urn:xmpp:bookmarks:1'><extensions>"
                + "<notify xmlns='urn:xmpp:notification-settings:1'><always identity-category='client' identity-type='pc'/>"
                + "<on-mention identity-category='client' identity-type='phone'/><never/></notify>"
                + "</extensions></conference></item></publish></pubsub></iq>");
        isAway();
        writes("hello all");
        assertThat(published()).isEmpty();
        romeo.sends("<message type='chat' to='" + HERE + "'><body>hello juliet</body>"
                + "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:juliet@localhost'/></message>");
        assertThat(published()).hasSize(1);
    }

    /** Check 13. */
    @Test
    void strangersAreIgnoredWhereTheClientAsksForIt() {
        registers(
                phone,
                enable(
                        AppServer.JID,
                        "n",
                        form("s") + "<ignore-unknown xmlns='tigase:push:filter:ignore-unknown:0'/>"));
        phone.leaves();
        server.connect("paris@localhost/x").sends(chat(HERE, "madam"));
        assertThat(published()).isEmpty();
        writes("hello");
        assertThat(published()).hasSize(1);
    }

    /** Check 14. */
    @Test
    void blockedSenderWakesNobody() {
        phone.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block></iq>");
        isAway();
        writes("hello");
        assertThat(published()).isEmpty();
    }

    @Test
    void senderWhoIsBlockedMeanwhileWakesNobody() {
        isAway();
        writes("hello");
        server.connect("juliet@localhost/web")
                .sends(
                        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='romeo@localhost'/></block></iq>");
        assertThat(published()).isEmpty();
    }

    @Test
    void whoeverAsksToSubscribeWakesOnceInAnHour() {
        isAway();
        TestClient paris = server.connect("paris@localhost/x");
        paris.sends("<presence type='subscribe' to='" + HERE + "'/>");
        assertThat(published()).hasSize(1);
        paris.sends("<presence type='unsubscribe' to='" + HERE + "'/>");
        paris.sends("<presence type='subscribe' to='" + HERE + "'/>");
        assertThat(published()).isEmpty();
    }

    @Test
    void messageThatIsRetractedMeanwhileIsNotPushed() {
        isAway();
        romeo.sends("<message type='chat' id='m1' to='" + HERE + "'><body>oh</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='m1'/></message>");
        romeo.sends("<message type='chat' to='" + HERE + "'><retract xmlns='urn:xmpp:message-retract:1' id='m1'/>"
                + "<store xmlns='urn:xmpp:hints'/></message>");
        assertThat(published()).isEmpty();
    }
}
