// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import static im.dunlin.core.modules.muc.RoomFixture.configures;
import static im.dunlin.core.modules.muc.RoomFixture.joins;
import static im.dunlin.core.modules.muc.RoomFixture.makes;
import static im.dunlin.core.modules.muc.RoomFixture.says;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.FaultyStore;
import im.dunlin.storage.memory.MemoryStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The disk fails at each point of what is said in a room, in turn: who was told that it is said finds it there. */
class RoomCrashTest {
    private static final Name BODY = Name.of(Ns.CLIENT, "body");

    private enum Fault {
        AT_WRITE(FaultyStore::failAtWrite, 0),
        BEHIND_WRITE(FaultyStore::failBehindWrite, 0),
        AT_SYNC(FaultyStore::failAtSync, 0),
        AT_SYNC_BEHIND_ONE(FaultyStore::failAtSync, 1),
        AT_SYNC_BEHIND_TWO(FaultyStore::failAtSync, 2);

        private final BiConsumer<FaultyStore, Integer> cause;
        private final int unsyncedKept;

        Fault(BiConsumer<FaultyStore, Integer> cause, int unsyncedKept) {
            this.cause = cause;
            this.unsyncedKept = unsyncedKept;
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void whatWasAcknowledgedOrSeenIsThereOnce(Fault fault) {
        int at = 0;
        boolean reached = true;
        while (reached) {
            FaultyStore faulty = new FaultyStore(MemoryStore::new);
            TestServer server = RoomFixture.server(faulty);
            TestClient crone = server.connect("crone@localhost/a");
            TestClient hag = server.connect("hag@localhost/a");
            makes(crone, "firstwitch");
            configures(crone, "persistentroom", "1");
            joins(hag, "thirdwitch");
            says(hag, "zero");
            crone.ignores();
            int before = hag.credit();
            fault.cause.accept(faulty, at);

            says(hag, "one");
            boolean acknowledged = hag.credit() > before;
            boolean seen = crone.waiting() > 0;
            says(hag, "two");
            reached = server.hasFailed();
            server.kill();
            faulty.crash(FaultyStore.Crash.MACHINE, fault.unsyncedKept);

            try (TestServer restarted = RoomFixture.server(faulty)) {
                String where = fault + " " + at;
                List<String> kept = history(restarted);
                assertThat(kept).as(where).startsWith("zero").doesNotHaveDuplicates();
                assertThat(List.of("zero", "one", "two")).as(where).startsWith(kept.toArray(String[]::new));
                if (acknowledged || seen) {
                    assertThat(kept).as(where).contains("one");
                }
            }
            at++;
        }
        assertThat(at).isGreaterThan(2);
    }

    private static List<String> history(TestServer server) {
        TestClient crone = server.connect("crone@localhost/a");
        RoomFixture.asksToJoin(crone, "firstwitch");
        List<String> bodies = new ArrayList<>();
        while (crone.waiting() > 0) {
            Element next = crone.next();
            if (next.has(BODY)) {
                bodies.add(next.text(BODY));
            }
        }
        return bodies;
    }
}
