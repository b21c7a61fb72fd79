// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.CAROL;
import static im.dunlin.sync.rewrite.RewriteFixture.NOTIFY;
import static im.dunlin.sync.rewrite.RewriteFixture.REWRITE;
import static im.dunlin.sync.rewrite.RewriteFixture.archive;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.isSound;
import static im.dunlin.sync.rewrite.RewriteFixture.online;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.retract;
import static im.dunlin.sync.rewrite.RewriteFixture.retractAll;
import static im.dunlin.sync.rewrite.RewriteFixture.texts;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of the account's own clients: each row of the decision table, and what the two sides see of it. */
class RewriteDialogueTest {
    private static final Name SENT = Name.of("urn:xmpp:carbons:2", "sent");

    private final TestServer server = TestServer.with(RewriteFixture.modules());
    private final TestClient alice = xabber(server, "alice@localhost/web");
    private final TestClient carol = xabber(server, "carol@localhost/phone");

    @AfterEach
    void close() {
        isSound(server, ALICE, "at the end");
        isSound(server, CAROL, "at the end");
        server.close();
    }

    private void says(TestClient from, BareJid to, String id, String body) {
        RewriteFixture.says(server, from, to.toString(), id, "<body>" + body + "</body>");
        alice.ignores();
        carol.ignores();
    }

    private ConversationHead hers() {
        return RewriteFixture.head(server, ALICE, CAROL, ConversationType.CHAT);
    }

    private ConversationHead carols() {
        return RewriteFixture.head(server, CAROL, ALICE, ConversationType.CHAT);
    }

    private void fails(String request, String condition) {
        alice.ignores();
        ConversationHead before = hers();
        ConversationHead carolsBefore = carols();
        List<String> texts = texts(server, ALICE);
        alice.sends(request);
        alice.receivesError(condition);
        alice.receivesNothing();
        carol.receivesNothing();
        assertThat(hers()).isEqualTo(before);
        assertThat(carols()).isEqualTo(carolsBefore);
        assertThat(texts(server, ALICE)).isEqualTo(texts);
    }

    // ---- edits
    // -------------------------------------------------------------------------------------------------------

    /** Vector 9.10, what both archives and those who are there see. */
    @Test
    void editChangesBothArchivesAndTellsBothSides() {
        says(alice, CAROL, "m1", "old text");
        says(alice, CAROL, "m2", "and more");
        ConversationHead before = hers();
        ConversationHead carolsBefore = carols();

        alice.sends(replace(id(server, ALICE, "m1"), "new text"));

        Element hers = alice.receives("<message type='headline' from='alice@localhost' to='alice@localhost'>"
                + "<replace xmlns='" + NOTIFY + "' id='" + id(server, ALICE, "m1")
                + "' conversation='carol@localhost' type='urn:xabber:chat'>"
                + "<message xmlns='jabber:client' id='m1' type='chat'><body>new text</body>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='" + id(server, ALICE, "m1") + "'/>"
                + "<archived xmlns='urn:xmpp:mam:tmp' by='alice@localhost'/>"
                + "<time xmlns='https://xabber.com/protocol/delivery' by='alice@localhost' stamp='2026-01-01T00:00:01.000000Z'/>"
                + "<replaced xmlns='" + REWRITE
                + "' stamp='2026-01-01T00:00:02.000002Z'/></message></replace></message>");
        assertThat(hers.firstChild().attr("version")).isEqualTo(Long.toString(hers().rewriteVersion()));
        alice.receives("<iq type='result' id='r'/>");
        carol.receives("<message type='headline' from='carol@localhost'><replace xmlns='" + NOTIFY + "' id='"
                + id(server, CAROL, "m1") + "' conversation='alice@localhost' version='" + carols().rewriteVersion()
                + "'><message xmlns='jabber:client'><body>new text</body></message></replace></message>");
        carol.receivesNothing();
        assertThat(texts(server, ALICE)).containsExactly("m1 new text", "m2 and more", "change");
        assertThat(texts(server, CAROL)).containsExactly("m1 new text", "m2 and more", "change");
        assertThat(hers().orderStamp()).isEqualTo(before.orderStamp());
        assertThat(hers().changeStamp()).isEqualTo(hers().rewriteVersion()).isGreaterThan(before.changeStamp());
        assertThat(hers().lastMessage()).isEqualTo(before.lastMessage());
        assertThat(carols().unread()).isEqualTo(carolsBefore.unread()).isEqualTo(2);
    }

