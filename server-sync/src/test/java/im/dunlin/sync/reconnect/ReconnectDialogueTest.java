// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.ReadCount;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Seed;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.archive.ArchiveModule;
import im.dunlin.sync.calls.CallsModule;
import im.dunlin.sync.synchronization.SynchronizationModule;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A phone that comes back (docs/protocol/reconnect.xml). */
class ReconnectDialogueTest {
    private static final String NS = Phone.NS;
    private static final String SYNC = "https://xabber.com/protocol/synchronization";
    private static final String CHAT = " urn:xabber:chat";
    private static final BareJid ALICE = BareJid.of("alice@localhost");
    private static final Name DELTA = Name.of(NS, "delta");

    private final ReadCount reads = new ReadCount();
    private final TestServer server =
            TestServer.with(reads.of(new MemoryStore()), new TestServer.TestTime(), modules());
    private final Phone phone = new Phone();

    /** What came back after it was deleted may have entries of which no delta told. */
    private final Set<String> deleted = new HashSet<>();

    private static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        modules.put("synchronization", SynchronizationModule::new);
        modules.put("calls", CallsModule::new);
        modules.put("reconnect", ReconnectModule::new);
        return modules;
    }

    @BeforeEach
    void account() {
        server.account("alice@localhost", "r0m30");
    }

    @AfterEach
    void close() {
        server.close();
    }

    // ---- people
    // ------------------------------------------------------------------------------------------------------

    private void says(String name, String content) {
        server.after(Duration.ofSeconds(1));
        TestClient client = server.connect(name + "@localhost/x");
        client.sends("<message type='chat' to='alice@localhost' " + content + "</message>");
        client.leaves();
    }

    private void writes(String name, String id, String text) {
        says(name, "id='" + id + "'><body>" + text + "</body>");
    }

    private void edits(String name, String id, String text) {
        says(
                name,
                "id='e-" + id + "'><body>" + text + "</body><replace id='" + id
                        + "' xmlns='urn:xmpp:message-correct:0'/>");
    }

    private void retracts(String name, String id) {
        says(
                name,
                "id='r-" + id + "'><retract id='" + id
                        + "' xmlns='urn:xmpp:message-retract:1'/><store xmlns='urn:xmpp:hints'/>");
    }

    private void calls(String name, String sid) {
        says(
                name,
                "id='c-" + sid + "'><propose xmlns='urn:xmpp:jingle-message:0' id='" + sid
                        + "'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>"
                        + "<store xmlns='urn:xmpp:hints'/>");
    }

    @Test
    void missedCallIsTheWordThatItsKindOfClientKnows() {
        calls("bob", "c1");
        server.after(Duration.ofSeconds(61));
        TestClient phone = server.connect("alice@localhost/phone");

        String delta = answer(phone, reconnect("0", "bytes='50000'")).toString();

        assertThat(delta)
                .contains("<reject xmlns='urn:xmpp:jingle-message:0' id='c1'>")
                .doesNotContain("<missed");
    }

    // ---- the phone
    // ---------------------------------------------------------------------------------------------------

    private Element login(TestClient client, String reconnect) {
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0alice\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>"
                + "<bind xmlns='urn:xmpp:bind:0'><tag>Phone</tag>" + reconnect + "</bind></authenticate>");
        Element success = client.next();
        assertThat(success.name().local()).as(success.toString()).isEqualTo("success");
        client.ignores();
        return success.requireChild(Name.of("urn:xmpp:bind:0", "bound"));
    }

    private static String reconnect(String stamp, String more) {
        return "<reconnect xmlns='" + NS + "' stamp='" + stamp + "' " + more + "/>";
    }

    private Element ask(TestClient client, String payload) {
        client.ignores();
        client.sends("<iq type='get' id='q'>" + payload + "</iq>");
        return client.next();
    }

    private Element answer(TestClient client, String payload) {
        Element iq = ask(client, payload);
        assertThat(iq.attr("type")).as(iq.toString()).isEqualTo("result");
        return iq.children().get(0);
    }

    /** Comes back, in as many pages as it takes. */
    private TestClient comesBack(String more) {
        TestClient client = server.open("localhost");
        List<Element> pages = new ArrayList<>();
        pages.add(login(client, reconnect(phone.stamp, more)).requireChild(DELTA));
        for (String cursor = cursor(pages); cursor != null; cursor = cursor(pages)) {
            pages.add(answer(client, reconnect(phone.stamp, more + " after='" + cursor + "'")));
        }
        phone.keep(pages);
        return client;
    }

    private static @Nullable String cursor(List<Element> pages) {
        return pages.get(pages.size() - 1).attr("more");
    }

    private void comesBackAndGoes(String more) {
        comesBack(more).leaves();
    }

    private void provesThatNothingIsMissing() {
        phone.contents.forEach((key, contents) ->
                assertThat(phone.digest(key, 0, Long.MAX_VALUE)).as(key).isEqualTo(Phone.digest(contents)));
    }

    private static final String ALL = "conversations='250' bytes='200000' each='100'";

    // ---- coming back
    // -------------------------------------------------------------------------------------------------

    @Test
    void theAnswerToTheLoginHasWhatChanged() {
        writes("bob", "b1", "one");
        comesBackAndGoes(ALL);
        writes("bob", "b2", "two");
        writes("carol", "c1", "hello");

        Element bound = login(server.open("localhost"), reconnect(phone.stamp, ALL));

        Element delta = bound.requireChild(DELTA);
        assertThat(delta.attr("snapshot")).isNull();
        phone.keep(List.of(delta));
        assertThat(phone.order).containsExactly("carol", "bob");
        assertThat(phone.entries.get("bob@localhost" + CHAT).values())
                .extracting(Phone.Entry::shown)
                .containsExactly("one", "two");
        provesThatNothingIsMissing();
    }

    @Test
    void nothingChangedIsSaidWithOneStamp() {
        writes("bob", "b1", "one");
        comesBackAndGoes(ALL);

        Element delta =
                login(server.open("localhost"), reconnect(phone.stamp, ALL)).requireChild(DELTA);

        assertThat(delta.toString()).isEqualTo("<delta xmlns='" + NS + "' stamp='" + phone.stamp + "'/>");
    }

    @Test
    void emptyAccountHasNothing() {
        Element delta = login(server.open("localhost"), reconnect("0", ALL)).requireChild(DELTA);

        assertThat(delta.toString()).isEqualTo("<delta xmlns='" + NS + "' stamp='0' snapshot='true'/>");
    }

    @Test
    void stampOfWhichTheServerKnowsNothingIsAnsweredWithEverything() {
        writes("bob", "b1", "one");
        for (String stamp : List.of("0", "1999999999999999")) {
            Element delta =
                    login(server.open("localhost"), reconnect(stamp, ALL)).requireChild(DELTA);

            assertThat(delta.attr("snapshot")).isEqualTo("true");
            assertThat(delta.children()).hasSize(2);
        }
    }

    @Test
    void whatCameBeforePresenceIsToldWithIt() {
        writes("bob", "b1", "one");
        TestClient client = comesBack(ALL);
        writes("carol", "c1", "in between");
        client.ignores();

        client.sends("<presence/>");

        Element headline = client.next();
        while (!headline.name().local().equals("message")) {
            headline = client.next();
        }
        assertThat(headline.attr("type")).isEqualTo("headline");
        phone.keep(headline.children());
        assertThat(phone.order).containsExactly("carol");
        provesThatNothingIsMissing();
    }

    @Test
    void nothingInBetweenIsNotTold() {
        writes("bob", "b1", "one");
        TestClient client = comesBack(ALL);
        client.sends("<presence/>");
        for (int left = client.waiting(); left > 0; left--) {
            assertThat(client.next().name().local()).isEqualTo("presence");
        }
    }

    // ---- order and room
    // ----------------------------------------------------------------------------------------------

    @Test
    void callThatRingsComesFirstAndWhatIsUnreadBeforeTheRest() {
        writes("before", "x1", "zero");
        comesBackAndGoes(ALL);
        calls("romeo", "call-1");
        writes("unread", "u1", "one");
        writes("read", "r1", "two");
        TestClient other = server.connect("alice@localhost/laptop");
        other.sends("<message type='chat' id='a1' to='read@localhost'><body>yes</body></message>");
        writes("gone", "g1", "bye");
        other.sends("<iq type='set' id='d'><query xmlns='" + SYNC + "'><conversation jid='gone@localhost'"
                + " type='urn:xabber:chat' status='deleted'/></query></iq>");
        other.leaves();

        comesBackAndGoes(ALL);

        assertThat(phone.order).containsExactly("romeo", "unread", "read", "gone");
    }

    @Test
    void callThatRingsComesFirstAmongEverything() {
        calls("romeo", "call-1");
        writes("later", "l1", "one");

        comesBackAndGoes(ALL);

        assertThat(phone.order).containsExactly("romeo", "later");
    }

    @Test
    void messagesTakeNoMoreRoomThanTheClientHas() {
        comesBackAndGoes(ALL);
        for (int i = 0; i < 10; i++) {
            writes("bob", "b" + i, "x".repeat(1_000));
        }
        Element delta = login(server.open("localhost"), reconnect(phone.stamp, "bytes='5000'"))
                .requireChild(DELTA);

        phone.keep(List.of(delta));
        assertThat(phone.holes).containsExactly("bob@localhost" + CHAT);
        assertThat(phone.entries.get("bob@localhost" + CHAT)).hasSize(3);
        assertThat(delta.toString().length()).isLessThan(6_500);
    }

    @Test
    void newestMessagesOfAConversationAreChosen() {
        comesBackAndGoes(ALL);
        for (int i = 0; i < 5; i++) {
            writes("bob", "b" + i, "text " + i);
        }
        comesBackAndGoes("bytes='100000' each='2'");

        assertThat(phone.holes).containsExactly("bob@localhost" + CHAT);
        assertThat(phone.entries.get("bob@localhost" + CHAT).values())
                .extracting(Phone.Entry::shown)
                .containsExactly("text 3", "text 4");
    }

    @Test
    void withoutRoomForMessagesConversationsComeWithTheirLastOne() {
        writes("bob", "b1", "one");
        Element delta = login(server.open("localhost"), reconnect("0", "")).requireChild(DELTA);

        assertThat(delta.children()).hasSize(1);
        assertThat(delta.toString()).contains("<last-message>");
    }

    // ---- edits and retractions
    // ---------------------------------------------------------------------------------------

    @Test
    void editedAndRetractedMessagesComeAsTheyAreNow() {
        writes("bob", "b1", "one");
        writes("bob", "b2", "two");
        writes("bob", "b3", "three");
        comesBackAndGoes(ALL);
        edits("bob", "b1", "uno");
        retracts("bob", "b2");

        comesBackAndGoes(ALL);

        assertThat(phone.entries.get("bob@localhost" + CHAT).values())
                .extracting(Phone.Entry::shown)
                .filteredOn(shown -> !shown.isEmpty())
                .containsExactly("uno", "three");
        assertThat(phone.holes).isEmpty();
        provesThatNothingIsMissing();
    }

    // ---- pages
    // -------------------------------------------------------------------------------------------------------

    @Test
    void pagesAreExactWhateverChangesBetweenThem() {
        comesBackAndGoes(ALL);
        for (int i = 0; i < 25; i++) {
            writes("peer" + i, "m" + i, "text " + i);
        }
        String asked = "conversations='10' bytes='100000'";
        TestClient client = server.open("localhost");
        List<Element> pages = new ArrayList<>();
        pages.add(login(client, reconnect(phone.stamp, asked)).requireChild(DELTA));
        writes("peer0", "n0", "once more");
        writes("peer24", "n24", "once more");
        for (String cursor = cursor(pages); cursor != null; cursor = cursor(pages)) {
            pages.add(answer(client, reconnect(phone.stamp, asked + " after='" + cursor + "'")));
        }
        phone.keep(pages);

        assertThat(pages).hasSize(3);
        assertThat(new HashSet<>(phone.order)).hasSize(25);
        assertThat(phone.order).hasSize(26);
        provesThatNothingIsMissing();
        assertThat(answer(client, reconnect(phone.stamp, ALL)).children()).isEmpty();
    }

    @Test
    void everythingComesInPagesToo() {
        for (int i = 0; i < 25; i++) {
            writes("peer" + i, "m" + i, "text " + i);
        }
        comesBackAndGoes("conversations='10' bytes='100000'");

        assertThat(phone.order).hasSize(25).doesNotHaveDuplicates();
        provesThatNothingIsMissing();
    }

    // ---- proof
    // -------------------------------------------------------------------------------------------------------

    @Test
    void hashOfAnEntryIsThatOfTheDocument() {
        Phone other = new Phone();
        other.entries
                .computeIfAbsent("x", x -> new java.util.TreeMap<>())
                .put(1760000300000000L, new Phone.Entry(1760000300000000L, "", 0));
        assertThat(other.digest("x", 0, Long.MAX_VALUE)).isEqualTo("1 b9aef9388c470ff5");
    }

    @Test
    void holeIsFoundByItsRangeAndRepaired() {
        String bob = "bob@localhost" + CHAT;
        for (int i = 0; i < 6; i++) {
            server.after(Duration.ofDays(8));
            writes("bob", "b" + i, "text " + i);
        }
        edits("bob", "b1", "changed");
        comesBackAndGoes(ALL);
        long lost = phone.entries.get(bob).firstKey();
        phone.entries.get(bob).remove(lost);

        TestClient client = server.connect("alice@localhost/phone");
        Element contents = answer(client, "<contents xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat'/>");
        assertThat(Phone.digest(contents)).isNotEqualTo(phone.digest(bob, 0, Long.MAX_VALUE));
        List<Element> different = contents.children().stream()
                .filter(range -> !phone.digest(
                                bob, Long.parseLong(range.attr("from")), Long.parseLong(range.attr("to")))
                        .equals(Phone.digest(range)))
                .toList();
        assertThat(contents.children()).hasSizeGreaterThan(2);
        assertThat(different).hasSize(1);
        String bounds = " from='" + different.get(0).attr("from") + "' to='"
                + different.get(0).attr("to") + "'";
        Element messages =
                answer(client, "<range xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat'" + bounds + "/>");
        phone.messages(messages);

        assertThat(messages.attr("complete")).isEqualTo("true");
        assertThat(phone.digest(bob, 0, Long.MAX_VALUE)).isEqualTo(Phone.digest(contents));
    }

    @Test
    void longRangeComesInParts() {
        String bob = "bob@localhost" + CHAT;
        for (int i = 0; i < 7; i++) {
            writes("bob", "b" + i, "text " + i);
        }
        TestClient client = server.connect("alice@localhost/phone");

        assertThat(readsInParts(client)).isEqualTo(3);
        assertThat(phone.entries.get(bob)).hasSize(7);
    }

    @Test
    void editThatComesInAnEarlierPartThanItsMessageCounts() {
        String bob = "bob@localhost" + CHAT;
        for (int i = 0; i < 6; i++) {
            writes("bob", "b" + i, "text " + i);
        }
        edits("bob", "b1", "overtaken");
        edits("bob", "b1", "changed");
        retracts("bob", "b2");
        TestClient client = server.connect("alice@localhost/phone");

        readsInParts(client);

        Element contents = answer(client, "<contents xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat'/>");
        assertThat(phone.digest(bob, 0, Long.MAX_VALUE)).isEqualTo(Phone.digest(contents));
    }

    /** @return in how many */
    private int readsInParts(TestClient client) {
        String to = "9999999999999999";
        int parts = 0;
        boolean complete = false;
        while (!complete) {
            Element messages = answer(
                    client,
                    "<range xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat' to='" + to + "' each='3'/>");
            phone.messages(messages);
            complete = "true".equals(messages.attr("complete"));
            to = Long.toString(Long.parseLong(messages.attr("from")) - 1);
            parts++;
        }
        return parts;
    }

    // ---- what it costs
    // -----------------------------------------------------------------------------------------------

    @Test
    void workIsThatOfWhatChanged() {
        TestClient laptop = server.connect("alice@localhost/laptop");
        laptop.sends("<presence/>");
        List<Long> nothing = new ArrayList<>();
        List<Long> three = new ArrayList<>();
        for (int size : List.of(10, 100, 400)) {
            for (int i = 0; i < size; i++) {
                writes("p" + size + "-" + i, "m", "text");
            }
            phone.stamp =
                    String.valueOf(answer(server.connect("alice@localhost/x"), reconnect("0", "conversations='1'"))
                            .attr("stamp"));
            nothing.add(readsOf(phone.stamp));
            for (int i = 0; i < 3; i++) {
                writes("p10-" + i, "n", "more");
            }
            three.add(readsOf(phone.stamp));
        }
        assertThat(new HashSet<>(nothing)).hasSize(1);
        assertThat(new HashSet<>(three)).hasSize(1);
        assertThat(nothing.get(0)).isLessThan(10);
    }

    private long readsOf(String stamp) {
        TestClient client = server.connect("alice@localhost/counted");
        answer(client, reconnect(stamp, ALL));
        long before = reads.reads();
        answer(client, reconnect(stamp, ALL));
        long after = reads.reads();
        client.leaves();
        return after - before;
    }

    // ---- bad input
    // ---------------------------------------------------------------------------------------------------

    @Test
    void questionsThatMakeNoSenseAreRefused() {
        writes("bob", "b1", "one");
        TestClient client = server.connect("alice@localhost/phone");
        Map<String, String> refused = Map.of(
                reconnect("abc", ""),
                "bad-request",
                reconnect("-1", ""),
                "bad-request",
                reconnect("1.5", ""),
                "bad-request",
                reconnect("0", "conversations='0'"),
                "bad-request",
                reconnect("0", "after='nonsense'"),
                "item-not-found",
                reconnect("0", "after='3.1760000041000000.9999999999999999'"),
                "item-not-found",
                "<contents xmlns='" + NS + "' jid='nobody@localhost' type='urn:xabber:chat'/>",
                "item-not-found",
                "<contents xmlns='" + NS + "' jid='bob@localhost'/>",
                "bad-request",
                "<range xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat' from='5' to='4'/>",
                "bad-request",
                "<range xmlns='" + NS + "' jid='bob@localhost' type='tea'/>",
                "item-not-found");
        refused.forEach((payload, condition) -> {
            Element error = ask(client, payload);
            assertThat(error.attr("type")).as(payload).isEqualTo("error");
            assertThat(error.toString()).as(payload).contains("<" + condition);
        });
    }

    @Test
    void loginStandsWhenItsQuestionMakesNoSense() {
        for (String wish : List.of(reconnect("abc", ""), reconnect("0", "after='nonsense'"))) {
            TestClient client = server.open("localhost");
            assertThat(login(client, wish).first(DELTA)).isNull();
            assertThat(client.isBound()).isTrue();
        }
    }

    @Test
    void othersLearnNothing() {
        writes("bob", "b1", "one");
        TestClient eve = server.connect("eve@localhost/x");
        eve.sends("<iq type='get' id='q' to='alice@localhost'>" + reconnect("0", "") + "</iq>");

        eve.receivesError("service-unavailable");
    }

    // ---- all of it
    // ---------------------------------------------------------------------------------------------------

    @Test
    void phoneThatSleepsNowAndThenHasWhatANewOneGets() {
        long seed = Seed.next();
        System.out.println("ReconnectDialogueTest seed " + seed);
        Random random = new Random(seed);
        List<String> sent = new ArrayList<>();
        for (int round = 0; round < 25; round++) {
            for (int i = random.nextInt(12); i > 0; i--) {
                happens(random, sent);
            }
            TestClient client = comesBack("conversations='" + (1 + random.nextInt(6)) + "' bytes='200000' each='100'");
            assertThat(phone.holes).as("seed %s round %s", seed, round).isEmpty();
            repairsWhatWasDeleted(client);
            client.leaves();
            provesThatNothingIsMissing();
        }
        Phone fresh = new Phone();
        TestClient client = server.open("localhost");
        fresh.keep(List.of(login(client, reconnect("0", ALL)).requireChild(DELTA)));
        assertThat(phone.conversations).as("seed %s", seed).isEqualTo(fresh.conversations);
        assertThat(phone.stamp).isEqualTo(fresh.stamp);
        fresh.conversations
                .keySet()
                .forEach(key -> assertThat(phone.entries.get(key))
                        .as("seed %s %s", seed, key)
                        .isEqualTo(fresh.entries.get(key)));
    }

    private void repairsWhatWasDeleted(TestClient client) {
        phone.contents.forEach((key, contents) -> {
            if (deleted.contains(key) && !phone.digest(key, 0, Long.MAX_VALUE).equals(Phone.digest(contents))) {
                String[] name = key.split(" ");
                phone.messages(answer(
                        client, "<range xmlns='" + NS + "' jid='" + name[0] + "' type='" + name[1] + "' each='100'/>"));
            }
        });
    }

    private void happens(Random random, List<String> sent) {
        String name = "peer" + random.nextInt(8);
        String known = sent.isEmpty() ? null : sent.get(random.nextInt(sent.size()));
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                String id = "m" + sent.size();
                writes(name, id, "text " + random.nextInt());
                sent.add(name + " " + id);
            }
            case 3 -> {
                if (known != null) {
                    edits(known.split(" ")[0], known.split(" ")[1], "edited " + random.nextInt());
                }
            }
            case 4 -> {
                if (known != null) {
                    retracts(known.split(" ")[0], known.split(" ")[1]);
                }
            }
            case 5 ->
                alice("<message type='chat' to='" + name + "@localhost' id='a" + random.nextInt()
                        + "'><body>mine</body></message>");
            case 6 -> sets(name, random.nextBoolean() ? "pinned='" + random.nextInt(100) + "'" : "mute='900'");
            default -> {
                boolean deletes = random.nextInt(3) == 0;
                if (deletes) {
                    deleted.add(name + "@localhost" + CHAT);
                }
                sets(name, deletes ? "status='deleted'" : "status='archived'");
            }
        }
    }

    private void sets(String name, String state) {
        alice("<iq type='set' id='s'><query xmlns='" + SYNC + "'><conversation jid='" + name
                + "@localhost' type='urn:xabber:chat' " + state + "/></query></iq>");
    }

    private void alice(String stanza) {
        server.after(Duration.ofSeconds(1));
        TestClient laptop = server.connect(ALICE + "/laptop");
        laptop.sends(stanza);
        laptop.leaves();
    }

    @Test
    void lastMessageComesWithTheConversationUnlessItIsAmongTheMessages() {
        writes("bob", "b1", "the last word");
        comesBackAndGoes("");
        says("bob", "id='r1'><received xmlns='urn:xmpp:receipts' id='other'/><store xmlns='urn:xmpp:hints'/>");

        Element delta =
                login(server.open("localhost"), reconnect(phone.stamp, ALL)).requireChild(DELTA);

        assertThat(delta.toString()).contains("<last-message>", "the last word");
    }

    @Test
    void entryThatIsLargerThanWhatWasAskedForComesAlone() {
        writes("bob", "b1", "one");
        writes("bob", "b2", "x".repeat(3_000));

        Element range = answer(
                server.connect("alice@localhost/laptop"),
                "<range xmlns='" + NS + "' jid='bob@localhost' type='urn:xabber:chat' bytes='2000'/>");

        Element messages = range.name().local().equals("messages")
                ? range
                : range.children().get(0);
        assertThat(messages.children()).hasSize(1);
        assertThat(messages.attr("complete")).isEqualTo("false");
        assertThat(messages.attr("from")).isEqualTo(messages.children().get(0).attr("id"));
    }
}
