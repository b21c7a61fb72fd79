// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static im.dunlin.push.PushFixture.JULIET;
import static im.dunlin.push.PushFixture.ROMEO;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.Golden;
import im.dunlin.core.testing.TestServer;
import im.dunlin.push.PushFixture;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** No push has the number of another. */
class SequenceTest {
    private final Store store = new MemoryStore();
    private final TestServer.TestTime time = new TestServer.TestTime();

    private TestServer server() {
        Map<String, Consumer<Setup>> modules = PushFixture.modules();
        modules.put("sequence", setup -> setup.provide(Sequence.class, new Sequence(setup)));
        TestServer server = TestServer.with(store, time, modules);
        server.connect("juliet@localhost/phone");
        server.connect("romeo@localhost/orchard");
        return server;
    }

    private static long next(TestServer server, BareJid account) {
        return Objects.requireNonNull(server.turn(
                account, turn -> server.modules().provided(Sequence.class).next(turn)));
    }

    @Test
    @DisplayName("Check 20: the number of a push is one more than the last, also after a restart")
    void numbersGoOnAfterARestart() {
        TestServer server = server();
        long first = next(server, JULIET);
        assertThat(next(server, JULIET)).isEqualTo(first + 1);
        next(server, ROMEO);
        server.close();

        TestServer again = server();
        assertThat(next(again, JULIET)).isEqualTo(first + 2);
        again.close();
    }

    /** JSON's numbers are exact up to there. */
    @Test
    void numbersAreThoseThatEveryClientReads() {
        TestServer server = server();
        assertThat(next(server, JULIET)).isPositive().isLessThan(1L << 53);
        server.close();
    }

    @Test
    void valueIsAsItWas() {
        Golden.check("push-sequence", Sequence.SEQUENCE.values(), 1_760_000_300_000_000L);
    }
}