    @Test
    void editWithoutANamespaceOfItsOwnIsRead() {
        says(alice, CAROL, "m1", "old");

        alice.sends("<iq type='set' id='r'><replace xmlns='" + REWRITE + "' id='" + id(server, ALICE, "m1")
                + "' type='urn:xabber:chat'><message><body>new</body></message></replace></iq>");

        alice.next();
        alice.receives("<iq type='result' id='r'/>");
        assertThat(texts(server, CAROL)).contains("m1 new");
    }

    @Test
    void editKeepsTheIdsOfTheMessageAndNotItsOwn() {
        RewriteFixture.says(
                server, alice, "carol@localhost", "m1", "<body>old</body><origin-id xmlns='urn:xmpp:sid:0' id='o-1'/>");
        alice.ignores();

        alice.sends("<iq type='set' id='r'><replace xmlns='" + REWRITE + "' id='" + id(server, ALICE, "m1")
                + "' type='urn:xabber:chat'><message xmlns='jabber:client'><body>new</body>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='o-2'/><archived xmlns='urn:xmpp:mam:tmp' id='7'/>"
                + "<replaced xmlns='" + REWRITE + "' stamp='1999-01-01T00:00:00Z'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='7'/></message></replace></iq>");

        String event = alice.next().toString();
        assertThat(event)
                .contains("id='o-1'")
                .doesNotContain("o-2")
                .doesNotContain("id='7'")
                .doesNotContain("1999");
    }

    @Test
    void editOfANoteToOneselfIsMadeAtOnce() {
        says(alice, ALICE, "m1", "milk");

        alice.sends(replace(id(server, ALICE, "m1"), "tea"));

        alice.next();
        alice.receives("<iq type='result' id='r'/>");
        assertThat(texts(server, ALICE)).contains("m1 tea");
    }

    @Test
    void editThatCannotBeMadeChangesNothing() {
        says(alice, CAROL, "m1", "mine");
        says(carol, ALICE, "c1", "hers");
        says(alice, CAROL, "m2", "taken back");
        String mine = id(server, ALICE, "m1");
        alice.sends(retract(id(server, ALICE, "m2"), true));
        carol.ignores();

        fails(replace("1700000000000000", "x"), "item-not-found");
        fails(replace("no id of ours", "x"), "item-not-found");
        fails(replace(id(server, CAROL, "m1").equals(mine) ? "7" : id(server, CAROL, "m1"), "x"), "item-not-found");
        fails(replace(id(server, ALICE, "m2"), "x"), "item-not-found");
        fails(replace(id(server, ALICE, "c1"), "x"), "not-allowed");
        fails(replace(mine, "x").replace("urn:xabber:chat", "urn:xmpp:omemo:2"), "item-not-found");
        fails(replace(mine, "x").replace("urn:xabber:chat", "urn:unheard:of"), "item-not-found");
        fails(replace(mine, "x").replace(" type='urn", " conversation='bob@localhost' type='urn"), "item-not-found");
        fails(replace(mine, "x").replace("urn:xabber:chat", ""), "bad-request");
        fails(replace(mine, "x").replace(" type='urn:xabber:chat'", ""), "bad-request");
        fails(replace(mine, "x").replace(" id='" + mine + "'", ""), "bad-request");
        fails(replace(mine, "x").replace("<body>x</body>", ""), "bad-request");
        fails(
                "<iq type='set' id='r'><replace xmlns='" + REWRITE + "' id='" + mine
                        + "' type='urn:xabber:chat'/></iq>",
                "bad-request");
    }

    @Test
    void editThatThePeerDoesNotHaveChangesNothing() {
        carol.sends("<iq type='set' id='p'><prefs xmlns='urn:xmpp:mam:2' default='never'/></iq>");
        says(alice, CAROL, "m1", "unrecorded");

        fails(replace(id(server, ALICE, "m1"), "x"), "item-not-found");
    }

    @Test
    void editOfAMessageWithoutAnyIdIsMade() {
        RewriteFixture.says(server, alice, "carol@localhost", "", "<body>old</body>");
        alice.sends("<message type='chat' to='carol@localhost'><body>old</body></message>");
        String id = id(server, ALICE, "null");

        alice.ignores();
        carol.ignores();
        alice.sends(replace(id, "new"));

        alice.next();
        alice.receives("<iq type='result' id='r'/>");
        assertThat(texts(server, CAROL)).contains("null new");
    }

