// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static im.dunlin.sync.synchronization.SyncFixture.SYNC;
import static im.dunlin.sync.synchronization.SyncFixture.change;
import static im.dunlin.sync.synchronization.SyncFixture.conversation;
import static im.dunlin.sync.synchronization.SyncFixture.count;
import static im.dunlin.sync.synchronization.SyncFixture.last;
import static im.dunlin.sync.synchronization.SyncFixture.names;
import static im.dunlin.sync.synchronization.SyncFixture.page;
import static im.dunlin.sync.synchronization.SyncFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.archive.CountingStore;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the test vectors leave open. */
class SynchronizationDialogueTest {
    private static final ConversationKey BOB = new ConversationKey(BareJid.of("bob@localhost"), ConversationType.CHAT);

    private final CountingStore store = new CountingStore();
    private final SyncFixture alice = new SyncFixture(store);

    @AfterEach
    void close() {
        alice.close();
    }

    // ---- discovery
    // ---------------------------------------------------------------------------------------------------

    @Test
    void featureIsToldAfterLoginAndBeforeBinding() {
        assertThat(alice.server.open("localhost").features().toString()).doesNotContain(SYNC);
        assertThat(alice.server.login("alice@localhost").features().toString())
                .contains("<synchronization xmlns='" + SYNC + "'/>");
    }

    // ---- pages
    // -------------------------------------------------------------------------------------------------------

    @Test
    void pageBeforeACursorIsTheOneNextToIt() {
        for (int i = 1; i <= 6; i++) {
            alice.writes("peer" + i, i * 10);
        }
        TestClient phone = alice.connect("alice@localhost/phone");

        assertThat(names(alice.ask(phone, "", page(2, "<before>" + alice.stamp(20) + "</before>"))))
                .containsExactly("peer4", "peer3");
        assertThat(names(alice.ask(phone, "", page(2, "<before/>")))).containsExactly("peer2", "peer1");
        Element end = alice.ask(phone, "", page(2, "<before>" + alice.stamp(60) + "</before>"));
        assertThat(names(end)).isEmpty();
        assertThat(count(end)).isEqualTo("0");
    }

    @Test
    void deltaPagesHoldWhatMovedAndWhatChangedInItsPlaceInOneOrder() {
        for (int i = 1; i <= 6; i++) {
            alice.writes("peer" + i, i * 10);
        }
        TestClient web = alice.connect("alice@localhost/web");
        String stamp = alice.delta(web, "0").requireAttr("stamp");
        alice.sets(web, conversation("peer2", "pinned='1'"));
        alice.sets(web, conversation("peer4", "pinned='1'"));
        alice.writes("peer1", 70);
        alice.sets(web, conversation("peer3", "status='deleted'"));
        alice.writes("peer5", 80);

        List<String> all = new ArrayList<>();
        String after = "";
        for (int i = 0; i < 3; i++) {
            Element query = alice.ask(web, "stamp='" + stamp + "'", page(2, after));
            all.addAll(names(query));
            assertThat(count(query)).isEqualTo("5");
            assertThat(SyncFixture.index(query)).isEqualTo(Integer.toString(2 * i));
            after = "<after>" + last(query) + "</after>";
        }

        assertThat(all).containsExactly("peer5", "peer3", "peer1", "peer4", "peer2");
    }

    @Test
    void largestPageIsTheServers() {
        for (int i = 0; i < 260; i++) {
            String peer = "p" + i;
            alice.turn(turn -> {
                long stamp = turn.stamp();
                return alice.log()
                        .changeOrBegin(
                                turn,
                                new ConversationKey(BareJid.of(peer + "@localhost"), ConversationType.CHAT),
                                Cause.STATE,
                                () -> stamp,
                                head -> head.withOrderStamp(stamp));
            });
        }
        TestClient phone = alice.connect("alice@localhost/phone");

        for (String content : List.of("", page(1_000_000, ""), "<set xmlns='http://jabber.org/protocol/rsm'/>")) {
            Element query = alice.ask(phone, "", content);
            assertThat(names(query)).hasSize(250);
            assertThat(count(query))
                    .as("a client that asked for no page is told that there is more")
                    .isEqualTo("260");
        }
    }

    @Test
    void withoutAPageNothingIsSaidOfPages() {
        alice.writes("bob", 10);

        Element query = alice.ask(alice.connect("alice@localhost/phone"), "", "");

        assertThat(query.children()).hasSize(1);
    }

