// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.JULIET;
import static im.dunlin.sync.calls.CallsFixture.ROMEO;
import static im.dunlin.sync.calls.CallsFixture.proposeUnstored;
import static im.dunlin.sync.calls.CallsFixture.records;
import static im.dunlin.sync.calls.CallsFixture.say;
import static im.dunlin.sync.calls.CallsFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at each point of a call in turn: both ledgers agree on it afterwards, and nothing rings for ever. */
class CallCrashTest {
    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite),
        BEHIND_WRITE(FaultyStore::failBehindWrite),
        AT_SYNC(FaultyStore::failAtSync);

        private final BiConsumer<FaultyStore, Integer> cause;

        Fault(BiConsumer<FaultyStore, Integer> cause) {
            this.cause = cause;
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothLedgersAgreeAndEveryCallEnds(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, CallsFixture.modules());
            TestClient romeo = server.connect("romeo@localhost/orchard");
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends("<presence/>");
            juliet.ignores();
            fault.cause.accept(faulty, at);

            // None of it may be archived, so that the ledgers alone have it.
            romeo.sends(proposeUnstored("juliet@localhost", "c1"));
            boolean rang = juliet.waiting() > 0;
            juliet.sends(say("accept", "romeo@localhost/orchard", "c1", "", CallsFixture.NO_STORE));
            boolean answered = romeo.waiting() > 0;
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE);

            String where = fault + " " + at;
            try (TestServer restarted = TestServer.with(faulty, time, CallsFixture.modules())) {
                String his = state(restarted, ROMEO, "c1");
                assertThat(state(restarted, JULIET, "c1")).as(where).isEqualTo(his);
                if (answered) {
                    assertThat(his).as(where).isEqualTo("answered");
                } else if (rang) {
                    assertThat(his).as(where).isIn("proposed", "answered");
                }
                restarted.after(Duration.ofSeconds(61));
                if ("proposed".equals(his)) {
                    assertThat(state(restarted, JULIET, "c1")).as(where).isEqualTo("timeout");
                    assertThat(records(restarted, JULIET)).as(where).containsExactly("missed");
                }
                restarted.after(Duration.ofHours(24));
                restarted.after(Duration.ofHours(24));
                for (BareJid account : List.of(JULIET, ROMEO)) {
                    assertThat(state(restarted, account, "c1")).as(where).isNull();
                }
            }
            at++;
        }
        assertThat(at).isGreaterThan(2);
    }

    @ParameterizedTest
    @EnumSource
    void offerThatAStopHeldUpDoesNotRingInTheMorning(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, CallsFixture.modules());
            server.account(JULIET.toString());
            TestClient romeo = server.connect("romeo@localhost/orchard");
            fault.cause.accept(faulty, at);
            romeo.sends(proposeUnstored("juliet@localhost", "c1"));
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE);
            time.advance(Duration.ofHours(8));

            String where = fault + " " + at;
            try (TestServer restarted = TestServer.with(faulty, time, CallsFixture.modules())) {
                String hers = state(restarted, JULIET, "c1");
                assertThat(hers).as(where).isIn(null, "timeout", "proposed");
                if (hers != null) {
                    TestClient phone = restarted.connect("juliet@localhost/phone");
                    phone.sends("<iq type='get' id='c'><calls xmlns='https://dunlin.im/protocol/calls/1'/></iq>");
                    assertThat(phone.next().toString()).as(where).doesNotContain("state='proposed'");
                    restarted.after(Duration.ofSeconds(1));
                    assertThat(state(restarted, JULIET, "c1")).as(where).isEqualTo("timeout");
                    assertThat(records(restarted, JULIET)).as(where).containsExactly("missed");
                }
            }
            at++;
        }
        assertThat(at).isGreaterThan(1);
    }
}
