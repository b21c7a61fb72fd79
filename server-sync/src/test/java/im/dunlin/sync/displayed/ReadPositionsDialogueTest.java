// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.displayed;

import static im.dunlin.core.modules.pubsub.PepFixture.available;
import static im.dunlin.core.modules.pubsub.PepFixture.options;
import static im.dunlin.core.modules.pubsub.PepFixture.published;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.caps.CapsModule;
import im.dunlin.core.modules.displayed.DisplayedModule;
import im.dunlin.core.modules.pubsub.Item;
import im.dunlin.core.modules.pubsub.PepModule;
import im.dunlin.core.modules.pubsub.PubSub;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Alice has a Xabber client, web, and one of XEP-0490, phone. */
class ReadPositionsDialogueTest {
    private static final String SYNC = "https://xabber.com/protocol/synchronization";
    private static final String NODE = DisplayedModule.NODE;
    private static final BareJid ALICE = BareJid.of("alice@localhost");
    private static final BareJid BOB = BareJid.of("bob@localhost");
    private static final String OMEMO = "<encrypted xmlns='eu.siacs.conversations.axolotl'/>";

    private final MemoryStore store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();
    private TestServer server = TestServer.with(store, time, modules());
    private TestClient bob = server.connect("bob@localhost/tab");
    private TestClient web = server.connect("alice@localhost/web");
    private TestClient phone = server.connect("alice@localhost/phone");

