// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** XEP-0308, XEP-0424, XEP-0425 and XEP-0444, as they reach both archives. */
class StandardRewritesDialogueTest {
    private static final BareJid JULIET = BareJid.of("juliet@localhost");
    private static final BareJid ROMEO = BareJid.of("romeo@localhost");
    private static final Name RESULT = Name.of("urn:xmpp:mam:2", "result");
    private static final Name MESSAGE = Name.of("jabber:client", "message");
    private static final Name RETRACTED = Name.of("urn:xmpp:message-retract:1", "retracted");

    private final TestServer server = TestServer.with(ArchiveFixture.modules());
    private final TestClient romeo = ArchiveFixture.online(server, "romeo@localhost/orchard");
    private final TestClient juliet = ArchiveFixture.online(server, "juliet@localhost/balcony");

    @AfterEach
    void close() {
        server.close();
    }

    private ConversationHead head(BareJid account, BareJid peer, ConversationType type) {
        return server.turn(
                account,
                turn -> server.modules().provided(ConversationLog.class).head(turn, new ConversationKey(peer, type)));
    }

    private ConversationHead hers() {
        return head(JULIET, ROMEO, ConversationType.CHAT);
    }

    private void says(TestClient from, String to, String id, String content) {
        server.time().advance(Duration.ofSeconds(1));
        from.sends("<message type='chat' id='" + id + "' to='" + to + "'>" + content + "</message>");
    }

    private void says(String id, String body) {
        says(romeo, "juliet@localhost", id, "<body>" + body + "</body>");
    }

    private void corrects(TestClient from, String to, String id, String of, String body) {
        says(from, to, id, "<body>" + body + "</body><replace xmlns='urn:xmpp:message-correct:0' id='" + of + "'/>");
    }

    private void retracts(TestClient from, String to, String id, String of) {
        says(
                from,
                to,
                id,
                "<retract xmlns='urn:xmpp:message-retract:1' id='" + of + "'/><body>took it back</body>"
                        + "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>");
    }

    /** What the archive shows a standard client, as id and content. */
    private List<String> archive(TestClient client) {
        client.ignores();
        client.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'/></iq>");
        List<String> shown = new ArrayList<>();
        for (Element next = client.next(); !next.name().local().equals("iq"); next = client.next()) {
            Element message = next.first(RESULT).first(Forwarded.NAME).first(MESSAGE);
            Element retracted = message.first(RETRACTED);
            String content = message.text(Message.BODY);
            shown.add(
                    message.attr("id") + ": " + (retracted == null ? content : "retracted by " + retracted.attr("id")));
        }
        return shown;
    }

    @Test
    void correctionOfWhatWasTakenBackShowsNothing() {
        says("m0", "before");
        says("m1", "wherefour");
        retracts(romeo, "juliet@localhost", "m2", "m1");
        ConversationHead before = hers();

        corrects(romeo, "juliet@localhost", "m3", "m1", "wherefore");

        assertThat(hers().lastMessage()).isEqualTo(before.lastMessage());
        assertThat(hers().unread()).isEqualTo(1);
        assertThat(hers().orderStamp()).isEqualTo(before.orderStamp());
    }

    @Test
    void correctionChangesTheMessageInItsPlaceOnBothSides() {
        says("m1", "wherefour");
        says("m2", "art thou");
        ConversationHead before = hers();

        corrects(romeo, "juliet@localhost", "m3", "m1", "wherefore");

        assertThat(archive(juliet)).containsExactly("m1: wherefore", "m2: art thou", "m3: wherefore");
        assertThat(archive(romeo)).containsExactly("m1: wherefore", "m2: art thou", "m3: wherefore");
        ConversationHead after = hers();
        assertThat(after.unread()).isEqualTo(before.unread()).isEqualTo(2);
        assertThat(after.lastMessage()).isEqualTo(before.lastMessage());
        assertThat(after.orderStamp()).isEqualTo(before.orderStamp());
        assertThat(after.rewriteVersion()).isEqualTo(after.changeStamp()).isGreaterThan(before.changeStamp());
    }

    /** Ids are for their senders to choose, also those of others. */
    @Test
    void peerCannotHideAMessageBehindOthersWithItsId() {
        says(juliet, "romeo@localhost", "mine", "<body>wherefour</body>");
        for (int i = 0; i < 20; i++) {
            says("mine", "number " + i);
        }

        corrects(juliet, "romeo@localhost", "m2", "mine", "wherefore");

        assertThat(archive(juliet)).startsWith("mine: wherefore", "mine: number 0");
        assertThat(archive(romeo)).startsWith("mine: wherefore", "mine: number 0");
    }

