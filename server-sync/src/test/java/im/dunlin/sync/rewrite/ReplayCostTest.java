// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import static im.dunlin.sync.rewrite.RewriteFixture.ALICE;
import static im.dunlin.sync.rewrite.RewriteFixture.REWRITE;
import static im.dunlin.sync.rewrite.RewriteFixture.id;
import static im.dunlin.sync.rewrite.RewriteFixture.replace;
import static im.dunlin.sync.rewrite.RewriteFixture.says;
import static im.dunlin.sync.rewrite.RewriteFixture.version;
import static im.dunlin.sync.rewrite.RewriteFixture.xabber;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.sync.archive.CountingStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a client pays for that was away: for what was rewritten, not for what there is. */
class ReplayCostTest {
    private long cost(int conversations, int edits) {
        CountingStore store = new CountingStore();
        try (TestServer server = TestServer.with(store, new TestServer.TestTime(), RewriteFixture.modules())) {
            TestClient alice = xabber(server, "alice@localhost/web");
            for (int i = 0; i < conversations; i++) {
                says(server, alice, "alice@localhost", "note" + i, "<body>x</body>");
                says(server, alice, "peer" + i + "@elsewhere.example", "m" + i, "<body>x</body>");
            }
            String known = version(alice);
            String id = id(server, ALICE, "note0");
            for (int i = 0; i < edits; i++) {
                alice.sends(replace(id, "edit " + i));
            }
            // The first query finds what lanes remember.
            ask(alice, known);
            long before = store.read();
            ask(alice, known);
            return store.read() - before;
        }
    }

    private static void ask(TestClient client, String version) {
        client.ignores();
        client.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' version='" + version + "'/></iq>");
    }

    @Test
    void replayReadsWhatChangedHoweverManyConversationsThereAre() {
        long small = cost(5, 3);

        assertThat(cost(100, 3)).isEqualTo(small).isLessThan(40);
    }

    @Test
    void manyRewritesOfAConversationAreCountedToTheThresholdOnly() {
        long many = cost(5, 150);

        assertThat(cost(5, 300)).isEqualTo(many).isLessThan(250);
    }

    @Test
    void whatIsNotToldThisTimeIsNotRead() {
        CountingStore store = new CountingStore();
        try (TestServer server = TestServer.with(store, new TestServer.TestTime(), RewriteFixture.modules())) {
            TestClient alice = xabber(server, "alice@localhost/web");
            String known = version(alice);
            for (int peer = 0; peer < 40; peer++) {
                String name = "peer" + peer + "@localhost";
                server.account(name);
                says(server, alice, name, "p" + peer, "<body>x</body>");
                String id = id(server, ALICE, "p" + peer);
                for (int i = 0; i < 50; i++) {
                    alice.sends(replace(id, "edit " + i));
                }
            }
            ask(alice, known);
            long before = store.read();
            alice.ignores();
            alice.sends("<iq type='get' id='q'><query xmlns='" + REWRITE + "' version='" + known + "'/></iq>");
            long told = alice.waiting();

            // Of all 2,000 there is a row of the index; of those that are told, also what was rewritten and how.
            assertThat(told).isLessThan(1_000);
            assertThat(store.read() - before).isLessThan(2_000 + 3 * told + 500);
        }
    }

    @Test
    void replayDoesNotBringBackWhatWasRewrittenWhileItWasRead() throws InterruptedException {
        CountingStore store = new CountingStore();
        try (TestServer server = TestServer.with(store, new TestServer.TestTime(), RewriteFixture.modules())) {
            TestClient alice = xabber(server, "alice@localhost/web");
            says(server, alice, "alice@localhost", "note", "<body>x</body>");
            String note = id(server, ALICE, "note");
            alice.sends(replace(note, "a slip"));
            alice.ignores();
            CountDownLatch gate = new CountDownLatch(1);
            store.holdSnapshots(gate);
            for (String xml : List.of(
                    "<iq type='get' id='q'><query xmlns='" + REWRITE + "' version='1'/></iq>",
                    RewriteFixture.retract(note, false))) {
                Stanza stanza = TestStanzas.parse(xml);
                server.router().fromClient(alice.session(), alice, stanza.withFrom(alice.jid()), 100);
                store.awaitSnapshot();
            }
            CountDownLatch retracted = new CountDownLatch(1);
            server.lanes().submit(ALICE, turn -> retracted.countDown());
            retracted.await();
            gate.countDown();
            server.settle();

            List<String> told = new ArrayList<>();
            while (alice.waiting() > 0) {
                told.add(alice.next().toString());
            }
            assertThat(told.toString()).contains("<retract-message").doesNotContain("a slip");
        }
    }
}
