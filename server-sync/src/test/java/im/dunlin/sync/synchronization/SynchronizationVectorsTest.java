// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static im.dunlin.sync.synchronization.SyncFixture.ALICE;
import static im.dunlin.sync.synchronization.SyncFixture.SYNC;
import static im.dunlin.sync.synchronization.SyncFixture.change;
import static im.dunlin.sync.synchronization.SyncFixture.conversation;
import static im.dunlin.sync.synchronization.SyncFixture.conversations;
import static im.dunlin.sync.synchronization.SyncFixture.count;
import static im.dunlin.sync.synchronization.SyncFixture.first;
import static im.dunlin.sync.synchronization.SyncFixture.index;
import static im.dunlin.sync.synchronization.SyncFixture.last;
import static im.dunlin.sync.synchronization.SyncFixture.metadata;
import static im.dunlin.sync.synchronization.SyncFixture.names;
import static im.dunlin.sync.synchronization.SyncFixture.page;
import static im.dunlin.sync.synchronization.SyncFixture.set;
import static im.dunlin.sync.synchronization.SyncFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The test vectors of the protocol that concern conversations, each by its number. */
class SynchronizationVectorsTest {
    private static final String GROUP = "<x xmlns='https://xabber.com/protocol/groups'/>";
    private static final ConversationKey BOB = new ConversationKey(BareJid.of("bob@localhost"), ConversationType.CHAT);

    private final SyncFixture alice = new SyncFixture();

    @AfterEach
    void close() {
        alice.close();
    }

    /** Three conversations, a tombstone for dan, and carol is pinned; the state in which most vectors begin. */
    private void smallAccount() {
        alice.writes("tea", 10, GROUP);
        alice.writes("carol", 20);
        alice.writes("dan", 24);
        alice.at(25);
        alice.turn(turn -> alice.log().delete(turn, key("dan")));
        alice.writes("bob", 30);
        alice.at(40);
        alice.turn(turn -> alice.log().change(turn, key("carol"), Cause.STATE, head -> head.withPin(7)));
    }

    private static ConversationKey key(String name) {
        return new ConversationKey(BareJid.of(name + "@localhost"), ConversationType.CHAT);
    }

    private ConversationHead head(ConversationKey key) {
        return Objects.requireNonNull(alice.turn(turn -> alice.log().head(turn, key)));
    }

    @Test
    void vector9_1FirstSynchronisationOfASmallAccount() {
        smallAccount();
        TestClient phone = alice.connect("alice@localhost/phone");

        for (String stamp : List.of("", "stamp=''", "stamp='0'", "stamp='00'")) {
            Element query = alice.ask(phone, stamp, page(60, ""));

            assertThat(names(query)).containsExactly("bob", "carol", "tea");
            assertThat(conversation(query, 1).attr("pinned")).isEqualTo("7");
            assertThat(query.attr("stamp")).isEqualTo(alice.stamp(40));
            assertThat(first(query)).isEqualTo(alice.stamp(30));
            assertThat(last(query)).isEqualTo(alice.stamp(10));
            assertThat(count(query)).isEqualTo("3");
            assertThat(index(query)).isEqualTo("0");
        }
    }

    @Test
    void vector9_2EmptyAccount() {
        Element query = alice.ask(alice.connect("alice@localhost/phone"), "", page(60, ""));

        assertThat(query.toString())
                .isEqualTo("<query xmlns='" + SYNC + "' stamp='0'>"
                        + "<set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set></query>");
    }

    @Test
    void vector9_3NothingChanged() {
        smallAccount();
        Element query = alice.delta(alice.connect("alice@localhost/phone"), alice.stamp(40));

        assertThat(conversations(query)).isEmpty();
        assertThat(query.attr("stamp")).isEqualTo(alice.stamp(40));
        assertThat(count(query)).isEqualTo("0");
    }

