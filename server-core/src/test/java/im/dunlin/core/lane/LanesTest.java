// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanesTest {
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
        AT_SYNC
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
            switch (fault) {
                case AT_WRITE -> faulty.failAtWrite(at);
                case BEHIND_WRITE -> faulty.failBehindWrite(at);
                case AT_SYNC -> faulty.failAtSync(at);
            }

            juliet.sends("<message type='chat' to='romeo@localhost'><body>one</body></message>");
            int released = juliet.credit();
            juliet.sends("<message type='chat' to='romeo@localhost'><body>two</body></message>");
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE);

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
        assertThat(at).isGreaterThan(3);
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
}
