// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.presence;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.ReadCount;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** DESIGN settled 13: presence at scale. */
class PresenceScaleTest {
    private static final int CONTACTS = 200;
    private static final int ONLINE = 10;

    private final ReadCount count = new ReadCount();

    /** Makes subscriptions both ways with many contacts. */
    private static void befriendMany(TestServer server, TestClient juliet) {
        for (int i = 0; i < CONTACTS; i++) {
            server.time().advance(Duration.ofSeconds(10));
            TestClient friend = server.connect("friend" + i + "@localhost/x");
            ImModules.befriend(friend, juliet);
            friend.leaves();
        }
    }

    @Test
    void contactsWithoutSessionsAreNotReadFromTheStore() {
        MemoryStore memory = new MemoryStore();
        TestServer.TestTime time = new TestServer.TestTime();
        try (TestServer server = TestServer.with(memory, time, ImModules.all())) {
            befriendMany(server, server.connect("juliet@localhost/balcony"));
        }

        // A new server remembers nobody.
        try (TestServer server = TestServer.with(count.of(memory), time, ImModules.all())) {
            List<TestClient> online = new ArrayList<>();
            for (int i = 0; i < ONLINE; i++) {
                TestClient friend = server.connect("friend" + i + "@localhost/x");
                friend.sends("<presence/>");
                friend.ignores();
                online.add(friend);
            }
            TestClient juliet = server.connect("juliet@localhost/balcony");
            long before = count.reads();

            juliet.sends("<presence/>");
            juliet.sends("<presence><show>away</show></presence>");
            juliet.leaves();

            // The roster as a whole once, and its row of the asker for each probe of somebody who is there.
            assertThat(count.reads() - before).isLessThan(5 * ONLINE);
            for (TestClient friend : online) {
                friend.receives("<presence from='juliet@localhost/balcony'/>");
                friend.receives("<presence from='juliet@localhost/balcony'><show>away</show></presence>");
                friend.receives("<presence type='unavailable' from='juliet@localhost/balcony'/>");
                friend.receivesNothing();
            }
            assertThat(juliet.waiting()).isEqualTo(ONLINE + 2);
        }
    }
}