    @Test
    void editFromTheServersOfOthersIsAnsweredAsOneThatCannotBeReached() {
        says(alice, BareJid.of("bob@elsewhere.example"), "m1", "hello");

        fails(replace(id(server, ALICE, "m1"), "x"), "remote-server-not-found");
        fails(retract(id(server, ALICE, "m1"), true), "remote-server-not-found");
    }

    @Test
    void peerThatHasBlockedTheAuthorIsNotChanged() {
        says(alice, CAROL, "m1", "before the quarrel");
        carol.sends(
                "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block></iq>");
        carol.ignores();

        fails(replace(id(server, ALICE, "m1"), "x"), "service-unavailable");
    }

    @Test
    void messageThatIsSentAgainAfterItWasEditedIsNoSecondMessage() {
        String id = "0123456789abcdef-1";
        says(alice, CAROL, id, "sent once");
        alice.sends(replace(id(server, ALICE, id), "edited"));
        alice.loses();
        server.time().advance(Duration.ofSeconds(1));
        TestClient again = online(server, "alice@localhost/again");

        again.sends("<message type='chat' id='" + id + "' to='carol@localhost'><body>sent once</body></message>");

        assertThat(texts(server, CAROL)).containsExactly(id + " edited", "change");
    }

    @Test
    void clientOfThePeerCannotEditDirectly() {
        says(carol, ALICE, "c1", "from carol");
        String foreign = id(server, CAROL, "c1");

        carol.sends(replace(foreign, "x").replace("id='r'", "id='r' to='alice@localhost'"));

        carol.receivesError("not-allowed");
        assertThat(texts(server, ALICE)).contains("c1 from carol");
    }

    @Test
    void forgedArchiveIdOfAnotherDoesNotLinkMessages() {
        TestClient tybalt = xabber(server, "tybalt@localhost/tomb");
        says(alice, CAROL, "m1", "hers");
        String hers = id(server, ALICE, "m1");
        RewriteFixture.says(
                server,
                tybalt,
                "carol@localhost",
                "t1",
                "<body>his</body><stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='" + hers + "'/>");
        carol.ignores();

        alice.sends(retract(hers, true));

        assertThat(texts(server, CAROL)).contains("m1 RETRACTED", "t1 his");
    }

    // ---- retractions
    // -------------------------------------------------------------------------------------------------

    @Test
    void retractionForBothTakesTheMessageFromBothArchives() {
        says(carol, ALICE, "c1", "read");
        alice.sends(
                "<message type='chat' to='carol@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='c1'/></message>");
        says(carol, ALICE, "c2", "unread, last");
        long order = hers().orderStamp();
        assertThat(hers().unread()).isEqualTo(1);

        carol.sends(retract(id(server, CAROL, "c2"), true));

        alice.receives("<message type='headline'><retract-message xmlns='" + NOTIFY + "' id='"
                + id(server, ALICE, "c2") + "' conversation='carol@localhost' type='urn:xabber:chat' version='"
                + hers().rewriteVersion() + "'/></message>");
        carol.next();
        carol.receives("<iq type='result' id='r'/>");
        assertThat(hers().unread()).isZero();
        assertThat(hers().lastMessage()).isEqualTo(Long.parseLong(id(server, ALICE, "c1")));
        assertThat(hers().orderStamp()).as("never goes back").isEqualTo(order);
        assertThat(texts(server, ALICE)).contains("c2 RETRACTED");
    }

    /** Vector 9.12, the second request. */
    @Test
    void retractionThatComesAgainIsAnsweredAndChangesNothing() {
        says(carol, ALICE, "c1", "oops");
        String foreign = id(server, CAROL, "c1");
        carol.sends(retract(foreign, true));
        alice.ignores();
        ConversationHead before = hers();

        server.turn(CAROL, turn -> {
            turn.route(TestStanzas.parse(
                    "<iq type='set' id='again' from='carol@localhost' to='alice@localhost'><retract-message xmlns='"
                            + REWRITE + "' id='" + foreign + "' type='urn:xabber:chat' symmetric='true'/></iq>"));
            return null;
        });

        alice.receivesNothing();
        assertThat(hers()).isEqualTo(before);
    }

