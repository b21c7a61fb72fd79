// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Changes;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Seed;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Store;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanesTest {
    private static final CacheKey<List<String>> COLLECTED = new CacheKey<>("collected");

    private static final BareJid JULIET = (BareJid) Jid.of("juliet@localhost");
    private static final BareJid ROMEO = (BareJid) Jid.of("romeo@localhost");
    private static final Element QUESTION = Element.of(Name.of("urn:example:test", "question"));
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final TestTime time = new TestTime();
    private final FaultyStore store = new FaultyStore(MemoryStore::new);
    private final AtomicReference<NoteModule> module = new AtomicReference<>();

    private TestServer start() {
        return start(store);
    }

    private TestServer start(Store on) {
        return TestServer.with(on, time, Map.of("notes", setup -> module.set(new NoteModule(setup))));
    }

    private List<String> notes(TestServer server, String owner) {
        return NoteModule.of(server, module.get(), owner);
    }

    @Test
    void turnThatIsRefusedHasDoneNothingAndIsAnswered() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");

            juliet.sends("<iq type='set' id='f'><fail xmlns='urn:example:test'/></iq>");

            juliet.receivesError("conflict");
            assertThat(notes(server, "juliet@localhost")).isEmpty();
        }
    }

    @Test
    void whatATurnCollectsForItsEndIsHandedOutBehindItsBody() {
        try (TestServer server = start()) {
            List<String> ran = new ArrayList<>();

            server.turn(server.account("juliet@localhost"), turn -> {
                turn.atEnd(COLLECTED, ArrayList::new, ran::addAll).add("one");
                turn.atEnd(COLLECTED, ArrayList::new, ran::addAll).add("two");
                ran.add("body");
                return null;
            });

            assertThat(ran).containsExactly("body", "one", "two");
        }
    }

    @Test
    void messageIsRecordedOnBothSides() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            server.account("romeo@localhost");

            juliet.sends("<message type='chat' to='romeo@localhost'><body>hi</body></message>");

            assertThat(notes(server, "juliet@localhost")).containsExactly("OUTBOUND hi");
            assertThat(notes(server, "romeo@localhost")).containsExactly("INBOUND hi");
        }
    }

    private enum Fault {
        AT_WRITE,
        BEHIND_WRITE,
        AT_SYNC,
        /** And one of the writes that were not synced is on the disk nevertheless. */
        AT_SYNC_BEHIND_ONE,
        AT_SYNC_BEHIND_TWO;

        /** @param at the write or the sync */
        void prepare(FaultyStore store, int at) {
            switch (this) {
                case AT_WRITE -> store.failAtWrite(at);
                case BEHIND_WRITE -> store.failBehindWrite(at);
                case AT_SYNC, AT_SYNC_BEHIND_ONE, AT_SYNC_BEHIND_TWO -> store.failAtSync(at);
            }
        }

        void crash(FaultyStore store) {
            int kept = switch (this) {
                case AT_WRITE, BEHIND_WRITE, AT_SYNC -> 0;
                case AT_SYNC_BEHIND_ONE -> 1;
                case AT_SYNC_BEHIND_TWO -> 2;
            };
            store.crash(FaultyStore.Crash.MACHINE, kept);
        }
    }

    /** Fails the disk at each point in turn: what the sender's side has, the receiver's has after the restart, once. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void crashBetweenTheTwoSidesIsMadeGoodAtTheNextStart(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer server = start(faulty);
            TestClient juliet = server.connect("juliet@localhost/balcony");
            server.account("romeo@localhost");
            fault.prepare(faulty, at);

            juliet.sends("<message type='chat' to='romeo@localhost'><body>one</body></message>");
            int released = juliet.credit();
            juliet.sends("<message type='chat' to='romeo@localhost'><body>two</body></message>");
            reached = server.hasFailed();
            server.kill();
            fault.crash(faulty);

            try (TestServer restarted = start(faulty)) {
                List<String> sent = notes(restarted, "juliet@localhost");
                assertThat(notes(restarted, "romeo@localhost"))
                        .as("%s %d", fault, at)
                        .isEqualTo(sent.stream()
                                .map(note -> note.replace("OUTBOUND", "INBOUND"))
                                .toList());
                if (released > 0) {
                    assertThat(sent).as("what was released at %s %d", fault, at).contains("OUTBOUND one");
                }
            }
            at++;
        }
        // Each of two messages is synced, with both its sides at best.
        assertThat(at).isGreaterThan(2);
    }

    private TestServer startWithDelivery() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("notes", setup -> module.set(new NoteModule(setup)));
        return TestServer.with(store, time, modules);
    }

    /** Some on each lane. */
    private static List<TestClient> many(TestServer server) {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            TestClient client = server.connect("romeo" + i + "@localhost/orchard");
            client.sends("<presence/>");
            client.ignores();
            clients.add(client);
        }
        return clients;
    }

    private static String stored(TestClient to, int id) {
        return "<message type='chat' id='" + id + "' to='" + to.jid() + "'><body>" + id + "</body></message>";
    }

    private static String question(TestClient to, int id) {
        return "<iq type='get' id='" + id + "' to='" + to.jid() + "'><x xmlns='urn:example:test'/></iq>";
    }

    private static String unstored(TestClient to, int id) {
        return stored(to, id).replace("</body>", "</body><no-store xmlns='urn:xmpp:hints'/>");
    }

    /** Whoever does it on whichever lane: what follows from a write stays back until that is on the disk. */
    @Test
    void nothingThatFollowsAWriteIsSeenBeforeItsSync() {
        try (TestServer server = startWithDelivery()) {
            List<TestClient> receivers = many(server);
            TestClient juliet = server.connect("juliet@localhost/balcony");
            store.failAtSync(0);
            List<String> stanzas = new ArrayList<>();
            receivers.forEach(receiver ->
                    stanzas.addAll(List.of(stored(receiver, 1), question(receiver, 2), unstored(receiver, 3))));

            juliet.sendsAtOnce(stanzas);

            assertThat(server.hasFailed()).isTrue();
            receivers.forEach(TestClient::receivesNothing);
        }
    }

    /** RFC 6120 §10.1, though some are handed over with a row and others without. */
    @Test
    void stanzasOfASenderArriveInTheirOrder() {
        long seed = Seed.next();
        Random random = new Random(seed);
        try (TestServer server = startWithDelivery()) {
            List<TestClient> receivers = many(server);
            TestClient juliet = server.connect("juliet@localhost/balcony");
            List<String> stanzas = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                for (TestClient receiver : receivers) {
                    stanzas.add(
                            switch (random.nextInt(3)) {
                                case 0 -> stored(receiver, i);
                                case 1 -> question(receiver, i);
                                default -> unstored(receiver, i);
                            });
                }
            }

            juliet.sendsAtOnce(stanzas);

            for (TestClient receiver : receivers) {
                for (int i = 0; i < 500; i++) {
                    assertThat(receiver.next().attr("id")).as("seed %d", seed).isEqualTo(Integer.toString(i));
                }
                receiver.receivesNothing();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void durableQuestionToAnAccountIsHandledOnceAndSoIsItsAnswer(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer server = start(faulty);
            server.account("juliet@localhost");
            server.account("romeo@localhost");
            fault.prepare(faulty, at);

            server.turn(JULIET, turn -> {
                Iq question = Iq.set(BareJid.of("romeo@localhost"), "q1", Element.of(NoteModule.ASK))
                        .withFrom(JULIET);
                turn.askDurably(NoteModule.KIND, "x".getBytes(StandardCharsets.UTF_8), question, MINUTE);
                module.get().note(turn, "asks");
                return null;
            });
            reached = server.hasFailed();
            server.kill();
            fault.crash(faulty);

            try (TestServer restarted = start(faulty)) {
                restarted.after(MINUTE.plusSeconds(1));
                List<String> hers = notes(restarted, "juliet@localhost");
                List<String> his = notes(restarted, "romeo@localhost");
                boolean asked = hers.contains("asks");
                assertThat(hers)
                        .as("%s %d", fault, at)
                        .isEqualTo(asked ? List.of("asks", "answer to x: RESULT") : List.of());
                assertThat(his).as("%s %d", fault, at).isEqualTo(asked ? List.of("asked") : List.of());
            }
            at++;
        }
        // Question and answer are four turns, which one sync may serve.
        assertThat(at).isGreaterThan(1);
    }

    @Test
    void recordedRowsOfTheOutboxAreSwept() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            server.account("romeo@localhost");
            for (int i = 0; i < 10; i++) {
                juliet.sends("<message type='chat' to='romeo@localhost'><body>" + i + "</body></message>");
            }

            server.after(MINUTE);

            try (var rows = server.store().scanTable(server.store().open(Outbox.ROWS))) {
                assertThat(rows.take(100))
                        .singleElement()
                        .satisfies(row -> assertThat(row.value().stanza()).isEmpty());
            }
            juliet.sends("<message type='chat' to='romeo@localhost'><body>last</body></message>");
            assertThat(notes(server, "romeo@localhost")).hasSize(11).endsWith("INBOUND last");
        }
    }

    @Test
    void sequenceOfAnOutboxGoesOnAfterARestart() {
        TestServer server = start();
        TestClient juliet = server.connect("juliet@localhost/balcony");
        server.account("romeo@localhost");
        juliet.sends("<message type='chat' to='romeo@localhost'><body>before</body></message>");
        server.after(MINUTE);
        server.kill();
        store.crash(FaultyStore.Crash.PROCESS);

        try (TestServer restarted = start()) {
            TestClient again = restarted.connect("juliet@localhost/balcony");
            again.sends("<message type='chat' to='romeo@localhost'><body>after</body></message>");

            assertThat(notes(restarted, "romeo@localhost")).containsExactly("INBOUND before", "INBOUND after");
        }
    }

    @Test
    void clockNeverRepeatsWhenTheWallClockStepsBack() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            Long first = server.turn(JULIET, Turn::stamp);
            time.advance(Duration.ofHours(-1));

            Long second = server.turn(JULIET, Turn::stamp);

            assertThat(second).isEqualTo(first + 1);
        }
    }

    @Test
    void clockNeverRepeatsAcrossAKillWithinTheSameMoment() {
        long last;
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, Turn::stamp);
            last = server.turn(JULIET, Turn::stamp);
            server.kill();
        }
        store.crash(FaultyStore.Crash.PROCESS);

        try (TestServer restarted = start()) {
            assertThat(restarted.turn(JULIET, Turn::stamp)).isGreaterThan(last);
        }
    }

    @Test
    void busyClockIsKeptTwiceASecond() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            OwnerKey juliet = server.turn(JULIET, turn -> turn.owner().key());
            Set<Long> kept = new HashSet<>();
            for (int i = 0; i < 10; i++) {
                time.advance(Duration.ofMillis(100));
                server.turn(JULIET, Turn::stamp);
                kept.add(store.get(store.open(Directory.CLOCKS), juliet, Keys.Single.ROW));
            }

            assertThat(kept).hasSizeBetween(2, 3);
        }
    }

    @Test
    void clockFarAheadOfTheWallRefusesToStart() {
        TestServer server = start();
        server.account("juliet@localhost");
        server.turn(JULIET, Turn::stamp);
        server.kill();
        time.advance(Duration.ofMinutes(-6));

        assertThatThrownBy(this::start).isInstanceOf(ClockAheadException.class).hasMessageContaining("--accept-clock");
    }

    @Test
    void ownerThatIsMadeAgainDoesNotMeetTheRowsOfItsFirstLife() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                module.get().note(turn, "first life");
                return null;
            });
            server.turn(JULIET, turn -> {
                turn.removeOwner(turn.now().minusSeconds(1));
                return null;
            });

            server.account("juliet@localhost");

            assertThat(notes(server, "juliet@localhost")).isEmpty();
        }
    }

    // ---- continuations
    // -----------------------------------------------------------------------------------------------

    @Test
    void ownerThatAskedAnotherIsResumedWithItsAnswer() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.account("romeo@localhost");
            server.turn(JULIET, turn -> {
                turn.askOwner(
                        ROMEO,
                        asked -> "this is " + asked.jid(),
                        (later, answer) -> module.get().note(later, answer));
                return null;
            });

            assertThat(notes(server, "juliet@localhost")).containsExactly("this is romeo@localhost");
        }
    }

    @Test
    void questionThatFailsResumesTheAskerOnceWithNothing() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                turn.askOwner(
                        ROMEO,
                        asked -> asked.owner().toString(),
                        (later, answer) -> module.get().note(later, "got " + answer));
                return null;
            });

            assertThat(notes(server, "juliet@localhost")).containsExactly("got null");
        }
    }

    @Test
    void iqOfTheServersOwnIsAnsweredByTheClient() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            ask(server, juliet.jid());
            juliet.receives("<iq type='get' id='q1'><question xmlns='urn:example:test'/></iq>");

            juliet.sends("<iq type='result' id='q1' to='juliet@localhost'/>");

            assertThat(notes(server, "juliet@localhost")).containsExactly("RESULT");
        }
    }

    @Test
    void answerOfSomebodyElseIsNoAnswer() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            TestClient romeo = server.connect("romeo@localhost/orchard");
            ask(server, juliet.jid());

            romeo.sends("<iq type='result' id='q1' to='juliet@localhost'/>");

            assertThat(notes(server, "juliet@localhost")).isEmpty();
        }
    }

    @Test
    void questionThatIsNotAnsweredInTimeResumesWithNothing() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            ask(server, juliet.jid());

            server.after(MINUTE.plusSeconds(1));
            juliet.sends("<iq type='result' id='q1' to='juliet@localhost'/>");

            assertThat(notes(server, "juliet@localhost")).containsExactly("none");
        }
    }

    /** A host is no owner, and asks in its own name: push services, say. */
    @Test
    void questionOfAHostEnds() {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            BareJid host = BareJid.ofDomain("localhost");
            List<String> heard = new ArrayList<>();
            for (String id : List.of("q1", "q2")) {
                server.turn(host, turn -> {
                    turn.ask(
                            Iq.get(juliet.jid(), id, QUESTION).withFrom(host),
                            MINUTE,
                            (later, answer) -> heard.add(id + (answer == null ? " none" : " answered")));
                    return null;
                });
            }
            server.after(MINUTE.plusSeconds(1));

            assertThat(heard).containsExactlyInAnyOrder("q1 none", "q2 none");
        }
    }

    private void ask(TestServer server, FullJid whom) {
        server.turn(JULIET, turn -> {
            turn.ask(
                    Iq.get(whom, "q1", QUESTION).withFrom(JULIET),
                    MINUTE,
                    (later, answer) -> module.get()
                            .note(later, answer == null ? "none" : answer.type().name()));
            return null;
        });
    }

    @Test
    void durableQuestionIsEndedByItsDeadlineAlsoAfterARestart() {
        TestServer server = start();
        TestClient romeo = server.connect("romeo@localhost/orchard");
        server.account("juliet@localhost");
        server.turn(JULIET, turn -> {
            turn.askDurably(
                    NoteModule.KIND,
                    "x".getBytes(StandardCharsets.UTF_8),
                    Iq.get(romeo.jid(), "q1", QUESTION).withFrom(JULIET),
                    MINUTE);
            return null;
        });
        server.kill();
        store.crash(FaultyStore.Crash.PROCESS);

        try (TestServer restarted = start()) {
            restarted.after(MINUTE.plusSeconds(1));

            assertThat(notes(restarted, "juliet@localhost")).containsExactly("answer to x: none");
        }
    }

    @Test
    void durableQuestionIsAnsweredOnce() {
        try (TestServer server = start()) {
            TestClient romeo = server.connect("romeo@localhost/orchard");
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                turn.askDurably(
                        NoteModule.KIND,
                        "x".getBytes(StandardCharsets.UTF_8),
                        Iq.get(romeo.jid(), "q1", QUESTION).withFrom(JULIET),
                        MINUTE);
                return null;
            });

            romeo.sends("<iq type='result' id='q1' to='juliet@localhost'/>");
            romeo.sends("<iq type='result' id='q1' to='juliet@localhost'/>");
            server.after(MINUTE.plusSeconds(1));

            assertThat(notes(server, "juliet@localhost")).containsExactly("answer to x: RESULT");
        }
    }

    @Test
    void timerIsATurnOfItsOwnerAlsoAfterARestart() {
        TestServer server = start();
        server.account("juliet@localhost");
        server.turn(JULIET, turn -> {
            turn.schedule(NoteModule.KIND, turn.now().plus(MINUTE), "tea".getBytes(StandardCharsets.UTF_8));
            return null;
        });
        server.after(MINUTE.minusSeconds(1));
        assertThat(notes(server, "juliet@localhost")).isEmpty();
        server.kill();
        store.crash(FaultyStore.Crash.PROCESS);

        try (TestServer restarted = start()) {
            restarted.after(Duration.ofSeconds(2));
            restarted.after(MINUTE);

            assertThat(notes(restarted, "juliet@localhost")).containsExactly("timer tea");
        }
    }

    @Test
    void timerWhoseTurnFailsIsTriedAgainLater() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                turn.schedule(NoteModule.KIND, turn.now().plus(MINUTE), "fails once".getBytes(StandardCharsets.UTF_8));
                return null;
            });

            server.after(MINUTE);
            assertThat(notes(server, "juliet@localhost")).isEmpty();
            server.after(MINUTE);
            server.after(MINUTE);

            assertThat(notes(server, "juliet@localhost")).containsExactly("timer fails once");
        }
    }

    @Test
    void timerOfARemovedOwnerDoesNotReachItsSuccessor() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                turn.schedule(NoteModule.KIND, turn.now().plus(MINUTE), new byte[0]);
                turn.removeOwner(turn.now());
                return null;
            });
            server.account("juliet@localhost");

            server.after(MINUTE.plusSeconds(1));

            assertThat(notes(server, "juliet@localhost")).isEmpty();
        }
    }

    @Test
    void sendersWaitWhileALaneIsOverloaded() throws Exception {
        try (TestServer server = start()) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            server.account("romeo@localhost");
            CountDownLatch hold = new CountDownLatch(1);
            server.lanes().submit(ROMEO, turn -> await(hold));
            for (int i = 0; i <= Lanes.OVERLOADED; i++) {
                server.lanes().submit(ROMEO, turn -> {});
            }
            CountDownLatch done = new CountDownLatch(1);
            server.lanes().submit(juliet.session(), juliet, null, 100, turn -> turn.afterwards(done::countDown));
            boolean sameLane = !done.await(200, TimeUnit.MILLISECONDS);
            assertThat(juliet.credit()).isZero();

            hold.countDown();
            server.settle();
            server.lanes().tick();
            server.settle();

            assertThat(juliet.credit()).as("on the same lane: " + sameLane).isEqualTo(100);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void timerOfAnOwnerThatIsGoneIsForgotten() {
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.turn(JULIET, turn -> {
                turn.schedule(NoteModule.KIND, turn.now().plus(MINUTE), new byte[0]);
                turn.removeOwner(turn.now());
                return null;
            });

            server.after(MINUTE.plusSeconds(1));

            try (var rows = server.store().scanTable(server.store().open(Timers.TIMERS))) {
                assertThat(rows.hasNext()).isFalse();
            }
        }
    }

    /** An echo that the replay causes goes out behind the echoes that the crash interrupted, and hides none of them. */
    @Test
    void whatAReplayedStanzaCausesDoesNotOvertakeWhatIsReplayed() {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
        modules.put("notes", setup -> module.set(new NoteModule(setup)));
        modules.put("echo", EchoModule::new);
        BareJid echo = BareJid.ofDomain("echo.localhost");
        // Rows are replayed by slot: the one that causes an echo must come before the interrupted echoes.
        int number = 0;
        BareJid sender = JULIET;
        while (Directory.slotOf(sender) >= Directory.slotOf(echo)) {
            sender = (BareJid) Jid.of("juliet" + number++ + "@localhost");
        }
        try (TestServer server = TestServer.with(store, time, modules)) {
            server.account(sender.toString());
        }
        Outbox outbox = new Outbox(store);
        Changes asked = new Changes(store, Directory.slotOf(sender));
        outbox.add(asked, asked.slot(), echo, Message.chat(echo, "last").withFrom(sender), time.instant());
        store.write(asked.toBatch());
        Changes echoes = new Changes(store, Directory.slotOf(echo));
        for (int i = 0; i < 900; i++) {
            outbox.add(
                    echoes,
                    echoes.slot(),
                    sender,
                    Message.chat(sender, "echo " + i).withFrom(echo),
                    time.instant());
        }
        store.write(echoes.toBatch());

        try (TestServer restarted = TestServer.with(store, time, modules)) {
            assertThat(notes(restarted, sender.toString())).hasSize(901).endsWith("INBOUND last");
        }
    }

    @Test
    void longBacklogOfRecordedRowsIsSweptInBoundedBatches() {
        Outbox outbox = new Outbox(store);
        int from = Directory.slotOf(JULIET);
        Outbox.Handoff last = null;
        for (int batch = 0; batch < 3; batch++) {
            Changes rows = new Changes(store, from);
            for (int i = 0; i < 10_000; i++) {
                last = outbox.add(rows, from, ROMEO, Message.chat(ROMEO, "x").withFrom(JULIET), time.instant());
            }
            store.write(rows.toBatch());
        }
        outbox.recorded(last);

        int sweeps = 0;
        try (var rows = store.scanTable(store.open(Outbox.ROWS))) {
            assertThat(rows.take(40_000)).hasSize(30_000);
        }
        for (; sweeps < 100; sweeps++) {
            outbox.sweep(store, slot -> slot == from, changes -> {
                assertThat(changes.rows()).isLessThanOrEqualTo(2_000);
                store.write(changes.toBatch());
            });
        }

        try (var rows = store.scanTable(store.open(Outbox.ROWS))) {
            assertThat(rows.take(40_000))
                    .singleElement()
                    .satisfies(row -> assertThat(row.value().receiver()).isNull());
        }
    }

    @Test
    void damagedRowConcernsItsOwnerOnly() {
        ValueCodec<byte[]> raw = new ValueCodec<>() {
            @Override
            public byte[] write(byte[] value) {
                return value;
            }

            @Override
            public byte[] read(byte[] bytes) {
                return bytes;
            }
        };
        try (TestServer server = start()) {
            server.account("juliet@localhost");
            server.account("romeo@localhost");
            Table<Long, byte[]> damaged = store.open(new TableSpec<>("notes", Shape.LOG, Keys.NUMBER, raw));
            server.turn(JULIET, turn -> {
                turn.put(damaged, 1L, new byte[] {99});
                return null;
            });

            Object read = server.turn(JULIET, turn -> module.get().notes(turn));

            assertThat(read).isNull();
            assertThat(server.hasFailed()).isFalse();
            assertThat(notes(server, "romeo@localhost")).isEmpty();
        }
    }

    /** Its slots would never be served again, and nobody would know. */
    @Test
    void laneThatDiesEndsTheServer() {
        TestServer server = start();
        server.account("juliet@localhost");

        server.turn(JULIET, turn -> {
            throw new StackOverflowError();
        });

        assertThat(server.hasFailed()).isTrue();
        server.kill();
    }

    @Test
    void questionOfAnOwnerThatIsGoneIsNotAnsweredToItsSuccessor() {
        try (TestServer server = start()) {
            TestClient romeo = server.connect("romeo@localhost/orchard");
            server.account("juliet@localhost");
            ask(server, romeo.jid());
            server.turn(JULIET, turn -> {
                turn.removeOwner(turn.now());
                return null;
            });
            server.account("juliet@localhost");

            romeo.sends("<iq type='result' id='q1' to='juliet@localhost'/>");
            server.after(MINUTE.plusSeconds(1));

            assertThat(notes(server, "juliet@localhost")).isEmpty();
        }
    }

    @Test
    @Timeout(60)
    void diskThatFailsDuringACleanStopDoesNotHoldItUp() {
        TestServer server = start();
        TestClient juliet = server.connect("juliet@localhost/balcony");
        juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        store.failAtWrite(0);

        server.stop();

        assertThat(server.hasFailed()).isTrue();
    }

    @Test
    void sessionWhoseResumptionCameToNothingIsNoGhost() {
        // The old connection acknowledges while the resumption, with an older count, is under way.
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        try (TestServer server = TestServer.with(
                "late",
                setup -> setup.sessionResumed((session, turn) -> meanwhile.get().run()))) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            ClientSession session = juliet.session();
            String id = session.outbound().management().id();
            server.turn(JULIET, turn -> {
                turn.send(session, Message.chat(juliet.jid(), "hello"));
                return null;
            });
            TestClient again = server.login("juliet@localhost");
            meanwhile.set(() -> session.outbound().acknowledge(juliet, 1));

            again.sends("<resume xmlns='urn:xmpp:sm:3' previd='" + id + "' h='0'/>");

            again.receives("<failed xmlns='urn:xmpp:sm:3'/>");
            assertThat(juliet.isClosed()).isTrue();
            assertThat(server.sessions().count()).isZero();
        }
    }
}
