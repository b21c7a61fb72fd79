// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.ROMEO;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.ReadCount;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.PushFixture;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who has no registration pays nothing for those who have, after a restart as well. */
class RegistrationCostTest {
    private final ReadCount count = new ReadCount();
    private final Store store = count.of(new MemoryStore());
    private final TestServer.TestTime time = new TestServer.TestTime();

    private long reads(TestServer server, BareJid account) {
        Registrations registrations = server.modules().provided(Registrations.class);
        // So that what the lane reads of a new owner is not counted.
        server.turn(account, turn -> turn.exists());
        List<Long> reads = Objects.requireNonNull(server.turn(account, turn -> {
            long before = count.reads();
            registrations.of(turn);
            long first = count.reads();
            registrations.of(turn);
            return List.of(first - before, count.reads() - first);
        }));
        assertThat(reads.get(1)).as("a second look").isZero();
        return reads.get(0);
    }

    @Test
    void accountWithoutRegistrationsIsNotLookedUp() {
        TestServer server = TestServer.with(store, time, PushFixture.modules());
        server.connect("romeo@localhost/orchard");
        server.connect("juliet@localhost/phone").sends(enable("n"));
        assertThat(reads(server, ROMEO)).isZero();
        server.close();

        TestServer next = TestServer.with(store, time, PushFixture.modules());
        assertThat(reads(next, ROMEO)).isZero();
        assertThat(reads(next, JULIET)).isPositive();
        next.close();
    }
}