    /** A cursor of another walk is one of these, too. */
    @Test
    void cursorOfAWalkThatIsForgottenHasTheStampThatWasAskedWith() {
        alice.writes("bob", 10);
        alice.writes("carol", 20);
        alice.writes("bob", 30);
        TestClient other = alice.connect("alice@localhost/other");

        Element query =
                alice.ask(other, "stamp='" + alice.stamp(5) + "'", page(1, "<after>" + alice.stamp(30) + "</after>"));

        assertThat(names(query)).containsExactly("carol");
        assertThat(query.attr("stamp")).isEqualTo(alice.stamp(5));
        assertThat(SyncFixture.index(query)).isNull();
    }

    @Test
    void pageThatIsLeftOutMakesTheRankUnknownNotWrong() {
        for (int i = 1; i <= 6; i++) {
            alice.writes("peer" + i, i * 10);
        }
        TestClient phone = alice.connect("alice@localhost/phone");
        alice.ask(phone, "", page(2, ""));

        Element leap = alice.ask(phone, "", page(2, "<after>" + alice.stamp(30) + "</after>"));
        Element behind = alice.ask(phone, "", page(2, "<after>" + last(leap) + "</after>"));

        assertThat(SyncFixture.index(leap)).isNull();
        assertThat(SyncFixture.index(behind)).isNull();
    }