    ReadPositionsDialogueTest() {
        come();
    }

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("caps", CapsModule::new);
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put(PepModule.KEY, PepModule::new);
        modules.put(DisplayedModule.KEY, DisplayedModule::new);
        modules.put("read-positions", ReadPositionsModule::new);
        return modules;
    }

    private void come() {
        available(phone, NODE);
        web.sends("<presence/>");
        web.sends("<iq type='get' id='first'><query xmlns='" + SYNC + "'/></iq>");
        bob.sends("<presence/>");
        quiet();
        quiet();
    }

    private void quiet() {
        List.of(bob, web, phone).forEach(TestClient::ignores);
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- what is done and seen
    // ---------------------------------------------------------------------------------------

    /** Bob writes; the id in Alice's archive. */
    private String writes(String id, String more) {
        time.advance(Duration.ofSeconds(1));
        quiet();
        bob.sends("<message type='chat' id='" + id + "' to='alice@localhost'><body>" + id + "</body>" + more
                + "</message>");
        String archived =
                Objects.requireNonNull(web.next().first(StanzaId.NAME)).attr("id");
        quiet();
        return Objects.requireNonNull(archived);
    }

    private ConversationHead head(ConversationType type) {
        return Objects.requireNonNull(server.turn(
                ALICE,
                turn -> server.modules().provided(ConversationLog.class).head(turn, new ConversationKey(BOB, type))));
    }

    private ConversationHead head() {
        return head(ConversationType.CHAT);
    }

    private String read() {
        return ArchiveId.format(head().positions().read());
    }

    /** What the item of Bob's chat says. */
    private @Nullable String item() {
        Item item = server.turn(
                ALICE, turn -> server.modules().provided(PubSub.class).item(NODE, "bob@localhost", turn));
        return item == null
                ? null
                : Objects.requireNonNull(item.content())
                        .requireChild(StanzaId.NAME)
                        .attr("id");
    }

    private static String stanzaId(String by, String id) {
        return "<stanza-id xmlns='urn:xmpp:sid:0' by='" + by + "' id='" + id + "'/>";
    }

    private static String displayed(String content) {
        return "<displayed xmlns='" + NODE + "'>" + content + "</displayed>";
    }

    private static String mine(String id) {
        return displayed(stanzaId("alice@localhost", id));
    }

    private void publishes(String chat, String displayed) {
        phone.ignores();
        published(
                phone,
                NODE,
                "<item id='" + chat + "'>" + displayed + "</item>",
                options(
                        "persist_items",
                        "true",
                        "max_items",
                        "max",
                        "send_last_published_item",
                        "never",
                        "access_model",
                        "whitelist"));
    }

    private static String event(String id) {
        return "<message type='headline' from='alice@localhost'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
                + "<items node='" + NODE + "'><item id='bob@localhost'>" + mine(id)
                + "</item></items></event></message>";
    }

    private static String marker(String id, String more) {
        return "<message type='chat' to='bob@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='" + id + "'>"
                + more + "</displayed></message>";
    }

    /** How many of what waits for a client are events of nodes. */
    private static int events(TestClient client) {
        int events = 0;
        for (int waiting = client.waiting(); waiting > 0; waiting--) {
            events += client.next().has(Name.of("http://jabber.org/protocol/pubsub#event", "event")) ? 1 : 0;
        }
        return events;
    }

    private static List<Element> pushes(TestClient client) {
        List<Element> pushes = new ArrayList<>();
        for (int waiting = client.waiting(); waiting > 0; waiting--) {
            Element next = client.next();
            if (next.has(Name.of(SYNC, "query"))) {
                pushes.add(next);
            }
        }
        return pushes;
    }

    // ---- items move positions
    // ----------------------------------------------------------------------------------------

    /** Vector 9.23, the other way: "conversely publishing such an item has the same effect and a sync push". */
    @Test
    void vector9_23ItemMovesTheReadPositionAndIsPushed() {
        writes("b-1", "");
        String two = writes("b-2", "");
        long order = head().orderStamp();

        publishes("bob@localhost", mine(two));

        assertThat(read()).isEqualTo(two);
        assertThat(head().unread()).isZero();
        assertThat(head().orderStamp()).isEqualTo(order);
        List<Element> pushes = pushes(web);
        assertThat(pushes).hasSize(1);
        assertThat(pushes.get(0).toString())
                .contains("<unread count='0' after='" + two + "'/>")
                .contains("stamp='" + ArchiveId.format(head().changeStamp()) + "'");
        assertThat(events(phone)).isEqualTo(1);
        bob.receivesNothing();
    }

    /** "The displayed state only moves forward." */
    @Test
    void itemOfAnOlderMessageMovesNothing() {
        String one = writes("b-1", "");
        String two = writes("b-2", "");
        publishes("bob@localhost", mine(two));
        long change = head().changeStamp();
        quiet();

        publishes("bob@localhost", mine(one));
        publishes("bob@localhost", mine(two));

        assertThat(read()).isEqualTo(two);
        assertThat(head().changeStamp()).isEqualTo(change);
        web.receivesNothing();
    }

    /** "Displayed states with a stanza-id not found in the respective chat MUST be ignored." */
    @Test
    void itemThatNamesNothingInTheChatMovesNothing() {
        String id = writes("b-1", "");
        long change = head().changeStamp();

        publishes("nobody@localhost", mine(id));
        publishes("bob@localhost/tab", mine(id));
        publishes("not an address@@", mine(id));
        publishes("bob@localhost", displayed(stanzaId("bob@localhost", id)));
        publishes("bob@localhost", displayed(stanzaId("evil@localhost", id)));
        publishes("bob@localhost", mine("1999999999999999"));
        publishes("bob@localhost", mine("-1"));
        publishes("bob@localhost", mine("9".repeat(400)));
        publishes("bob@localhost", displayed(""));
        publishes("bob@localhost", displayed(stanzaId("alice@localhost", id) + stanzaId("alice@localhost", id)));
        publishes("bob@localhost", "<other xmlns='urn:other'>" + stanzaId("alice@localhost", id) + "</other>");

        assertThat(head().positions().read()).isZero();
        assertThat(head().changeStamp()).isEqualTo(change);
        web.receivesNothing();
    }

    @Test
    void thousandItemsOfOnePositionAreOnePush() {
        String id = writes("b-1", "");

        for (int i = 0; i < 1_000; i++) {
            publishes("bob@localhost", mine(id));
            phone.ignores();
        }

        assertThat(pushes(web)).hasSize(1);
        assertThat(item()).isEqualTo(id);
    }

    @Test
    void entryChoosesTheConversationOfThePeer() {
        writes("b-1", "");
        String secret = writes("b-2", OMEMO);

        publishes("bob@localhost", mine(secret));

        assertThat(head(ConversationType.OMEMO).unread()).isZero();
        assertThat(head().unread()).isEqualTo(1);
        assertThat(pushes(web).toString())
                .contains("eu.siacs.conversations.axolotl")
                .doesNotContain("urn:xabber:chat");
    }

    // ---- markers publish items
    // ---------------------------------------------------------------------------------------

    /** Vector 9.23: "XEP-0490 item for bob published with the id". */
    @Test
    void vector9_23MarkerPublishesTheItem() {
        writes("b-1", "");
        String two = writes("b-2", "");

        web.sends(marker("b-2", stanzaId("alice@localhost", two) + stanzaId("bob@localhost", "1760000000000000")));

        assertThat(item()).isEqualTo(two);
        assertThat(read()).isEqualTo(two);
        phone.receives(event(two));
        phone.receivesNothing();
        assertThat(pushes(web)).as("its marker is told to all").isEmpty();
        assertThat(bob.next().toString()).contains("chat-markers");
    }

    @Test
    void markerOfAStandardClientDoesToo() {
        String one = writes("b-1", "");

        phone.sends(marker("b-1", ""));
        phone.sends(marker("b-1", ""));

        assertThat(item()).isEqualTo(one);
        assertThat(events(phone)).isEqualTo(1);
    }

    @Test
    void markerOfAnOlderOrUnknownMessagePublishesNothing() {
        String one = writes("b-1", "");
        String two = writes("b-2", "");
        web.sends(marker("b-2", ""));
        quiet();

        web.sends(marker("b-1", ""));
        web.sends(marker("b-9", ""));
        web.sends(marker("b-9", stanzaId("alice@localhost", "1999999999999999")));
        web.sends(marker("b-9", stanzaId("evil@localhost", one)));

        assertThat(item()).isEqualTo(two);
        assertThat(events(phone)).isZero();
    }

    /** §5.5: "The server MUST publish a PEP item"; the marker beside it makes no second one. */
    @Test
    void assistedMarkerIsOneEventAndMovesThePosition() {
        String one = writes("b-1", "");

        phone.sends("<message type='chat' to='bob@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='b-1'/>"
                + mine(one) + "</message>");

        assertThat(events(phone)).isEqualTo(1);
        assertThat(pushes(web)).hasSize(1);
        assertThat(read()).isEqualTo(one);
        assertThat(bob.next().toString()).contains("chat-markers").doesNotContain("urn:xmpp:mds");
    }

    /** The XEP has no sent message imply it; the marker that comes after the answer still says it. */
    @Test
    void answerPublishesNothingAndTheMarkerBehindItDoes() {
        String one = writes("b-1", "");

        web.sends("<message type='chat' to='bob@localhost' id='a-1'><body>yes</body></message>");
        assertThat(item()).isNull();
        web.sends(marker("b-1", ""));

        assertThat(item()).isEqualTo(one);
    }

    @Test
    void peersMarkerPublishesNothing() {
        writes("b-1", "");
        web.sends("<message type='chat' to='bob@localhost' id='a-1'><body>yes</body></message>");

        bob.sends(
                "<message type='chat' to='alice@localhost'><displayed xmlns='urn:xmpp:chat-markers:0' id='a-1'/></message>");

        assertThat(item()).isNull();
    }

    /** In a room the ids are the room's. */
    @Test
    void itemOfARoomStays() {
        writes("b-1", "");
        publishes("bob@localhost", displayed(stanzaId("bob@localhost", "of-the-room")));

        web.sends(marker("b-1", ""));

        assertThat(item()).isEqualTo("of-the-room");
    }

    @Test
    void whatAnOccupantOfARoomWroteIsNoPlaceInTheRoom() {
        writes("b-1", "<x xmlns='http://jabber.org/protocol/muc#user'/>");

        web.sends(marker("b-1", ""));

        assertThat(item()).isNull();
    }

    @Test
    void itemOfTheFutureDoesNotHoldUpThePresent() {
        String one = writes("b-1", "");
        publishes("bob@localhost", mine("1999999999999999"));

        web.sends(marker("b-1", ""));

        assertThat(item()).isEqualTo(one);
    }

    @Test
    void deletedConversationIsDisplayed() {
        String one = writes("b-1", "");

        web.sends("<iq type='set' id='d'><query xmlns='" + SYNC + "'><conversation jid='bob@localhost' "
                + "type='urn:xabber:chat' status='deleted'/></query></iq>");

        assertThat(item()).isEqualTo(one);
        assertThat(events(phone)).isEqualTo(1);
    }

    @Test
    void markerGoesOnWhereThereIsNoRoomForANode() throws ConfigException {
        server.close();
        server = TestServer.with(
                new MemoryStore(),
                time,
                new ConfigLoader(Map.of(PepModule.KEY, PepModule.Options.class))
                        .parse("hosts: { localhost: { modules: { pep: { nodes: 10 } } } }"),
                modules());
        bob = server.connect("bob@localhost/tab");
        web = server.connect("alice@localhost/web");
        phone = server.connect("alice@localhost/phone");
        come();
        for (int i = 0; i < 10; i++) {
            published(phone, "urn:node:" + i, "<item id='i'><a xmlns='urn:a'/></item>", "");
        }
        String one = writes("b-1", "");

        web.sends(marker("b-1", ""));

        assertThat(bob.next().toString()).contains("chat-markers");
        web.receivesNothing();
        assertThat(read()).isEqualTo(one);
        assertThat(item()).isNull();
    }

    @Test
    void bothAreThereAfterARestart() {
        String one = writes("b-1", "");
        web.sends(marker("b-1", ""));
        String two = writes("b-2", "");
        publishes("bob@localhost", mine(two));
        server.close();

        server = TestServer.with(store, time, modules());
        bob = server.connect("bob@localhost/tab");
        web = server.connect("alice@localhost/web");
        phone = server.connect("alice@localhost/phone");
        come();

        assertThat(one).isLessThan(two);
        assertThat(item()).isEqualTo(two);
        assertThat(read()).isEqualTo(two);
        web.sends(marker("b-2", ""));
        publishes("bob@localhost", mine(two));
        assertThat(pushes(web)).isEmpty();
    }
}
