// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.OwnerKey;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Positions of a conversation as messages move them. */
class MarkersDialogueTest {
    private static final String MARKERS = "xmlns='urn:xmpp:chat-markers:0'";
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");

    private final TestServer server = TestServer.with(ArchiveFixture.modules());
    private final TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private ConversationHead head(BareJid account, BareJid peer) {
        return server.turn(
                account,
                turn -> server.modules()
                        .provided(ConversationLog.class)
                        .head(turn, new ConversationKey(peer, ConversationType.CHAT)));
    }

    private ConversationHead hers() {
        return head(JULIET, ROMEO);
    }

    private ConversationHead his() {
        return head(ROMEO, JULIET);
    }

    /** Romeo says something; what it is in Juliet's archive. */
    private long says(String id) {
        server.time().advance(Duration.ofSeconds(1));
        juliet.ignores();
        romeo.sends("<message type='chat' id='" + id + "' to='juliet@localhost'><body>" + id + "</body></message>");
        return ArchiveId.parse(juliet.next().first(StanzaId.NAME).attr("id"));
    }

    @Test
    void messagesOfThePeerAreUnreadUntilTheUserWrites() {
        says("one");
        says("two");
        assertThat(hers().unread()).isEqualTo(2);
        assertThat(his().unread()).isZero();

        juliet.sends("<message type='chat' to='romeo@localhost'><body>Ay</body></message>");

        assertThat(hers().unread()).isZero();
        assertThat(his().unread()).isEqualTo(1);
    }

    @Test
    void ownMarkerMovesTheReadPositionAndThePeersIsDisplayed() {
        long one = says("one");
        says("two");
        says("three");
        long order = hers().orderStamp();

        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='one'/></message>");

        assertThat(hers().positions().read()).isEqualTo(one);
        assertThat(hers().unread()).isEqualTo(2);
        assertThat(hers().orderStamp()).as("reading is no message").isEqualTo(order);
        assertThat(hers().changeStamp()).isGreaterThan(order);
        assertThat(his().positions().displayed()).isPositive().isLessThan(his().lastMessage());
        assertThat(his().positions().delivered()).isZero();
    }

    /** A marker is not encrypted, so it stands among the plain messages. */
    @Test
    void markerOfAnEncryptedMessageChangesTwoConversations() {
        says("plain");
        romeo.sends("<message type='chat' id='secret' to='juliet@localhost'>"
                + "<encrypted xmlns='eu.siacs.conversations.axolotl'/></message>");

        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='secret'/></message>");

        ConversationLog log = server.modules().provided(ConversationLog.class);
        for (BareJid account : List.of(ROMEO, JULIET)) {
            OwnerKey owner = server.turn(account, turn -> turn.owner().key());
            assertThat(log.check().check(server.store(), owner, account)).isEmpty();
            long stamp = log.reader().stamp(server.store(), owner);
            assertThat(log.reader().changedSince(server.store(), owner, stamp - 2, 10))
                    .hasSize(2);
        }
    }

    @Test
    void positionsNeverMoveBack() {
        says("one");
        long two = says("two");
        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='two'/></message>");

        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='one'/></message>");

        assertThat(hers().positions().read()).isEqualTo(two);
        assertThat(hers().unread()).isZero();
    }

    @Test
    void markerMayNameTheArchiveId() {
        long one = says("one");

        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='unknown'>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@localhost' id='" + ArchiveId.format(one) + "'/>"
                + "</displayed></message>");

        assertThat(hers().positions().read()).isEqualTo(one);
    }

    @Test
    void receiptsOfEitherFormSayDelivered() {
        says("one");
        juliet.sends("<message to='romeo@localhost'><received xmlns='urn:xmpp:receipts' id='one'/></message>");
        long delivered = his().positions().delivered();
        assertThat(delivered).isEqualTo(his().lastMessage());

        says("two");
        juliet.sends("<message to='romeo@localhost'><received " + MARKERS + " id='two'/></message>");

        assertThat(his().positions().delivered()).isGreaterThan(delivered).isEqualTo(his().lastMessage());
    }

    @Test
    void strangersCannotMoveWhatTheyHaveNoPartIn() {
        long one = says("one");
        TestClient tybalt = ArchiveFixture.online(server, "tybalt@localhost/tomb");

        tybalt.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='one'>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@localhost' id='" + ArchiveId.format(one) + "'/>"
                + "</displayed></message>");
        romeo.sends("<message type='chat' to='juliet@localhost'><displayed " + MARKERS + " id='one'/></message>");

        assertThat(his().positions().displayed()).isZero();
        assertThat(hers().positions().displayed()).isZero();
        assertThat(head(ROMEO, BareJid.of("tybalt@localhost")).orderStamp())
                .as("a marker alone is no conversation")
                .isZero();
    }

    @Test
    void markerThatIsNotStoredMovesThePositionToo() {
        long one = says("one");

        juliet.sends("<message type='chat' to='romeo@localhost'><displayed " + MARKERS + " id='one'/>"
                + "<no-store xmlns='urn:xmpp:hints'/></message>");

        assertThat(hers().positions().read()).isEqualTo(one);
        assertThat(his().positions().displayed()).isPositive();
    }

    @Test
    void correctionsReactionsAndInvitationsAreNotUnread() {
        says("one");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>One!</body>"
                + "<replace xmlns='urn:xmpp:message-correct:0' id='one'/></message>");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>+1</body>"
                + "<reactions xmlns='urn:xmpp:reactions:0' id='one'><reaction>+1</reaction></reactions></message>");
        romeo.sends("<message to='juliet@localhost'><body>come</body>"
                + "<x xmlns='jabber:x:conference' jid='tomb@muc.localhost'/></message>");

        assertThat(hers().unread()).isEqualTo(1);
        assertThat(hers().digest().count()).isEqualTo(4);
    }

    @Test
    void encryptedMessagesAreAConversationOfTheirOwn() {
        says("one");
        romeo.sends("<message type='chat' to='juliet@localhost'><encrypted xmlns='eu.siacs.conversations.axolotl'/>"
                + "<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl'/></message>");
        romeo.sends("<message type='chat' to='juliet@localhost'><body>?OTR</body>"
                + "<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/></message>");

        assertThat(hers().unread()).isEqualTo(2);
        assertThat(server.turn(
                                JULIET,
                                turn -> server.modules()
                                        .provided(ConversationLog.class)
                                        .head(turn, new ConversationKey(ROMEO, ConversationType.OMEMO)))
                        .unread())
                .isEqualTo(1);
    }
}
