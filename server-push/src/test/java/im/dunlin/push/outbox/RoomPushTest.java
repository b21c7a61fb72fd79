// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.enable;
import static im.dunlin.push.PushFixture.form;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a room sends to a device that sleeps wakes it for what its user wants of rooms, and nobody else's device. */
class RoomPushTest {
    private static final String ROOM = "verona@rooms.localhost";
    private static final String MENTION =
            "<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:juliet@localhost'/>";

    private final AppServer app = PushFixture.service("app");
    private final AppServer rooms = PushFixture.service("rooms");
    private final TestServer server = TestServer.with(PushFixture.modules(app, rooms));
    private final TestClient phone = server.connect("juliet@localhost/phone");

    @AfterEach
    void stop() {
        server.close();
    }

    private void sleeps(String extensions) {
        phone.sends(enable(AppServer.JID, "n", form("s") + extensions));
        phone.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        phone.loses();
    }

    private void bookmarks(String content) {
        phone.sends("<iq type='set' id='b'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<publish node='urn:xmpp:bookmarks:1'><item id='" + ROOM
                + "'><conference xmlns='urn:xmpp:bookmarks:1'>"
                + content + "</conference></item></publish></pubsub></iq>");
    }

    private int pushesOf(String content) {
        app.forgets();
        rooms.says(
                server,
                "<message type='groupchat' from='" + ROOM + "/romeo' to='juliet@localhost/phone'>" + content
                        + "</message>");
        server.after(Duration.ofSeconds(10));
        return app.count();
    }

    /** Check 12. */
    @Test
    void mentionAloneWakesWhereNothingElseWasSaid() {
        sleeps("");
        assertThat(pushesOf("<body>hello all</body>")).isZero();
        assertThat(pushesOf("<body>hello</body>" + MENTION)).isEqualTo(1);
        assertThat(pushesOf("<body>yes</body><reply xmlns='urn:xmpp:reply:0' id='1' to='juliet@localhost/phone'/>"))
                .isEqualTo(1);
        assertThat(pushesOf("<subject>stars</subject>")).isZero();
    }

    @Test
    void nickOfTheBookmarkIsAMentionAsAWordAlone() {
        bookmarks("<nick>Jul</nick>");
        sleeps("");
        assertThat(pushesOf("<body>jul, look</body>")).isEqualTo(1);
        assertThat(pushesOf("<body>in july</body>")).isZero();
        assertThat(pushesOf("<body>yes</body><reply xmlns='urn:xmpp:reply:0' id='1' to='" + ROOM + "/Jul'/>"))
                .isEqualTo(1);
    }

    @Test
    void userMayWantEverythingOfARoomOrNothing() {
        bookmarks("<extensions><notify xmlns='urn:xmpp:notification-settings:1'><always/></notify></extensions>");
        sleeps("");
        assertThat(pushesOf("<body>hello all</body>")).isEqualTo(1);
        TestClient web = server.connect("juliet@localhost/web");
        web.sends("<iq type='set' id='b'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                + "<publish node='urn:xmpp:bookmarks:1'><item id='" + ROOM
                + "'><conference xmlns='urn:xmpp:bookmarks:1'>"
                + "<extensions><notify xmlns='urn:xmpp:notification-settings:1'><never/></notify></extensions>"
                + "</conference></item></publish></pubsub></iq>");
        assertThat(pushesOf("<body>hello</body>" + MENTION)).isZero();
    }

    @Test
    void roomsThatTheClientListedFollowItsList() {
        sleeps("<groupchat xmlns='tigase:push:filter:groupchat:0'><room jid='" + ROOM
                + "' allow='always'/></groupchat>");
        assertThat(pushesOf("<body>hello all</body>")).isEqualTo(1);
    }

    @Test
    void roomThatTheClientDidNotListWakesNobody() {
        sleeps("<groupchat xmlns='tigase:push:filter:groupchat:0'><room jid='other@rooms.localhost' allow='always'/>"
                + "</groupchat>");
        assertThat(pushesOf("<body>hello</body>" + MENTION)).isZero();
    }

    @Test
    void roomWakesTheDeviceThatIsInItAlone() {
        TestClient tab = server.connect("juliet@localhost/tab");
        tab.sends(enable(AppServer.JID, "tab", form("s")));
        tab.leaves();
        sleeps("");
        assertThat(pushesOf("<body>hello</body>" + MENTION)).isEqualTo(1);
        assertThat(app.nextRequest().toString()).contains("node='n'");
    }

    @Test
    void invitationWakes() {
        sleeps("");
        app.forgets();
        server.connect("romeo@localhost/orchard")
                .sends("<message to='juliet@localhost'><x xmlns='jabber:x:conference' jid='" + ROOM + "'/></message>");
        server.after(Duration.ofSeconds(10));
        assertThat(app.count()).isEqualTo(1);
    }
}