    @Test
    void retractionForOneselfLeavesThePeersArchive() {
        says(alice, CAROL, "m1", "mine");
        says(carol, ALICE, "c1", "hers");

        alice.sends(retract(id(server, ALICE, "m1"), false));
        alice.sends(retract(id(server, ALICE, "c1"), false));

        assertThat(texts(server, ALICE)).containsExactly("m1 RETRACTED", "c1 GONE", "change");
        assertThat(texts(server, CAROL)).containsExactly("m1 mine", "c1 hers");
        carol.receivesNothing();
        assertThat(hers().lastMessage()).isZero();
        assertThat(hers().unread()).isZero();
        assertThat(archive(alice)).isEmpty();
    }

    @Test
    void retractionThatCannotBeMadeChangesNothing() {
        says(carol, ALICE, "c1", "hers");
        String hers = id(server, ALICE, "c1");

        fails(retract("1700000000000000", false), "item-not-found");
        fails(retract("1700000000000000", true), "item-not-found");
        fails(retract(hers, true), "item-not-found");
        fails(retract(hers, true).replace("'true'", "'perhaps'"), "bad-request");
        fails(retract(hers, false).replace("urn:xabber:chat", ""), "bad-request");
        fails(retract(hers, false).replace(hers, ""), "bad-request");
        fails("<iq type='set' id='r'><query xmlns='" + REWRITE + "'/></iq>", "not-allowed");
        fails(
                "<iq type='set' id='r'><retract-user xmlns='" + REWRITE + "' id='6f2k' type='urn:xabber:chat'/></iq>",
                "not-allowed");
    }

    /** Vector 9.21. */
    @Test
    void editAndRetractionThatRaceEndWithTheRetraction() {
        says(alice, CAROL, "m1", "contended");
        String id = id(server, ALICE, "m1");

        alice.sends(replace(id, "edited"));
        long edit = hers().rewriteVersion();
        alice.sends(retract(id, true));
        assertThat(hers().rewriteVersion()).isGreaterThan(edit);
        carol.ignores();
        fails(replace(id, "too late"), "item-not-found");

        assertThat(texts(server, ALICE)).contains("m1 RETRACTED");
        assertThat(texts(server, CAROL)).contains("m1 RETRACTED");
    }

    // ---- all of a conversation
    // -----------------------------------------------------------------------------------------

    /** Vector 9.13, in the archive. */
    @Test
    void retractAllTakesThePlainMessagesAndLeavesTheEncrypted() {
        says(alice, CAROL, "m1", "plain");
        says(carol, ALICE, "c1", "plain");
        RewriteFixture.says(server, carol, "alice@localhost", "e1", "<encrypted xmlns='urn:xmpp:omemo:2'/>");
        ConversationHead encrypted = RewriteFixture.head(server, ALICE, CAROL, ConversationType.OMEMO_2);
        long order = hers().orderStamp();
        alice.ignores();

        alice.sends(retractAll(CAROL, "urn:xabber:chat"));

        alice.receives("<message type='headline'><retract-all xmlns='" + NOTIFY
                + "' conversation='carol@localhost' type='urn:xabber:chat' version='" + hers().rewriteVersion()
                + "'/></message>");
        alice.receives("<iq type='result' id='r'/>");
        alice.receivesNothing();
        assertThat(hers().unread()).isZero();
        assertThat(hers().lastMessage()).isZero();
        assertThat(hers().digest().count()).isZero();
        assertThat(hers().orderStamp()).isEqualTo(order);
        assertThat(RewriteFixture.head(server, ALICE, CAROL, ConversationType.OMEMO_2))
                .isEqualTo(encrypted);
        assertThat(archive(alice)).as("before the rows are cleared away").hasSize(1);
        server.after(Duration.ofSeconds(1));
        assertThat(archive(alice)).as("and after").hasSize(1);
        assertThat(texts(server, ALICE)).containsExactly("e1 null");
        assertThat(texts(server, CAROL)).hasSize(3);
    }