    @Test
    void cursorThatIsNoNumberIsNotFound() {
        TestClient phone = alice.connect("alice@localhost/phone");

        for (String cursor : List.of("<after>x</after>", "<before>-1</before>", "<after>bob@localhost</after>")) {
            phone.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "'>" + page(5, cursor) + "</query></iq>");
            phone.receivesError("item-not-found");
        }
        phone.sends("<iq type='get' id='q'><query xmlns='" + SYNC
                + "'><set xmlns='http://jabber.org/protocol/rsm'><max>many</max></set></query></iq>");
        phone.receivesError("bad-request");
    }

    @Test
    void formOfTheOldServerIsIgnored() {
        alice.writes("bob", 10);

        Element query = alice.ask(
                alice.connect("alice@localhost/phone"),
                "",
                "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>" + SYNC
                        + "</value></field></x>");

        assertThat(names(query)).containsExactly("bob");
    }

    @Test
    void lastMessagesThatAreTooMuchForOnePageAreLeftOutAndThePageIsFull() {
        String long1 = "x".repeat(90_000);
        for (int i = 1; i <= 4; i++) {
            alice.writes("peer" + i, i * 10, "<data xmlns='urn:example:data'>" + long1 + "</data>");
        }

        Element query = alice.ask(alice.connect("alice@localhost/phone"), "", page(60, ""));

        assertThat(names(query)).hasSize(4);
        assertThat(SyncFixture.conversations(query).stream()
                        .map(conversation -> state(conversation, "last-message") != null))
                .containsExactly(true, true, false, false);
    }

    // ---- what happens while a page is read
    // ---------------------------------------------------------------------------

    @Test
    void answerIsNotOlderThanAPushBeforeIt() throws InterruptedException {
        alice.writes("bob", 10);
        TestClient phone = alice.device("phone");
        CountDownLatch gate = new CountDownLatch(1);
        store.holdSnapshots(gate);
        sendsWithoutWaiting(phone, "<iq type='get' id='q'><query xmlns='" + SYNC + "'/></iq>");
        sendsWithoutWaiting(phone, change(conversation("bob", "pinned='7'")));
        CountDownLatch changed = new CountDownLatch(1);
        alice.server.lanes().submit(SyncFixture.ALICE, turn -> changed.countDown());
        changed.await();
        gate.countDown();
        alice.server.settle();

        phone.receives("<iq type='result' id='s'/>");
        phone.receives("<iq type='set'><query xmlns='" + SYNC + "'><conversation pinned='7'/></query></iq>");
        phone.receives("<iq type='result' id='q'><query xmlns='" + SYNC + "'><conversation pinned='7'/></query></iq>");
    }

    @Test
    void fifthPageAtATimeIsRefused() throws InterruptedException {
        alice.writes("bob", 10);
        TestClient phone = alice.connect("alice@localhost/phone");
        CountDownLatch gate = new CountDownLatch(1);
        store.holdSnapshots(gate);
        for (int i = 1; i <= 5; i++) {
            sendsWithoutWaiting(phone, "<iq type='get' id='q" + i + "'><query xmlns='" + SYNC + "'/></iq>");
        }
        CountDownLatch asked = new CountDownLatch(1);
        alice.server.lanes().submit(SyncFixture.ALICE, turn -> asked.countDown());
        asked.await();
        gate.countDown();
        alice.server.settle();

        Element refused = phone.receivesError("resource-constraint");
        assertThat(refused.attr("id")).isEqualTo("q5");
        assertThat(phone.waiting()).isEqualTo(4);
        assertThat(names(alice.delta(phone, "0"))).containsExactly("bob");
    }

    private void sendsWithoutWaiting(TestClient client, String xml) {
        Stanza stanza = TestStanzas.parse(xml);
        alice.server.router().fromClient(client.session(), client, stanza.withFrom(client.jid()), 100);
    }

    // ---- a store that lost its memory
    // --------------------------------------------------------------------------------

    @Test
    void stampFromALostEpochIsAnsweredWithEverything() {
        Store lost = new MemoryStore();
        String before;
        String after;
        try (SyncFixture first = new SyncFixture(lost)) {
            first.writes("bob", 10);
            before = first.stamp(10);
            after = first.stamp(20);
            lost.cluster().addEpoch(new im.dunlin.storage.Epoch(Long.parseLong(before), Long.parseLong(after)));
        }
        try (SyncFixture second = new SyncFixture(lost)) {
            second.writes("carol", 30);
            TestClient phone = second.connect("alice@localhost/phone");

            assertThat(names(second.delta(phone, Long.toString(Long.parseLong(before) + 1))))
                    .containsExactly("carol", "bob");
            assertThat(names(second.delta(phone, before))).containsExactly("carol");
        }
    }

    // ---- pushes
    // ------------------------------------------------------------------------------------------------------

    @Test
    void clientsThatDoNotSpeakItAreNotPushedTo() {
        alice.writes("bob", 10);
        TestClient plain = alice.connect("alice@localhost/plain");
        plain.sends("<presence/>");
        TestClient away = alice.connect("alice@localhost/away");
        away.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "'/></iq>");
        TestClient web = alice.device("web");
        plain.ignores();
        away.ignores();

        web.sends(change(conversation("bob", "pinned='1'")));

        plain.receivesNothing();
        away.receivesNothing();
        web.receives("<iq type='result'/>");
        web.receives("<iq type='set'/>");
    }

    @Test
    void stateThatItHasAlreadyIsPushedWithoutANewStamp() {
        alice.writes("bob", 10);
        TestClient web = alice.device("web");

        web.sends(change(conversation("bob", "pinned='0'")));

        web.receives("<iq type='result'/>");
        web.receives("<iq type='set'><query xmlns='" + SYNC + "' stamp='" + alice.stamp(10) + "'/></iq>");
        assertThat(alice.delta(web, "0").attr("stamp")).isEqualTo(alice.stamp(10));
    }

    @Test
    void severalChangesOfOneTurnArePushedInTheOrderOfTheirStampsOnceEach() {
        alice.writes("bob", 10);
        alice.writes("carol", 20);
        TestClient web = alice.device("web");
        ConversationKey carol = new ConversationKey(BareJid.of("carol@localhost"), ConversationType.CHAT);

        alice.turn(turn -> {
            alice.log().change(turn, BOB, Cause.STATE, head -> head.withPin(1));
            alice.log().change(turn, carol, Cause.STATE, head -> head.withPin(2));
            return alice.log().change(turn, BOB, Cause.POSITION, head -> head.withPin(3));
        });

        web.receives("<iq type='set'><query xmlns='" + SYNC
                + "'><conversation jid='carol@localhost' pinned='2'/></query></iq>");
        web.receives("<iq type='set'><query xmlns='" + SYNC
                + "'><conversation jid='bob@localhost' pinned='3'/></query></iq>");
        web.receivesNothing();
    }

    /** A client that keeps the stamp of the next push would never learn of it otherwise. */
    @Test
    void whatRetentionTakesIsPushed() {
        alice.writes("bob", 10);
        TestClient web = alice.device("web");

        alice.turn(turn -> alice.log().prune(turn, entry -> true, 10));

        Element push = web.receives("<iq type='set'><query xmlns='" + SYNC
                + "'><conversation jid='bob@localhost' status='active'/></query></iq>");
        assertThat(push.toString()).contains("<unread count='0'").doesNotContain("<last-message");
        web.receivesNothing();
    }

    @Test
    void retentionTakesFromAFewConversationsAtATime() {
        alice.turn(turn -> {
            for (int i = 0; i < 60; i++) {
                Message message = TestStanzas.message("<message type='chat' id='m' from='peer" + i
                        + "@localhost/x' to='alice@localhost'><body>hello</body></message>");
                alice.log().append(turn, Way.INBOUND, message, message.traits());
            }
            return null;
        });

        assertThat((Integer) alice.turn(turn -> alice.log().prune(turn, entry -> true, 500)))
                .isEqualTo(50);
        assertThat((Integer) alice.turn(turn -> alice.log().prune(turn, entry -> true, 500)))
                .isEqualTo(10);
        assertThat((Integer) alice.turn(turn -> alice.log().prune(turn, entry -> true, 500)))
                .isZero();
    }

    @Test
    void peersCannotPush() {
        alice.writes("bob", 10);
        TestClient web = alice.device("web");
        TestClient bob = alice.connect("bob");

        bob.sends(
                "<iq type='set' id='p' to='alice@localhost/web'><query xmlns='" + SYNC
                        + "' stamp='1'><conversation jid='carol@localhost' type='urn:xabber:chat' status='deleted'/></query></iq>");

        web.receivesNothing();
        bob.receivesError("service-unavailable");
    }

    // ---- state
    // -------------------------------------------------------------------------------------------------------

    @Test
    void statusAndMuteOfOneRequestAreOneChange() {
        alice.writes("bob", 10);
        TestClient web = alice.device("web");

        web.sends(change(conversation("bob", "status='archived' mute='900.0'")));

        web.receives("<iq type='result'/>");
        Element push = web.receives(
                "<iq type='set'><query xmlns='" + SYNC + "'><conversation status='archived'/></query></iq>");
        assertThat(push.toString()).contains("mute='");
        web.receivesNothing();
    }

    @Test
    void tombstoneIsNeitherPinnedNorActivated() {
        alice.writes("bob", 10);
        TestClient web = alice.connect("alice@localhost/web");
        alice.sets(web, conversation("bob", "status='deleted'"));

        for (String change : List.of("pinned='1'", "mute='1'", "status='active'", "status='archived'")) {
            web.sends(change(conversation("bob", change)));
            web.receivesError("item-not-found");
        }
        assertThat(names(alice.delta(web, "0"))).isEmpty();
    }

    @Test
    void muteIsOverWithoutAnyChange() {
        alice.writes("bob", 10);
        TestClient web = alice.connect("alice@localhost/web");
        alice.sets(web, conversation("bob", "mute='60'"));
        assertThat(SyncFixture.conversation(alice.delta(web, "0"), 0).attr("mute"))
                .isNotNull();

        alice.at(100);

        assertThat(SyncFixture.conversation(alice.delta(web, "0"), 0).attr("mute"))
                .isNull();
    }

    @Test
    void lastMessageHidesElementsThatClientsWouldCount() {
        alice.writes("bob", 10, "<conversation xmlns='" + SYNC + "' jid='x' type='y'/>");

        Element query = alice.delta(alice.connect("alice@localhost/phone"), "0");

        assertThat(query.toString().split("<conversation ", -1)).hasSize(2);
    }

    @Test
    void markerMayNameTheConversationThatItMeans() {
        alice.writes("bob", 10);
        alice.writes("bob", 20, "<encrypted xmlns='urn:xmpp:omemo:2'/>");
        TestClient web = alice.connect("alice@localhost/web");

        web.sends("<message type='chat' to='bob@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='m-20'>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='" + alice.stamp(20) + "'/></displayed>"
                + "<conversation xmlns='" + SYNC + "' jid='bob@localhost' type='urn:xabber:chat'/></message>");

        Element query = alice.delta(web, "0");
        assertThat(SyncFixture.conversation(query, 0).attr("type")).isEqualTo("urn:xmpp:omemo:2");
        assertThat(state(SyncFixture.conversation(query, 0), "unread").attr("count"))
                .isEqualTo("1");
        assertThat(state(SyncFixture.conversation(query, 1), "unread").attr("count"))
                .isEqualTo("0");
    }

    @Test
    void writingIsReading() {
        alice.writes("bob", 10);
        alice.at(20);
        TestClient web = alice.connect("alice@localhost/web");

        web.sends("<message type='chat' to='bob@localhost'><body>hi</body></message>");

        Element unread = state(SyncFixture.conversation(alice.delta(web, "0"), 0), "unread");
        assertThat(unread.attr("count")).isEqualTo("0");
        assertThat(unread.attr("after")).isEqualTo(alice.stamp(20));
    }

    @Test
    void peerCannotSmuggleAConversationIntoAnAnswer() {
        TestClient phone = alice.connect("alice@localhost/phone");
        String forged = "<conversation xmlns='%s' jid='carol@localhost' type='urn:xabber:chat' status='deleted'/>";
        long second = 10;
        for (String namespace : List.of(SYNC, "urn:x")) {
            for (String wrapper : List.of("%s", "<x xmlns='urn:x'><y>%s</y></x>")) {
                alice.writes("bob", ++second, wrapper.formatted(forged.formatted(namespace)));

                String query = alice.delta(phone, "0").toString();

                assertThat(query.split("<conversation", -1)).as(query).hasSize(2);
                assertThat(query).contains("at " + second);
            }
        }
    }
}