    @Test
    void vector9_4DeltaAfterAMessageAndAPin() {
        smallAccount();
        alice.writes("bob", 50);
        alice.at(51);
        alice.sets(
                alice.connect("alice@localhost/web"),
                "<conversation jid='tea@localhost' type='https://xabber.com/protocol/groups' pinned='3'/>");

        Element query = alice.delta(alice.connect("alice@localhost/phone"), alice.stamp(40));

        assertThat(names(query)).containsExactly("bob", "tea");
        assertThat(conversation(query, 0).attr("stamp")).isEqualTo(alice.stamp(50));
        assertThat(state(conversation(query, 0), "unread").attr("count")).isEqualTo("2");
        assertThat(conversation(query, 0).toString()).contains("id='" + alice.stamp(50) + "'");
        assertThat(conversation(query, 1).attr("stamp")).isEqualTo(alice.stamp(10));
        assertThat(conversation(query, 1).attr("pinned")).isEqualTo("3");
        assertThat(query.attr("stamp")).isEqualTo(alice.stamp(51));
        assertThat(count(query)).isEqualTo("2");
    }

    // ---- walks
    // -------------------------------------------------------------------------------------------------------

    /** Messages of so many peers, a microsecond apart. */
    private void manyConversations(int count) {
        for (int from = 0; from < count; from += 500) {
            int first = from;
            alice.turn(turn -> {
                for (int i = first; i < Math.min(count, first + 500); i++) {
                    Message message = TestStanzas.message("<message type='chat' id='m' from='peer" + i
                            + "@localhost/x' to='alice@localhost'><body>hello</body></message>");
                    alice.log().append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
        }
    }

    /** All pages of a walk, as a client does that takes its cursor from the page and goes on until a page ends it. */
    private List<Element> walk(TestClient client, int max, Function<Element, String> cursor) {
        List<Element> pages = new ArrayList<>();
        String after = "";
        while (true) {
            Element query = alice.ask(client, "stamp='0'", page(max, after));
            pages.add(query);
            if (conversations(query).isEmpty()) {
                return pages;
            }
            after = "<after>" + cursor.apply(query) + "</after>";
        }
    }

    private static void assertWhole(List<Element> pages, int count, int max, String stamp) {
        assertThat(pages).hasSize((count + max - 1) / max + 1);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < pages.size(); i++) {
            Element query = pages.get(i);
            assertThat(query.attr("stamp")).isEqualTo(stamp);
            boolean isLast = i == pages.size() - 1;
            assertThat(count(query)).isEqualTo(isLast ? "0" : Integer.toString(count));
            assertThat(index(query)).isEqualTo(isLast ? null : Integer.toString(i * max));
            assertThat(last(query) == null).isEqualTo(isLast);
            if (i < pages.size() - 2) {
                assertThat(conversations(query)).hasSize(max);
            }
            names(query).forEach(name -> assertThat(seen.add(name)).as(name).isTrue());
        }
        assertThat(seen).hasSize(count);
    }

    @Test
    void vector9_5PagingAFirstSyncAsEachClientDoes() {
        manyConversations(10_000);
        TestClient phone = alice.connect("alice@localhost/phone");
        String stamp = alice.delta(phone, "0").attr("stamp");

        assertWhole(walk(phone, 25, SyncFixture::last), 10_000, 25, stamp);
        assertWhole(walk(phone, 60, SyncFixture::last), 10_000, 60, stamp);
        assertWhole(
                walk(
                        phone,
                        40,
                        query -> conversations(query)
                                .get(conversations(query).size() - 1)
                                .requireAttr("stamp")),
                10_000,
                40,
                stamp);
        assertThat(count(alice.delta(phone, stamp))).isEqualTo("0");
    }

    @Test
    void vector9_6ChangesDuringTheWalk() {
        manyConversations(10);
        alice.at(100);
        alice.turn(turn -> alice.log().change(turn, key("peer0"), Cause.STATE, head -> head.withPin(1)));
        TestClient phone = alice.connect("alice@localhost/phone");
        Element first = alice.ask(phone, "stamp='0'", page(3, ""));
        assertThat(names(first)).containsExactly("peer9", "peer8", "peer7");

        alice.writes("peer2", 101);
        alice.at(102);
        alice.sets(alice.connect("alice@localhost/web"), conversation("peer8", "mute='600'"));
        alice.at(103);
        alice.sets(alice.connect("alice@localhost/other"), conversation("peer4", "status='deleted'"));

        Element second = alice.ask(phone, "stamp='0'", page(3, "<after>" + last(first) + "</after>"));
        Element third = alice.ask(phone, "stamp='0'", page(3, "<after>" + last(second) + "</after>"));
        assertThat(names(second)).containsExactly("peer6", "peer5", "peer3");
        assertThat(names(third)).containsExactly("peer1", "peer0");
        assertThat(List.of(second, third)).allMatch(query -> alice.stamp(100).equals(query.attr("stamp")));

        Element delta = alice.delta(phone, alice.stamp(100));
        assertThat(names(delta)).containsExactly("peer4", "peer2", "peer8");
        assertThat(conversation(delta, 0).attr("status")).isEqualTo("deleted");
        assertThat(conversation(delta, 0).attr("stamp")).isEqualTo(alice.stamp(103));
        assertThat(conversation(delta, 1).attr("stamp")).isEqualTo(alice.stamp(101));
        assertThat(conversation(delta, 2).attr("stamp"))
                .isEqualTo(conversation(first, 1).attr("stamp"));
        assertThat(delta.attr("stamp")).isEqualTo(alice.stamp(103));
    }

    @Test
    void vector9_7ClockTieAndClockStepBack() {
        alice.at(50);
        manyConversations(2);
        alice.server.time().advance(Duration.ofHours(-1));
        TestClient phone = alice.connect("alice@localhost/phone");
        String second = alice.delta(phone, "0").attr("stamp");

        alice.connect("late").sends("<message type='chat' to='alice@localhost'><body>late</body></message>");

        Element query = alice.delta(phone, second);
        assertThat(names(query)).containsExactly("late");
        long x = Long.parseLong(alice.stamp(50));
        assertThat(second).isEqualTo(Long.toString(x + 1));
        assertThat(query.attr("stamp")).isEqualTo(Long.toString(x + 2));
        assertThat(names(alice.ask(phone, "", page(60, "<after>" + second + "</after>"))))
                .containsExactly("peer0");
    }

    // ---- deletion
    // ----------------------------------------------------------------------------------------------------

    @Test
    void vector9_8ConversationDeletedWhileOffline() {
        smallAccount();
        TestClient web = alice.device("web");
        alice.at(60);

        alice.sets(web, conversation("bob", "status='deleted'"));

        String tombstone = "<conversation jid='bob@localhost' type='urn:xabber:chat' status='deleted' stamp='"
                + alice.stamp(60) + "' thread='' pinned='0'/>";
        Element push = web.receives("<iq type='set' from='alice@localhost' to='alice@localhost/web'><query xmlns='"
                + SYNC + "' stamp='" + alice.stamp(60) + "'>" + tombstone + "</query></iq>");
        assertThat(conversation(push.children().get(0), 0).children()).isEmpty();
        TestClient phone = alice.connect("alice@localhost/phone");
        Element delta = alice.delta(phone, alice.stamp(51));
        assertThat(names(delta)).containsExactly("bob");
        assertThat(conversation(delta, 0).toString())
                .contains("status='deleted'")
                .contains(alice.stamp(60));
        assertThat(conversation(delta, 0).children()).isEmpty();
        assertThat(delta.attr("stamp")).isEqualTo(alice.stamp(60));
        assertThat(names(alice.delta(phone, "0"))).containsExactly("carol", "tea");

        alice.at(61);
        alice.sets(web, conversation("bob", "status='deleted'"));
        assertThat(alice.delta(phone, alice.stamp(60)).attr("stamp")).isEqualTo(alice.stamp(61));
        web.ignores();
        web.sends(change(conversation("nobody", "status='deleted'")));
        web.receivesError("item-not-found");
    }

    @Test
    void vector9_9RevivalAfterDeletion() {
        smallAccount();
        TestClient web = alice.device("web");
        alice.sets(web, conversation("bob", "pinned='9'"));
        alice.at(60);
        alice.sets(web, conversation("bob", "status='deleted'"));
        alice.writes("bob", 70);

        Element delta = alice.delta(alice.connect("alice@localhost/phone"), alice.stamp(51));

        assertThat(names(delta)).containsExactly("bob");
        Element bob = conversation(delta, 0);
        assertThat(bob.attr("status")).isEqualTo("active");
        assertThat(bob.attr("stamp")).isEqualTo(alice.stamp(70));
        assertThat(bob.attr("pinned")).isEqualTo("0");
        assertThat(state(bob, "unread").attr("count")).isEqualTo("1");
    }

    // ---- rewriting
    // ---------------------------------------------------------------------------------------------------

    private static String retract(String id) {
        return "<iq type='set' id='r'><retract-message xmlns='https://xabber.com/protocol/rewrite' id='" + id
                + "' type='urn:xabber:chat' symmetric='false'/></iq>";
    }

    @Test
    void vector9_12LastMessageRetracted() {
        alice.writes("bob", 48);
        alice.writes("bob", 50);
        TestClient web = alice.device("web");
        alice.at(90);
        web.sends(retract(alice.stamp(50)));

        List<String> told = new ArrayList<>();
        while (web.waiting() > 0) {
            Element stanza = web.next();
            told.add(stanza.name().local() + " " + stanza.attr("type"));
        }
        assertThat(told)
                .as("the event comes before the push with its stamp")
                .containsSubsequence("message headline", "iq set");
        TestClient phone = alice.connect("alice@localhost/phone");
        Element delta = alice.delta(phone, alice.stamp(51));
        Element bob = conversation(delta, 0);
        assertThat(names(delta)).containsExactly("bob");
        assertThat(bob.attr("stamp")).as("an order stamp never goes back").isEqualTo(alice.stamp(50));
        assertThat(state(bob, "last-message").toString()).contains("at 48").doesNotContain("at 50");
        assertThat(state(bob, "unread").attr("count")).isEqualTo("1");
        assertThat(metadata(bob, "https://xabber.com/protocol/rewrite").toString())
                .contains("<retract version='" + delta.attr("stamp") + "'/>");

        web.sends(retract(alice.stamp(48)));
        Element empty = conversation(alice.delta(phone, alice.stamp(51)), 0);
        assertThat(empty.attr("status")).isEqualTo("active");
        assertThat(state(empty, "last-message")).isNull();
        assertThat(state(empty, "unread").attr("count")).isEqualTo("0");
    }

    @Test
    void vector9_13RetractAllOfOneType() {
        alice.writes("bob", 10, "<encrypted xmlns='urn:xmpp:omemo:2'/>");
        alice.writes("bob", 20);
        TestClient web = alice.device("web");
        alice.at(30);

        web.sends("<iq type='set' id='r'><retract-all xmlns='https://xabber.com/protocol/rewrite' "
                + "conversation='bob@localhost' type='urn:xabber:chat' symmetric='false'/></iq>");

        web.ignores();
        Element delta = alice.delta(web, alice.stamp(20));
        assertThat(conversations(delta)).hasSize(1);
        Element chat = conversation(delta, 0);
        assertThat(chat.attr("type")).isEqualTo("urn:xabber:chat");
        assertThat(state(chat, "last-message")).isNull();
        assertThat(state(chat, "unread").attr("count")).isEqualTo("0");
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------

    @Test
    void vector9_16ActiveCallAtReconnect() {
        alice.writes("bob", 50);
        alice.at(120);
        Message offer =
                TestStanzas.message("<message type='chat' id='c-1' from='bob@localhost/desk' to='alice@localhost'>"
                        + "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'/></message>");
        Set<String> ringing = new HashSet<>(Set.of("bob@localhost"));
        alice.server.modules().provided(SynchronizationView.class).show(new LiveCalls() {
            @Override
            public @Nullable Message liveOffer(Reader reader, OwnerKey account, BareJid peer, Instant now) {
                return ringing.contains(peer.toString()) ? offer : null;
            }

            @Override
            public Set<BareJid> ringing(Reader reader, OwnerKey account, Instant now) {
                return Set.of();
            }
        });
        alice.turn(turn -> {
            alice.log().touch(turn, BOB, Cause.CALL, turn.stamp());
            return null;
        });

        TestClient phone = alice.connect("alice@localhost/phone");
        Element delta = alice.delta(phone, alice.stamp(51));

        Element call = metadata(conversation(delta, 0), "urn:xmpp:jingle-message:0");
        assertThat(call.toString())
                .isEqualTo("<metadata xmlns='" + SYNC + "' node='urn:xmpp:jingle-message:0'><call>"
                        + "<message xmlns='jabber:client' to='alice@localhost' from='bob@localhost/desk' id='c-1' type='chat'>"
                        + "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'/></message></call></metadata>");
        assertThat(state(conversation(delta, 0), "unread").attr("count")).isEqualTo("1");
        assertThat(conversation(delta, 0).attr("stamp")).isEqualTo(alice.stamp(50));

        ringing.clear();
        Element over = alice.delta(phone, alice.stamp(51));
        assertThat(metadata(conversation(over, 0), "urn:xmpp:jingle-message:0").children())
                .isEmpty();
    }

    // ---- devices
    // -----------------------------------------------------------------------------------------------------

    @Test
    void vector9_20TwoDevicesRacePinVersusMute() {
        smallAccount();
        TestClient phone = alice.device("phone");
        TestClient web = alice.device("web");
        alice.at(150);
        phone.ignores();

        phone.sends(change(conversation("bob", "pinned='1760000000000'")));
        alice.at(151);
        web.sends(change(conversation("bob", "mute='3600'")));

        phone.receives("<iq type='result'/>");
        for (TestClient device : List.of(phone, web)) {
            Element pin = device.receives("<iq type='set'><query xmlns='" + SYNC + "' stamp='" + alice.stamp(150)
                            + "'><conversation jid='bob@localhost' pinned='1760000000000'/></query></iq>")
                    .children()
                    .get(0);
            assertThat(conversation(pin, 0).attr("mute")).isNull();
            if (device == web) {
                device.receives("<iq type='result'/>");
            }
            long mute = Long.parseLong(alice.stamp(151)) / 1_000_000 + 3_600;
            device.receives("<iq type='set'><query xmlns='" + SYNC + "' stamp='" + alice.stamp(151)
                    + "'><conversation jid='bob@localhost' pinned='1760000000000' mute='" + mute + "'/></query></iq>");
            device.receivesNothing();
        }
    }

    @Test
    void vector9_22PushStampDoesNotOvertakeAMessage() {
        smallAccount();
        TestClient phone = alice.device("phone");
        TestClient web = alice.device("web");
        phone.ignores();

        alice.writes("bob", 160);
        alice.at(161);
        web.sends(change(conversation("carol", "pinned='8'")));

        phone.receives("<message type='chat' from='bob@localhost/x'/>");
        phone.receives("<iq type='set'><query xmlns='" + SYNC + "' stamp='" + alice.stamp(161) + "'/></iq>");
    }

    @Test
    void vector9_23ReadOnTheOtherDevice() {
        alice.writes("bob", 48);
        alice.writes("bob", 50);
        alice.at(60);
        TestClient web = alice.connect("alice@localhost/web");
        String marker = "<message type='chat' to='bob@localhost' id='mk1'>"
                + "<displayed xmlns='urn:xmpp:chat-markers:0' id='m-%1$s'>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='alice@localhost' id='%2$s'/>"
                + "<stanza-id xmlns='urn:xmpp:sid:0' by='bob@localhost' id='1760000000000000'/>"
                + "</displayed><no-store xmlns='urn:xmpp:hints'/></message>";

        web.sends(marker.formatted(50, alice.stamp(50)));

        TestClient phone = alice.connect("alice@localhost/phone");
        Element delta = alice.delta(phone, alice.stamp(51));
        Element bob = conversation(delta, 0);
        assertThat(bob.attr("stamp")).isEqualTo(alice.stamp(50));
        assertThat(state(bob, "unread").toString())
                .isEqualTo("<unread xmlns='" + SYNC + "' count='0' after='" + alice.stamp(50) + "'/>");
        assertThat(delta.attr("stamp")).isEqualTo(alice.stamp(60));

        alice.at(61);
        web.sends(marker.formatted(48, alice.stamp(48)));
        web.sends(marker.formatted("unknown", "1234567890123456"));
        assertThat(count(alice.delta(phone, alice.stamp(60)))).isEqualTo("0");
    }

    @Test
    void vector9_24MuteArchiveNewMessage() {
        alice.writes("bob", 50);
        alice.at(100);
        TestClient web = alice.connect("alice@localhost/web");
        alice.sets(web, conversation("bob", "mute='3900'"));
        alice.sets(web, conversation("bob", "status='archived'"));

        alice.writes("bob", 170);
        Element muted = conversation(alice.delta(web, "0"), 0);
        assertThat(muted.attr("status")).isEqualTo("archived");
        assertThat(muted.attr("mute")).isNotNull();
        assertThat(muted.attr("stamp")).isEqualTo(alice.stamp(170));

        alice.writes("bob", 4_001);
        Element woken = conversation(alice.delta(web, "0"), 0);
        assertThat(woken.attr("status")).isEqualTo("active");
        assertThat(woken.attr("mute")).isNull();

        alice.sets(web, conversation("bob", "status='archived'"));
        alice.writes("bob", 4_002);
        assertThat(conversation(alice.delta(web, "0"), 0).attr("status")).isEqualTo("active");

        alice.sets(web, conversation("bob", "mute='0'"));
        long forever = Long.parseLong(alice.stamp(4_002)) / 1_000_000 + 3_170_980_000L;
        assertThat(conversation(alice.delta(web, "0"), 0).attr("mute")).isEqualTo(Long.toString(forever));
        alice.sets(web, conversation("bob", "mute=''"));
        assertThat(conversation(alice.delta(web, "0"), 0).attr("mute")).isNull();
        alice.sets(web, conversation("bob", "pinned='1700000000000.0'"));
        assertThat(conversation(alice.delta(web, "0"), 0).attr("pinned")).isEqualTo("1700000000000");
        web.ignores();
        web.sends(change(conversation("bob", "pinned=''")));
        web.receivesError("bad-request");
    }

    @Test
    void vector9_25PendingSubscription() {
        smallAccount();
        TestClient web = alice.device("web");
        alice.at(180);
        TestClient eve = alice.connect("eve");
        eve.sends("<presence type='subscribe' to='alice@localhost'><status>hi</status></presence>");
        web.receives("<presence type='subscribe' from='eve@localhost'/>");
        web.receivesNothing();

        TestClient phone = alice.connect("alice@localhost/phone");
        for (String stamp : List.of("0", alice.stamp(40))) {
            Element query = alice.delta(phone, stamp);
            Element row = conversation(query, 0);
            assertThat(row.attr("jid")).isEqualTo("eve@localhost");
            assertThat(row.attr("stamp")).isEqualTo(alice.stamp(180));
            assertThat(row.children().get(0).toString())
                    .isEqualTo("<presence to='alice@localhost' from='eve@localhost' type='subscribe'>"
                            + "<status>hi</status></presence>");
            assertThat(state(row, "last-message")).isNull();
        }

        alice.at(190);
        web.sends("<presence type='unsubscribed' to='eve@localhost'/>");

        Element push = web.receives("<iq type='set'><query xmlns='" + SYNC + "' stamp='" + alice.stamp(190)
                + "'><conversation jid='eve@localhost'/></query></iq>");
        assertThat(push.toString()).doesNotContain("<presence");
        assertThat(names(alice.delta(phone, "0"))).contains("eve");
    }

    @Test
    void vector9_25PendingSubscriptionAccepted() {
        TestClient web = alice.device("web");
        alice.connect("eve").sends("<presence type='subscribe' to='alice@localhost'/>");
        assertThat(alice.delta(web, "0").toString()).contains("<presence");

        web.sends("<presence type='subscribed' to='eve@localhost'/>");

        web.ignores();
        assertThat(alice.delta(web, "0").toString()).contains("eve@localhost").doesNotContain("<presence");
    }

    @Test
    void vector9_26PlainMessageFromAGroupEndsTheGroup() {
        alice.writes("tea", 10, GROUP);
        TestClient web = alice.device("web");

        alice.writes("tea", 20);

        web.receives("<message from='tea@localhost/x'/>");
        web.receives("<iq type='set'><query xmlns='" + SYNC + "'><conversation jid='tea@localhost' "
                + "type='urn:xabber:chat' status='active'/></query></iq>");
        web.receives("<iq type='set'><query xmlns='" + SYNC + "'><conversation jid='tea@localhost' "
                + "type='https://xabber.com/protocol/groups' status='deleted'/></query></iq>");
        assertThat(names(alice.delta(web, "0"))).containsExactly("tea");
    }

    // ---- malformed and foreign
    // ---------------------------------------------------------------------------------------

    @Test
    void vector9_27GetFromAnotherAccountIsRefused() {
        alice.writes("bob", 50);
        TestClient eve = alice.connect("eve");

        eve.sends("<iq type='get' id='q' to='alice@localhost'><query xmlns='" + SYNC + "'/></iq>");

        Element error = eve.receivesError("service-unavailable");
        assertThat(error.toString()).doesNotContain("bob");
    }

    @Test
    void vector9_27ChangeOfAnotherAccountIsRefusedAndChangesNothing() {
        alice.writes("bob", 50);
        ConversationHead before = head(BOB);
        TestClient eve = alice.connect("eve");

        eve.sends("<iq type='set' id='q' to='alice@localhost'><query xmlns='" + SYNC + "'>"
                + conversation("bob", "status='deleted'") + "</query></iq>");

        eve.receivesError("service-unavailable");
        assertThat(head(BOB)).isEqualTo(before);
    }

    @Test
    void vector9_27MalformedChangesAreBadRequestsAndChangeNothing() {
        alice.writes("bob", 50);
        TestClient web = alice.device("web");
        ConversationHead before = head(BOB);

        for (String wrong : List.of(
                "",
                conversation("bob", ""),
                conversation("bob", "pinned='1'") + conversation("bob", "pinned='2'"),
                conversation("bob", "status='gone'"),
                conversation("bob", "pinned='1' mute='1'"),
                conversation("bob", "pinned='-1'"),
                conversation("bob", "pinned='1.5'"),
                conversation("bob", "pinned='9999999999999999999'"),
                conversation("bob", "mute='-1'"),
                conversation("bob", "mute='soon'"),
                conversation("bob", "status='deleted' mute='1'"),
                "<conversation type='urn:xabber:chat' pinned='1'/>",
                "<conversation jid='bob@localhost' pinned='1'/>")) {
            web.sends(change(wrong));
            web.receivesError("bad-request");
        }

        web.sends(change("<conversation jid='a@b@c' type='urn:xabber:chat' pinned='1'/>"));
        web.receivesError("jid-malformed");
        web.sends(change("<conversation jid='bob@localhost' type='urn:example:none' pinned='1'/>"));
        web.receivesError("item-not-found");
        web.sends(change(conversation("nobody", "pinned='1'")));
        web.receivesError("item-not-found");
        web.receivesNothing();
        assertThat(head(BOB)).isEqualTo(before);
    }

    @Test
    void vector9_27StampThatIsNoNumberIsABadRequest() {
        TestClient phone = alice.connect("alice@localhost/phone");

        for (String stamp : List.of("abc", "-1", "1.5", " 1", "0x10", "\u0661")) {
            phone.sends("<iq type='get' id='q'><query xmlns='" + SYNC + "' stamp='" + stamp + "'/></iq>");
            phone.receivesError("bad-request");
        }
    }

    @Test
    void vector9_27StampFromTheFutureIsAnsweredWithEverything() {
        smallAccount();
        TestClient phone = alice.connect("alice@localhost/phone");

        for (String stamp : List.of(alice.stamp(1_000_000_000L), "9".repeat(18), "9".repeat(400))) {
            Element query = alice.delta(phone, stamp);
            assertThat(names(query)).containsExactly("bob", "carol", "tea");
            assertThat(query.attr("stamp")).isEqualTo(alice.stamp(40));
        }
    }

    @Test
    void vector9_27MaxZeroCounts() {
        smallAccount();

        Element query = alice.ask(alice.connect("alice@localhost/phone"), "", page(0, ""));

        assertThat(query.children()).hasSize(1);
        assertThat(set(query).children()).hasSize(1);
        assertThat(count(query)).isEqualTo("3");
        assertThat(query.attr("stamp")).isEqualTo(alice.stamp(40));
    }

    @Test
    void vector9_27CursorOfNoRowIsABound() {
        smallAccount();

        Element query = alice.ask(
                alice.connect("alice@localhost/phone"), "", page(60, "<after>" + alice.stamp(25) + "</after>"));

        assertThat(names(query)).containsExactly("carol", "tea");
        assertThat(query.attr("stamp"))
                .as("a walk that was lost is begun again")
                .isEqualTo("0");
    }

    @Test
    void vector9_27ErrorsOfClientsAreIgnored() {
        smallAccount();
        TestClient web = alice.device("web");
        alice.sets(web, conversation("bob", "pinned='1'"));
        String id = web.next().attr("id");

        web.sends("<iq type='error' id='" + id + "' to='alice@localhost'><error type='cancel'>"
                + "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");

        web.receivesNothing();
        alice.sets(web, conversation("bob", "pinned='2'"));
        web.receives("<iq type='set'><query xmlns='" + SYNC + "'/></iq>");
    }

    @Test
    void conversationIsWrittenAsTheClientsExpectIt() {
        alice.at(300);
        alice.connect("bob@localhost/tab")
                .sends("<message type='chat' id='m-17' xml:lang='en' to='alice@localhost'>"
                        + "<origin-id xmlns='urn:xmpp:sid:0' id='m-17'/><body>See you at six</body></message>");
        alice.at(310);
        TestClient web = alice.connect("alice@localhost/web");
        alice.sets(web, conversation("bob", "pinned='1759000000000'"));
        alice.sets(web, conversation("bob", "mute='60'"));
        long mute = Long.parseLong(alice.stamp(310)) / 1_000_000 + 60;
        Element query = alice.delta(web, "0");
        Element message = Objects.requireNonNull(state(conversation(query, 0), "last-message"))
                .children()
                .get(0);
        String bobs = message.children(Name.of("urn:xmpp:sid:0", "stanza-id")).stream()
                .map(id -> id.attr("by").equals("bob@localhost") ? id.toString() : "")
                .reduce("", String::concat);

        String id = alice.stamp(300);
        assertThat(conversation(query, 0).toString())
                .isEqualTo("<conversation xmlns='" + SYNC + "' jid='bob@localhost' type='urn:xabber:chat' "
                        + "status='active' stamp='" + id + "' thread='' pinned='1759000000000' mute='" + mute + "'>"
                        + "<metadata node='https://xabber.com/protocol/rewrite'><retract version='0'/></metadata>"
                        + "<metadata node='urn:xmpp:jingle-message:0'/>"
                        + "<metadata node='" + SYNC + "'><unread count='1' after='0'/><displayed id='0'/>"
                        + "<delivered id='0'/><last-message>"
                        + "<message xmlns='jabber:client' to='" + ALICE + "' from='bob@localhost/tab' id='m-17' "
                        + "type='chat' xml:lang='en'>"
                        + "<archived xmlns='urn:xmpp:mam:tmp' by='" + ALICE + "' id='" + id + "'/>"
                        + "<stanza-id xmlns='urn:xmpp:sid:0' id='" + id + "' by='" + ALICE + "'/>"
                        + "<time xmlns='https://xabber.com/protocol/delivery' by='" + ALICE
                        + "' stamp='2026-01-01T00:05:00.000000Z'/>" + bobs
                        + "<origin-id xmlns='urn:xmpp:sid:0' id='m-17'/><body>See you at six</body>"
                        + "</message></last-message></metadata></conversation>");
    }
}