    /** Vector 9.13, the second request, and both sides. */
    @Test
    void retractAllOfNothingIsAnsweredWithoutAnEvent() {
        says(alice, CAROL, "m1", "plain");
        alice.sends(retractAll(CAROL, "urn:xabber:chat"));
        alice.ignores();
        ConversationHead before = hers();

        for (String request : List.of(
                retractAll(CAROL, "urn:xabber:chat"),
                retractAll(CAROL, "urn:unheard:of"),
                retractAll(BareJid.of("nobody@localhost"), "urn:xabber:chat"))) {
            alice.sends(request);
            alice.receives("<iq type='result' id='r'/>");
            alice.receivesNothing();
        }
        assertThat(hers()).isEqualTo(before);
        fails(retractAll(CAROL, "urn:xabber:chat").replace("'false'", "'true'"), "not-allowed");
        fails(retractAll(CAROL, ""), "bad-request");
        fails(retractAll(CAROL, "urn:xabber:chat").replace(" conversation='carol@localhost'", ""), "bad-request");
    }

    @Test
    void conversationGoesOnWhileItsOldMessagesAreClearedAway() {
        for (int i = 0; i < 700; i++) {
            alice.sends("<message type='chat' id='m" + i + "' to='carol@localhost'><body>" + i + "</body></message>");
            carol.ignores();
        }
        String old = id(server, ALICE, "m7");
        alice.sends(retractAll(CAROL, "urn:xabber:chat"));
        says(alice, CAROL, "new", "still here");

        assertThat(archive(alice)).containsExactly("still here");
        alice.ignores();
        // While rows go, at a time of the lane's own.
        alice.sends(replace(old, "x"));
        alice.receivesError("item-not-found");
        for (int i = 0; i < 4; i++) {
            isSound(server, ALICE, "while it is cleared");
            server.after(Duration.ofSeconds(1));
        }
        assertThat(texts(server, ALICE)).containsExactly("new still here");
        assertThat(hers().digest().count()).isEqualTo(1);
        alice.ignores();
        alice.sends("<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>"
                + "<after>" + old + "</after></set></query></iq>");
        assertThat(alice.next().name().local())
                .as("the old id still marks a place")
                .isEqualTo("message");
        assertThat(server.modules().provided(ConversationLog.class)).isNotNull();
    }

    // ---- standard clients
    // --------------------------------------------------------------------------------------------