    @Test
    void correctionOvertakesTheOneBefore() {
        says("m1", "a");
        corrects(romeo, "juliet@localhost", "m2", "m1", "b");
        corrects(romeo, "juliet@localhost", "m3", "m1", "c");

        assertThat(archive(juliet)).containsExactly("m1: c", "m3: c");
        assertThat(hers().digest().count()).isEqualTo(2);
    }

    @Test
    void correctionThatNamesTheLastOneMeansTheFirst() {
        says("m1", "a");
        corrects(romeo, "juliet@localhost", "m2", "m1", "b");
        corrects(romeo, "juliet@localhost", "m3", "m2", "c");

        assertThat(archive(juliet)).containsExactly("m1: c", "m3: c");
    }

    @Test
    void correctionOfWhatIsNotHereIsAMessage() {
        corrects(romeo, "juliet@localhost", "m2", "unknown", "hello");

        assertThat(hers().unread()).isEqualTo(1);
        assertThat(hers().lastMessage()).isPositive();
        assertThat(hers().rewriteVersion()).isZero();
    }

    @Test
    void nobodyCorrectsOrRetractsWhatAnotherWrote() {
        says("m1", "hers to keep");
        TestClient tybalt = ArchiveFixture.online(server, "tybalt@localhost/tomb");

        corrects(juliet, "romeo@localhost", "j1", "m1", "forged");
        retracts(juliet, "romeo@localhost", "j2", "m1");
        corrects(tybalt, "juliet@localhost", "t1", "m1", "forged");
        retracts(tybalt, "juliet@localhost", "t2", "m1");

        assertThat(archive(juliet)).contains("m1: hers to keep");
        assertThat(archive(romeo)).contains("m1: hers to keep");
        assertThat(hers().rewriteVersion()).isZero();
    }

    @Test
    void plainCorrectionDoesNotReachAnEncryptedMessage() {
        says(romeo, "juliet@localhost", "m1", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>");

        corrects(romeo, "juliet@localhost", "m2", "m1", "plain");

        assertThat(head(JULIET, ROMEO, ConversationType.OMEMO).rewriteVersion()).isZero();
        assertThat(hers().unread()).as("it is a message of its own").isEqualTo(1);
    }

    @Test
    void retractionLeavesATombstoneAndTheMessageBeforeIsTheLast() {
        says("m1", "one");
        says("m2", "two");
        long first = hers().digest().count();

        retracts(romeo, "juliet@localhost", "m3", "m2");

        assertThat(archive(juliet)).containsExactly("m1: one", "m2: retracted by m3", "m3: took it back");
        assertThat(archive(romeo)).containsExactly("m1: one", "m2: retracted by m3", "m3: took it back");
        assertThat(hers().unread()).isEqualTo(1);
        assertThat(hers().digest().count()).isEqualTo(first + 1);
        assertThat(hers().orderStamp()).as("order never goes back").isGreaterThan(hers().lastMessage());
    }

    @Test
    void retractionOfTheOnlyMessageLeavesNoLastMessage() {
        says("m1", "one");

        retracts(romeo, "juliet@localhost", "m2", "m1");

        assertThat(hers().lastMessage()).isZero();
        assertThat(hers().unread()).isZero();
        assertThat(hers().status()).isEqualTo(ConversationHead.Status.ACTIVE);
    }

    @Test
    void retractionTakesTheCorrectionsWithIt() {
        says("m1", "secret");
        corrects(romeo, "juliet@localhost", "m2", "m1", "a bigger secret");

        retracts(romeo, "juliet@localhost", "m3", "m1");

        assertThat(archive(juliet)).containsExactly("m1: retracted by m3", "m3: took it back");
        assertThat(archive(romeo)).containsExactly("m1: retracted by m3", "m3: took it back");
    }

    @Test
    void retractionReachesAnEncryptedMessage() {
        says(romeo, "juliet@localhost", "m1", "<encrypted xmlns='eu.siacs.conversations.axolotl'/>");

        retracts(romeo, "juliet@localhost", "m2", "m1");

        assertThat(head(JULIET, ROMEO, ConversationType.OMEMO).lastMessage()).isZero();
        assertThat(head(JULIET, ROMEO, ConversationType.OMEMO).unread()).isZero();
        assertThat(hers()).as("a retraction is no conversation of its own").isNull();
    }

    @Test
    void retractionComesTwiceAndChangesOnce() {
        says("m1", "one");
        retracts(romeo, "juliet@localhost", "m2", "m1");
        long version = hers().rewriteVersion();

        retracts(romeo, "juliet@localhost", "m3", "m1");
        corrects(romeo, "juliet@localhost", "m4", "m1", "back again");

        assertThat(hers().rewriteVersion()).isEqualTo(version);
        assertThat(archive(juliet)).contains("m1: retracted by m2");
    }

    @Test
    void idOfAMessageThatIsGoneStillBoundsAQuery() {
        says("m1", "a");
        corrects(romeo, "juliet@localhost", "m2", "m1", "b");
        juliet.next();
        String overtaken = juliet.next().first(StanzaId.NAME).attr("id");
        corrects(romeo, "juliet@localhost", "m3", "m1", "c");
        juliet.ignores();

        juliet.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>"
                + "<after>" + overtaken + "</after></set></query></iq>");

        assertThat(juliet.next()
                        .first(RESULT)
                        .first(Forwarded.NAME)
                        .first(MESSAGE)
                        .attr("id"))
                .isEqualTo("m3");
        juliet.receives("<iq type='result'/>");
    }

