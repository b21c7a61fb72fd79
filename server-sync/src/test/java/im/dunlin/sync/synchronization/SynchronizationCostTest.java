// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestStanzas;
import im.dunlin.core.xml.Element;
import im.dunlin.sync.archive.CountingStore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a reconnect costs, in rows that are read: as much as changed, however much there is. */
class SynchronizationCostTest {
    private static final List<Integer> SIZES = List.of(10, 1_000, 10_000);

    private final CountingStore store = new CountingStore();
    private final SyncFixture alice = new SyncFixture(store);
    private final TestClient phone = alice.connect("alice@localhost/phone");
    private int peers;

    @AfterEach
    void close() {
        alice.close();
    }

    private void hearsFrom(int first, int count) {
        for (int from = first; from < first + count; from += 500) {
            int begin = from;
            alice.turn(turn -> {
                for (int i = begin; i < Math.min(first + count, begin + 500); i++) {
                    Message message = TestStanzas.message("<message type='chat' id='m' from='peer" + i
                            + "@localhost/x' to='alice@localhost'><body>hello</body></message>");
                    alice.log().append(turn, Way.INBOUND, message, message.traits());
                }
                return null;
            });
        }
    }

    /** The account grows, by messages and a few changes in place. */
    private void growsTo(int count) {
        hearsFrom(peers, count - peers);
        for (int i = 0; i < 5; i++) {
            alice.sets(phone, SyncFixture.conversation("peer" + i, "pinned='" + count + i + "'"));
        }
        peers = count;
    }

    private String stamp() {
        return alice.delta(phone, "9".repeat(18)).requireAttr("stamp");
    }

    private long cost(Function<TestClient, Element> question, int conversations) {
        long before = store.read();
        Element query = question.apply(phone);
        assertThat(SyncFixture.conversations(query)).hasSize(conversations);
        return store.read() - before;
    }

    @Test
    void nothingChangedIsAConstantNumberOfReads() {
        List<Long> costs = new ArrayList<>();
        for (int size : SIZES) {
            growsTo(size);
            String stamp = stamp();
            costs.add(cost(client -> alice.delta(client, stamp), 0));
        }

        System.out.println("reads with nothing changed at " + SIZES + " conversations: " + costs);
        assertThat(costs).containsOnly(costs.get(0));
        assertThat(costs.get(0)).isLessThan(20);
    }

    @Test
    void whatIsReadGrowsWithWhatChangedOnly() {
        List<List<Long>> costs = new ArrayList<>();
        for (int size : SIZES) {
            growsTo(size);
            List<Long> ofSize = new ArrayList<>();
            for (int changed : List.of(1, 5, 10)) {
                String stamp = stamp();
                hearsFrom(0, changed);
                // What the account's lane has looked up before is not read again: so the second time is the same at any
                // size.
                long first = cost(client -> alice.delta(client, stamp), changed);
                ofSize.add(cost(client -> alice.delta(client, stamp), changed));
                assertThat(first).isLessThanOrEqualTo(9 + 6 * changed);
            }
            costs.add(ofSize);
        }

        System.out.println("reads with 1, 5, 10 changed at " + SIZES + " conversations: " + costs);
        assertThat(costs).containsOnly(costs.get(0));
        List<Long> one = costs.get(0);
        long each = (one.get(1) - one.get(0)) / 4;
        assertThat(one.get(2) - one.get(1)).isEqualTo(each * 5);
    }

    @Test
    void pageOfAFirstSyncIsAConstantNumberOfReadsWhereverItIs() {
        List<Long> costs = new ArrayList<>();
        for (int size : List.of(1_000, 10_000)) {
            growsTo(size);
            String after = "";
            List<Long> ofSize = new ArrayList<>();
            for (int i = 0; i < size / 100; i++) {
                String cursor = after;
                ofSize.add(cost(client -> alice.ask(client, "", SyncFixture.page(100, cursor)), 100));
                after = "<after>" + SyncFixture.last(alice.ask(phone, "", SyncFixture.page(100, cursor))) + "</after>";
            }
            costs.add(ofSize.get(2));
            // The first counts, the last meets the end.
            assertThat(ofSize.subList(1, ofSize.size() - 1)).containsOnly(ofSize.get(2));
        }

        System.out.println("reads of a page of 100: " + costs);
        assertThat(costs).containsOnly(costs.get(0));
    }
}
