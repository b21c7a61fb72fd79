// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.AppServer;
import im.dunlin.push.PushFixture;
import im.dunlin.storage.Direction;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import im.dunlin.sync.calls.Call;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogReader;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The disk fails at each point between an event and the answer of the push service, in turn: after the restart the device is woken
 * for what the account knows, once more than meant at the most, and for nothing else.
 */
class PushCrashTest {
    private static final String PROPOSE = "<message type='chat' to='juliet@localhost'>"
            + "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>"
            + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>"
            + "<store xmlns='urn:xmpp:hints'/></message>";

    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite),
        BEHIND_WRITE(FaultyStore::failBehindWrite),
        AT_SYNC(FaultyStore::failAtSync);

        private final BiConsumer<FaultyStore, Integer> cause;

        Fault(BiConsumer<FaultyStore, Integer> cause) {
            this.cause = cause;
        }
    }

    /** Check 35. */
    @ParameterizedTest
    @EnumSource
    void callThatTheAccountKnowsRings(Fault fault) {
        crashes(fault, PROPOSE, server -> {
            CallLedger ledger = server.modules().provided(CallLedger.class);
            Call call = server.turn(JULIET, turn -> ledger.find(turn, "c1"));
            return call != null && call.isOffer();
        });
    }

    @ParameterizedTest
    @EnumSource
    void messageThatTheAccountHasIsPushed(Fault fault) {
        crashes(fault, PushFixture.chat("juliet@localhost", "hello"), server -> {
            LogReader reader = server.modules().provided(ConversationLog.class).reader();
            return Boolean.TRUE.equals(server.turn(JULIET, turn -> {
                try (LogReader.Entries entries =
                        reader.entries(turn.reader(), turn.owner().key(), 0, Long.MAX_VALUE, Direction.FORWARD)) {
                    return entries.next() != null;
                }
            }));
        });
    }

    private static void crashes(Fault fault, String event, Predicate<TestServer> isKnown) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            AppServer app = PushFixture.service("app");
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer.TestTime time = new TestServer.TestTime();
            TestServer server = TestServer.with(faulty, time, PushFixture.modules(app));
            TestClient phone = server.connect("juliet@localhost/phone");
            phone.sends(enable("n"));
            TestClient romeo = server.connect("romeo@localhost/orchard");
            phone.sends(
                    "<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='romeo@localhost'/></query></iq>");
            phone.leaves();
            fault.cause.accept(faulty, at);

            romeo.sends(event);
            server.after(Duration.ofSeconds(1));
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE);
            time.advance(Duration.ofSeconds(4));

            String where = fault + " " + at;
            try (TestServer restarted = TestServer.with(faulty, time, PushFixture.modules(app))) {
                boolean known = isKnown.test(restarted);
                for (int seconds = 0; seconds < 20; seconds++) {
                    restarted.after(Duration.ofSeconds(1));
                }
                if (known) {
                    assertThat(app.count()).as(where).isBetween(1, 2);
                } else {
                    assertThat(app.count()).as(where).isZero();
                }
            }
            at++;
        }
        assertThat(at).isGreaterThan(3);
    }
}