    @Test
    void serviceRetractsByTheIdThatItGave() {
        server.turn(JULIET, turn -> {
            turn.route(im.dunlin.core.testing.TestStanzas.message(
                    "<message type='chat' id='g1' from='tea@groups.example/nurse' to='juliet@localhost'><body>rude</body>"
                            + "<stanza-id xmlns='urn:xmpp:sid:0' by='tea@groups.example' id='77'/></message>"));
            return null;
        });
        String moderation = "<message type='chat' id='g2' from='%s' to='juliet@localhost'>"
                + "<retract xmlns='urn:xmpp:message-retract:1' id='77'>"
                + "<moderated xmlns='urn:xmpp:message-moderate:1' by='tea@groups.example/host'/></retract>"
                + "<store xmlns='urn:xmpp:hints'/></message>";
        for (String from : List.of("tea@groups.example/nurse", "tea@groups.example")) {
            assertThat(archive(juliet)).contains("g1: rude");
            server.turn(JULIET, turn -> {
                turn.route(im.dunlin.core.testing.TestStanzas.message(String.format(moderation, from)));
                return null;
            });
        }

        assertThat(archive(juliet)).contains("g1: retracted by g2");
    }

    @Test
    void reactionMovesTheChangeStampOnly() {
        says("m1", "one");
        ConversationHead before = hers();

        says(
                romeo,
                "juliet@localhost",
                "m2",
                "<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>+</reaction></reactions>"
                        + "<store xmlns='urn:xmpp:hints'/>");

        assertThat(hers().changeStamp()).isGreaterThan(before.changeStamp());
        assertThat(hers().orderStamp()).isEqualTo(before.orderStamp());
        assertThat(hers().unread()).isEqualTo(1);
        assertThat(hers().rewriteVersion()).isZero();
    }

    @Test
    void whatWaitsForSomebodyWhoIsAwayIsNotDeliveredOnceItIsRetracted() {
        TestClient nurse = server.connect("nurse@localhost/house");
        nurse.leaves();
        says(romeo, "nurse@localhost", "m1", "<body>secret</body>");
        retracts(romeo, "nurse@localhost", "m2", "m1");

        TestClient again = server.connect("nurse@localhost/house");
        again.sends("<presence/>");

        List<String> bodies = new ArrayList<>();
        while (again.waiting() > 0) {
            Element next = again.next();
            if (next.name().local().equals("message")) {
                bodies.add(next.text(Message.BODY));
            }
        }
        assertThat(bodies).containsExactly("took it back");
    }

    @Test
    void correctionThatMustNotBeStoredLeavesNothingInTheArchive() {
        says("one", "wherefore");
        for (String hint : List.of("no-store", "no-permanent-store")) {
            says(
                    romeo,
                    "juliet@localhost",
                    hint,
                    "<body>a secret</body><replace xmlns='urn:xmpp:message-correct:0' id='one'/><" + hint
                            + " xmlns='urn:xmpp:hints'/>");
            assertThat(juliet.next().text(Message.BODY)).isNotNull();
        }
        juliet.ignores();

        assertThat(archive(juliet).toString()).contains("wherefore").doesNotContain("a secret");
        assertThat(archive(romeo).toString()).contains("wherefore").doesNotContain("a secret");
    }
}