    @Test
    void standardClientsOfBothSidesGetTheEditAsACorrection() {
        TestClient aliceOld = online(server, "alice@localhost/old");
        aliceOld.sends("<iq type='set' id='c'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        TestClient carolOld = online(server, "carol@localhost/old");
        says(alice, CAROL, "m1", "old text");
        aliceOld.ignores();
        carolOld.ignores();

        alice.sends(replace(id(server, ALICE, "m1"), "new text"));

        Element copy = aliceOld.next().first(SENT).first(Forwarded.NAME).firstChild();
        assertThat(copy.attr("from")).isEqualTo("alice@localhost/web");
        assertThat(copy.toString())
                .contains("<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>")
                .contains("new text")
                .doesNotContain(REWRITE);
        aliceOld.receivesNothing();
        carolOld.receives("<message type='chat' from='alice@localhost/web' to='carol@localhost'><body>new text</body>"
                + "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/></message>");
        carolOld.receivesNothing();
        assertThat(archive(carolOld)).containsExactly("new text", "new text");
        assertThat(archive(carol)).containsExactly("new text");
    }

    @Test
    void standardClientsFindTheRetractionInTheirCatchUp() {
        says(alice, CAROL, "m1", "secret");
        TestClient carolOld = online(server, "carol@localhost/old");
        alice.sends(retract(id(server, ALICE, "m1"), true));

        carolOld.receives("<message from='alice@localhost/web'><retract xmlns='urn:xmpp:message-retract:1' id='m1'/>"
                + "<store xmlns='urn:xmpp:hints'/></message>");
        assertThat(archive(carolOld)).hasSize(2).first().isEqualTo("-");
        assertThat(archive(carol)).isEmpty();
        assertThat(archive(alice)).isEmpty();
    }

    /** Vector 9.28. */
    @Test
    void correctionOfAStandardClientIsAnEditToXabbersClients() {
        TestClient carolOld = online(server, "carol@localhost/old");
        says(carolOld, ALICE, "s1", "wherefour");
        ConversationHead before = hers();

        RewriteFixture.says(
                server,
                carolOld,
                "alice@localhost",
                "s2",
                "<body>wherefore</body><replace xmlns='urn:xmpp:message-correct:0' id='s1'/>");

        alice.receives("<message type='headline'><replace xmlns='" + NOTIFY + "' id='" + id(server, ALICE, "s1")
                + "' version='" + hers().rewriteVersion()
                + "'><message xmlns='jabber:client' id='s1'><body>wherefore</body></message></replace></message>");
        alice.receivesNothing();
        carol.receives("<message type='headline'><replace xmlns='" + NOTIFY + "' id='" + id(server, CAROL, "s1")
                + "'/></message>");
        carol.receivesNothing();
        assertThat(hers().unread()).isEqualTo(before.unread()).isEqualTo(1);
        assertThat(hers().lastMessage()).isEqualTo(before.lastMessage());
        assertThat(hers().orderStamp()).isEqualTo(before.orderStamp());
        assertThat(archive(alice)).containsExactly("wherefore");
        assertThat(archive(online(server, "alice@localhost/old"))).containsExactly("wherefore", "wherefore");
    }

    @Test
    void correctionOfWhatIsUnknownIsAMessageToAll() {
        RewriteFixture.says(
                server,
                carol,
                "alice@localhost",
                "s2",
                "<body>hello</body><replace xmlns='urn:xmpp:message-correct:0' id='s1'/>");

        alice.receives("<message type='chat'><body>hello</body></message>");
        alice.receivesNothing();
        assertThat(hers().unread()).isEqualTo(1);
    }

    // ---- the service
    // -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "alice@localhost"})
    void featureIsFoundOnTheDomainAndOnTheAccount(String entity) {
        alice.sends("<iq type='get' id='d' to='" + entity
                + "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        assertThat(alice.next().toString())
                .contains("var='" + REWRITE + "'")
                .contains("var='urn:xmpp:message-retract:1'")
                .contains("var='urn:xmpp:message-retract:1#tombstone'");
    }

    @Test
    void hugeEditIsMadeLikeAnyOther() {
        says(alice, CAROL, "m1", "short");

        alice.sends(replace(id(server, ALICE, "m1"), "long ".repeat(40_000)));

        assertThat(carols().bytes()).isGreaterThan(400_000);
        alice.sends(retract(id(server, ALICE, "m1"), true));
        assertThat(carols().bytes()).isLessThan(3_000);
    }

    @Test
    void editCannotSayWhatOnlyServersSay() {
        says(alice, CAROL, "m1", "old text");
        TestClient standard = RewriteFixture.online(server, "carol@localhost/standard");
        carol.ignores();

        alice.sends(replace(id(server, ALICE, "m1"), "new text")
                .replace(
                        "</body>",
                        "</body><missed xmlns='https://dunlin.im/protocol/calls/1' sid='c1'/>"
                                + "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'/>"
                                + "<result xmlns='urn:xmpp:mam:2' id='1'/><received xmlns='urn:xmpp:carbons:2'/>"
                                + "<retract-all xmlns='" + NOTIFY + "' conversation='bob@localhost'/>"));

        Element change = standard.next();
        assertThat(change.toString())
                .contains("new text")
                .doesNotContain("missed", "propose", "<result", "<received", "retract-all");
        assertThat(carol.next().toString())
                .contains("new text")
                .doesNotContain("missed", "propose", "<result", "<received", "retract-all");
    }

    @Test
    void eventsThatPeersMadeUpReachNobody() {
        String made = "<retract-all xmlns='" + NOTIFY + "' conversation='%s' type='urn:xabber:chat' version='9'/>";
        for (String of : List.of("alice@localhost", "carol@localhost", "bob@localhost")) {
            for (String to : List.of("carol@localhost", "carol@localhost/phone")) {
                alice.sends("<message type='headline' to='" + to + "'>" + made.formatted(of) + "</message>");
                carol.receivesNothing();
                alice.sends("<message type='chat' to='" + to + "'>" + made.formatted(of) + "<body>hi</body></message>");
                assertThat(carol.next().toString()).contains("hi").doesNotContain("retract-all");
            }
        }
    }

    @Test
    void groupTellsOfItsOwnMessages() {
        String event = "<retract-message xmlns='" + NOTIFY + "' id='1' conversation='%s' version='9'"
                + " type='https://xabber.com/protocol/groups'/>";
        alice.sends("<message type='headline' to='carol@localhost'>" + event.formatted("bob@localhost") + "</message>");
        carol.receivesNothing();

        alice.sends(
                "<message type='headline' to='carol@localhost'>" + event.formatted("alice@localhost") + "</message>");

        assertThat(carol.next().toString()).contains("retract-message");
    }
}
