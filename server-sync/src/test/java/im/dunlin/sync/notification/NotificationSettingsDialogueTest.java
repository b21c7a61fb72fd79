// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.notification;

import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.bookmarks.BookmarksModule;
import im.dunlin.core.modules.caps.CapsModule;
import im.dunlin.core.modules.privatexml.PrivateXmlModule;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Alice has a Xabber client, web, and one that keeps settings in bookmarks, desk. */
class NotificationSettingsDialogueTest {
    private static final String SYNC = "https://xabber.com/protocol/synchronization";
    private static final String BOOKMARKS = "urn:xmpp:bookmarks:1";
    private static final BareJid ALICE = BareJid.of("alice@localhost");
    private static final BareJid BOB = BareJid.of("bob@localhost");

    private final TestServer server = TestServer.with(modules());
    private final TestClient bob = server.connect("bob@localhost/tab");
    private final TestClient web = server.connect("alice@localhost/web");
    private final TestClient desk = server.connect("alice@localhost/desk");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("caps", CapsModule::new);
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put(PepModule.KEY, PepModule::new);
        modules.put("private-xml", PrivateXmlModule::new);
        modules.put("bookmarks", BookmarksModule::new);
        modules.put(NotificationSettingsModule.KEY, NotificationSettingsModule::new);
        return modules;
    }

    NotificationSettingsDialogueTest() {
        web.sends("<presence/>");
        web.sends("<iq type='get' id='first'><query xmlns='" + SYNC + "'/></iq>");
        desk.sends("<presence/>");
        web.ignores();
        desk.ignores();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void writes() {
        server.time().advance(Duration.ofSeconds(1));
        bob.sends("<message type='chat' to='alice@localhost'><body>hello</body></message>");
    }

    /** A bookmark of Bob's chat with these settings, and nothing else waiting for Alice. */
    private void bookmarks(String name, String settings) {
        desk.ignores();
        web.ignores();
        published(
                desk,
                BOOKMARKS,
                "<item id='bob@localhost'><conference xmlns='" + BOOKMARKS + "' name='" + name + "'><extensions>"
                        + "<notify xmlns='urn:xmpp:notification-settings:1'>" + settings
                        + "</notify></extensions></conference></item>",
                "");
    }

    private ConversationHead head() {
        return Objects.requireNonNull(server.turn(
                ALICE,
                turn -> server.modules()
                        .provided(ConversationLog.class)
                        .head(turn, new ConversationKey(BOB, ConversationType.CHAT))));
    }

    private boolean isMuted() {
        return head().isMuted(server.time().instant().plus(Duration.ofDays(10_000)));
    }

    @Test
    void whoWantsNoNotificationMutesTheConversationAndXabbersClientsAreTold() {
        writes();
        ConversationHead before = head();

        bookmarks("Bob", "<never/>");

        assertThat(isMuted()).isTrue();
        assertThat(head().orderStamp()).isEqualTo(before.orderStamp());
        assertThat(head().changeStamp()).isGreaterThan(before.changeStamp());
        assertThat(web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>")
                        .toString())
                .contains(" mute='" + head().mutedUntil() + "'");
        web.receivesNothing();
    }

    @Test
    void anotherSettingEndsTheMute() {
        writes();
        bookmarks("Bob", "<never/>");

        bookmarks("Bob", "<always/>");

        assertThat(head().mutedUntil()).isZero();
        assertThat(web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>")
                        .toString())
                .doesNotContain(" mute=");
    }

    @Test
    void bookmarkThatIsRetractedEndsTheMute() {
        writes();
        bookmarks("Bob", "<never/>");

        desk.sends("<iq type='set' id='d'><pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='" + BOOKMARKS
                + "'><item id='bob@localhost'/></retract></pubsub></iq>");

        assertThat(head().mutedUntil()).isZero();
    }

    @Test
    void whatTheBookmarkDoesNotChangeStaysAsXabbersClientsHaveIt() {
        writes();
        bookmarks("Bob", "<always/>");
        web.sends("<iq type='set' id='m'><query xmlns='" + SYNC
                + "'><conversation jid='bob@localhost' type='urn:xabber:chat' mute='3600'/></query></iq>");
        long until = head().mutedUntil();

        bookmarks("Bob of Verona", "<always/>");
        assertThat(head().mutedUntil()).isEqualTo(until).isNotZero();

        bookmarks("Bob of Verona", "<never/>");
        web.sends("<iq type='set' id='m'><query xmlns='" + SYNC
                + "'><conversation jid='bob@localhost' type='urn:xabber:chat' mute=''/></query></iq>");
        bookmarks("Bob", "<never/>");
        assertThat(head().mutedUntil()).isZero();
    }

    @Test
    void settingForOneKindOfClientMutesNobodyElse() {
        writes();

        bookmarks("Bob", "<never identity-category='client' identity-type='pc'/><always/>");

        assertThat(head().mutedUntil()).isZero();
        web.receivesNothing();
    }

    @Test
    void conversationThatBeginsLaterIsMutedFromTheStart() {
        bookmarks("Bob", "<never/>");

        writes();

        assertThat(isMuted()).isTrue();
        web.next();
        web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>");
    }

    @Test
    void itemOfNoAddressChangesNothing() {
        writes();
        ConversationHead before = head();
        desk.ignores();

        published(
                desk,
                BOOKMARKS,
                "<item id='a@b@c'><conference xmlns='" + BOOKMARKS + "'><extensions>"
                        + "<notify xmlns='urn:xmpp:notification-settings:1'><never/></notify></extensions></conference></item>",
                "");

        assertThat(head()).isEqualTo(before);
    }
}
