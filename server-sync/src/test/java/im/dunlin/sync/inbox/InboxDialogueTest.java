// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.inbox;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.PageRequest;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.archive.CountingStore;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InboxDialogueTest {
    private static final String INBOX = "urn:xmpp:inbox:1";
    private static final BareJid ALICE = BareJid.of("alice@localhost");
    private static final String OMEMO = "<encrypted xmlns='eu.siacs.conversations.axolotl'/>";

    private final TestServer.TestTime time = new TestServer.TestTime();
    private final CountingStore store = new CountingStore();
    private TestServer server = TestServer.with(store, time, modules());
    private TestClient alice = server.connect("alice@localhost/phone");

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("disco", DiscoModule::new);
        modules.put("archive", ArchiveModule::new);
        modules.put("inbox", InboxModule::new);
        return modules;
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- what is done
    // ------------------------------------------------------------------------------------------------

    private void passes(Way way, String name, String content) {
        time.advance(Duration.ofSeconds(1));
        String address = way == Way.INBOUND
                ? "from='" + name + "@localhost/x' to='alice@localhost'"
                : "from='alice@localhost/phone' to='" + name + "@localhost'";
        Message message = TestStanzas.message("<message type='chat' id='m' " + address + ">" + content + "</message>");
        server.turn(ALICE, turn -> log().append(turn, way, message, message.traits()));
    }

    private void hears(String name, String text) {
        passes(Way.INBOUND, name, "<body>" + text + "</body>");
    }

    private void says(String name, String text) {
        passes(Way.OUTBOUND, name, "<body>" + text + "</body>");
    }

    private ConversationLog log() {
        return server.modules().provided(ConversationLog.class);
    }

    // ---- what is asked
    // -----------------------------------------------------------------------------------------------

    private record Answer(List<Element> messages, Element fin) {
        private static Element entry(Element message) {
            return message.requireChild(Name.of(INBOX, "entry"));
        }

        /** Names and unread counts. */
        String chats() {
            return String.join(
                    " ",
                    messages.stream()
                            .map(Answer::entry)
                            .map(entry -> Objects.requireNonNull(entry.attr("jid"))
                                            .replace("@localhost", "") + ":" + entry.attr("unread"))
                            .toList());
        }

        @Nullable
        Element result(int index) {
            return messages.get(index).first(Name.of("urn:xmpp:mam:2", "result"));
        }

        String totals() {
            return fin.attr("total") + " " + fin.attr("unread") + " " + fin.attr("all-unread");
        }

        private @Nullable String set(Name name) {
            return fin.requireChild(PageRequest.SET).text(name);
        }
    }

    private void asks(String attributes, String set) {
        alice.sends("<iq type='get' id='i'><inbox xmlns='" + INBOX + "' " + attributes + ">" + set + "</inbox></iq>");
        server.settle();
    }

    private Answer ask(String attributes, String set) {
        alice.ignores();
        asks(attributes, set);
        List<Element> messages = new ArrayList<>();
        while (true) {
            Element next = alice.next();
            if (next.name().local().equals("iq")) {
                assertThat(next.attr("type")).as(next.toString()).isEqualTo("result");
                alice.receivesNothing();
                return new Answer(messages, next.requireChild(Name.of(INBOX, "fin")));
            }
            messages.add(next);
        }
    }

    private Answer ask() {
        return ask("", "");
    }

    private static String set(int max, String more) {
        return "<set xmlns='http://jabber.org/protocol/rsm'><max>" + max + "</max>" + more + "</set>";
    }

    // ---- tests
    // -------------------------------------------------------------------------------------------------------

    /** The example of the XEP. */
    @Test
    void chatsAreListedWithWhatIsUnreadAndTheirLastMessage() {
        for (int i = 1; i <= 5; i++) {
            hears("first", "Greetings " + i);
        }
        says("second", "Greetings to Mars!");
        hears("third", "Greetings from Somewhere Else!");

        Answer answer = ask();

        assertThat(answer.chats()).isEqualTo("third:1 second:0 first:5");
        assertThat(answer.totals()).isEqualTo("3 2 6");
        Element result = Objects.requireNonNull(answer.result(2));
        assertThat(result.attr("queryid")).isEqualTo("i");
        assertThat(result.attr("id"))
                .isEqualTo(Answer.entry(answer.messages().get(2)).attr("id"));
        assertThat(result.toString()).contains("<body>Greetings 5</body>").contains("<delay");
        assertThat(answer.messages().get(0).attr("from")).isEqualTo("alice@localhost");
    }

    @Test
    void nothingIsAnEmptyInbox() {
        Answer answer = ask();

        assertThat(answer.messages()).isEmpty();
        assertThat(answer.totals()).isEqualTo("0 0 0");
    }

    /** "If true, the server will list only conversations with at least one unread message." */
    @Test
    void unreadOnlyLeavesOutWhatWasRead() {
        hears("bob", "one");
        hears("carol", "two");
        hears("dave", "three");
        says("carol", "yes");

        Answer answer = ask("unread-only='true'", "");

        assertThat(answer.chats()).isEqualTo("dave:1 bob:1");
        assertThat(answer.totals()).isEqualTo("3 2 2");
        assertThat(answer.set(PageRequest.COUNT)).isEqualTo("2");
    }

    /** "If true, the server includes the last message; if false, this is elided." */
    @Test
    void messagesMayBeLeftOut() {
        hears("bob", "one");

        Answer answer = ask("messages='false'", "");

        assertThat(answer.result(0)).isNull();
        assertThat(answer.chats()).isEqualTo("bob:1");
    }

    /** "The last id in the MAM archive for this conversation", of whatever message. */
    @Test
    void idIsTheLastOfTheArchive() {
        hears("bob", "one");
        passes(
                Way.INBOUND,
                "bob",
                "<reactions xmlns='urn:xmpp:reactions:0' id='m'><reaction>+</reaction></reactions><store xmlns='urn:xmpp:hints'/>");

        Answer answer = ask();

        String last = Answer.entry(answer.messages().get(0)).attr("id");
        assertThat(last).isGreaterThan(Objects.requireNonNull(answer.result(0)).requireAttr("id"));
    }

    /** "Each conversation is identified by a jid." */
    @Test
    void encryptedAndPlainAreOneChat() {
        hears("bob", "one");
        hears("carol", "two");
        passes(Way.INBOUND, "bob", OMEMO);

        Answer answer = ask();

        assertThat(answer.chats()).isEqualTo("bob:2 carol:1");
        assertThat(answer.totals()).isEqualTo("2 2 3");
        assertThat(answer.result(0).toString()).contains("axolotl");
        assertThat(ask("unread-only='1'", "").chats()).isEqualTo("bob:2 carol:1");
        assertThat(ask("", set(1, "<before/>")).chats()).isEqualTo("carol:1");
        server.turn(
                ALICE,
                turn -> log().delete(turn, new ConversationKey(BareJid.of("bob@localhost"), ConversationType.OMEMO)));
        assertThat(ask().chats()).isEqualTo("carol:1 bob:1");
        assertThat(ask().totals()).isEqualTo("2 2 2");
    }

    @Test
    void retractedTextIsNeverShown() {
        hears("bob", "kept");
        hears("bob", "secret");
        long last = Long.parseLong(Objects.requireNonNull(ask().result(0)).requireAttr("id"));

        server.turn(ALICE, turn -> log().retract(turn, last, null, turn.stamp(), 0));

        Answer answer = ask();
        assertThat(answer.chats()).isEqualTo("bob:1");
        assertThat(answer.messages().toString()).contains("kept").doesNotContain("secret");
    }

    @Test
    void chatWithNothingLeftHasNoMessage() {
        hears("bob", "secret");
        server.turn(
                ALICE,
                turn -> log().retractAll(
                                turn, new ConversationKey(BareJid.of("bob@localhost"), ConversationType.CHAT)));

        Answer answer = ask();

        assertThat(answer.chats()).isEqualTo("bob:0");
        assertThat(answer.result(0)).isNull();
        assertThat(Answer.entry(answer.messages().get(0)).attr("id")).isNull();
        assertThat(answer.totals()).isEqualTo("1 0 0");
    }

    @Test
    void pagesFollowEachOtherBothWays() {
        for (int i = 0; i < 5; i++) {
            hears("peer" + i, "hi");
        }
        for (String attributes : List.of("", "unread-only='true'")) {
            Answer first = ask(attributes, set(2, ""));
            Answer second = ask(attributes, set(2, "<after>" + first.set(PageRequest.LAST) + "</after>"));
            Answer third = ask(attributes, set(2, "<after>" + second.set(PageRequest.LAST) + "</after>"));
            Answer beyond = ask(attributes, set(2, "<after>" + third.set(PageRequest.LAST) + "</after>"));
            Answer back = ask(attributes, set(2, "<before>" + third.set(PageRequest.FIRST) + "</before>"));

            assertThat(first.chats()).isEqualTo("peer4:1 peer3:1");
            assertThat(second.chats()).isEqualTo("peer2:1 peer1:1");
            assertThat(third.chats()).isEqualTo("peer0:1");
            assertThat(beyond.chats()).isEmpty();
            assertThat(back.chats()).isEqualTo(second.chats());
            assertThat(ask(attributes, set(2, "<before/>")).chats()).isEqualTo("peer1:1 peer0:1");
            assertThat(ask(attributes, set(0, "")).chats()).isEmpty();
            assertThat(first.set(PageRequest.COUNT)).isEqualTo("5");
            assertThat(first.totals()).isEqualTo("5 5 5");
        }
    }

    @Test
    void pageIsCutAtItsBytes() throws ConfigException {
        server.close();
        server = TestServer.with(
                new MemoryStore(),
                time,
                new ConfigLoader(Map.of()).parse("hosts: { localhost: { limits: { archivePageBytes: 65536 } } }"),
                modules());
        alice = server.connect("alice@localhost/phone");
        for (int i = 0; i < 5; i++) {
            hears("peer" + i, "x".repeat(30_000));
        }

        Answer first = ask();

        assertThat(first.chats()).isEqualTo("peer4:1 peer3:1");
        assertThat(ask("", set(9, "<after>" + first.set(PageRequest.LAST) + "</after>"))
                        .chats())
                .isEqualTo("peer2:1 peer1:1");
    }

    @Test
    void whatIsNoPageIsRefused() {
        asks("", set(1, "<after>junk</after>"));
        alice.receivesError("item-not-found");
        asks("", "<set xmlns='http://jabber.org/protocol/rsm'><max>-1</max></set>");
        alice.receivesError("bad-request");
        asks("unread-only='perhaps'", "");
        alice.receivesError("bad-request");
        asks("", "<set xmlns='http://jabber.org/protocol/rsm'><index>3</index></set>");
        alice.receivesError("feature-not-implemented");
    }

    @Test
    void inboxIsNobodyElses() {
        hears("bob", "one");
        TestClient bob = server.connect("bob@localhost/x");

        bob.sends("<iq type='get' id='i' to='alice@localhost'><inbox xmlns='" + INBOX + "'/></iq>");

        bob.receivesError("service-unavailable");
    }

    @Test
    void discoSaysSo() {
        alice.sends(
                "<iq type='get' id='d' to='alice@localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        assertThat(alice.next().toString()).contains("<feature var='" + INBOX + "'/>");
    }

    /** A page costs what it shows, however many chats there are and however many of them are unread. */
    @Test
    void costDoesNotGrowWithTheChats() {
        List<Long> costs = new ArrayList<>();
        List<Long> unreadCosts = new ArrayList<>();
        int chats = 0;
        for (int size : List.of(100, 2_000)) {
            int from = chats;
            time.advance(Duration.ofSeconds(1));
            server.turn(ALICE, turn -> {
                for (int i = from; i < size; i++) {
                    Message message =
                            TestStanzas.message("<message type='chat' id='m' to='alice@localhost/x' from='peer" + i
                                    + "@localhost'><body>hello</body></message>");
                    log().append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
            chats = size;
            long before = store.read();
            Answer answer = ask("", set(10, ""));
            costs.add(store.read() - before);
            assertThat(answer.messages()).hasSize(10);
            assertThat(answer.totals()).isEqualTo(size + " " + size + " " + size);

            before = store.read();
            assertThat(ask("unread-only='true'", set(10, "")).messages()).hasSize(10);
            unreadCosts.add(store.read() - before);
        }

        assertThat(costs.get(1)).isEqualTo(costs.get(0)).isLessThan(150);
        assertThat(unreadCosts.get(1)).isEqualTo(unreadCosts.get(0)).isLessThan(150);
    }

    @Test
    void logAgreesWithItself() {
        hears("bob", "one");
        passes(Way.INBOUND, "bob", OMEMO);
        says("carol", "two");
        ConversationKey bob = new ConversationKey(BareJid.of("bob@localhost"), ConversationType.CHAT);
        server.turn(ALICE, turn -> log().delete(turn, bob));
        hears("bob", "three");

        List<LogCheck.Damage> damage = server.turn(
                ALICE, turn -> log().check().check(turn.reader(), turn.owner().key(), ALICE));

        assertThat(damage).isEmpty();
    }
}
