// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import static im.dunlin.sync.calls.CallsFixture.JULIET;
import static im.dunlin.sync.calls.CallsFixture.NO_STORE;
import static im.dunlin.sync.calls.CallsFixture.ROMEO;
import static im.dunlin.sync.calls.CallsFixture.STORE;
import static im.dunlin.sync.calls.CallsFixture.propose;
import static im.dunlin.sync.calls.CallsFixture.proposeUnstored;
import static im.dunlin.sync.calls.CallsFixture.say;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Seed;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Whatever two people's devices say of calls, in whatever order, asleep, cut off or killed. A former run again:
 * {@code -Ddunlin.seed=SEED}.
 */
class CallLedgerProperties {
    private static final int RUNS = 30;
    private static final int STEPS = 60;
    private static final List<String> WORDS = List.of("ringing", "proceed", "accept", "reject", "retract", "finish");

    private Random random = new Random();
    private final Map<String, Call> last = new HashMap<>();
    private final List<String> wrong = new ArrayList<>();

    private Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>(CallsFixture.modules());
        modules.put(
                "observer",
                setup -> setup.require(CallLedger.class).observe((before, now, told, turn) -> {
                    Call known;
                    synchronized (last) {
                        known = last.put(turn.jid() + " " + now.sid(), now);
                        // Each change goes on from the one before, and none from an end.
                        if (!Objects.equals(before, known) || before != null && before.isOver()) {
                            wrong.add(before + " -> " + now);
                        }
                    }
                }));
        return modules;
    }

    @Test
    void ledgerAgreesWithItselfAndNothingRingsAfterItsEnd() {
        long seed = Seed.next();
        random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            last.clear();
            run("seed " + seed + ", run " + run);
        }
    }

    private void run(String where) {
        TestServer server = TestServer.with(modules());
        List<Phone> phones = new ArrayList<>();
        for (String jid : List.of("romeo@localhost/orchard", "romeo@localhost/tablet", "juliet@localhost/phone")) {
            phones.add(Phone.on(server, jid));
        }
        List<Boolean> asleep = new ArrayList<>(List.of(false, false, false));
        int slept = 0;
        for (int step = 0; step < STEPS; step++) {
            int index = random.nextInt(phones.size());
            Phone phone = phones.get(index);
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (asleep.get(index)) {
                        phone.wakes();
                    } else {
                        phone.sleeps();
                    }
                    asleep.set(index, !asleep.get(index));
                }
                case 1 -> {
                    int seconds = random.nextInt(40);
                    // A session waits five minutes for its device.
                    slept = asleep.contains(true) ? slept + seconds : 0;
                    if (slept < 200) {
                        server.after(Duration.ofSeconds(seconds));
                    }
                }
                case 2 -> {
                    if (random.nextInt(4) == 0) {
                        server.kill();
                        server = TestServer.with(server.store(), server.time(), modules());
                        for (int i = 0; i < phones.size(); i++) {
                            phones.get(i).returns(server);
                            asleep.set(i, false);
                        }
                    }
                }
                default -> {
                    if (!asleep.get(index)) {
                        phone.sends(word(phones, index));
                    }
                }
            }
            check(server, where + ", step " + step);
        }
        // What still rings ends by itself.
        server.after(Duration.ofSeconds(61));
        for (int i = 0; i < phones.size(); i++) {
            if (asleep.get(i)) {
                phones.get(i).wakes();
            }
            assertThat(phones.get(i).ringing()).as(where).isEmpty();
        }
        check(server, where);
        server.after(Duration.ofHours(24));
        server.after(Duration.ofHours(24));
        server.after(Duration.ofSeconds(1));
        for (BareJid account : List.of(JULIET, ROMEO)) {
            assertThat(rows(server, account, CallTables.CALLS.name())).as(where).isEmpty();
        }
        server.close();
    }

    private String word(List<Phone> phones, int index) {
        String sid = "c" + random.nextInt(6);
        boolean juliet = phones.get(index).jid().startsWith("juliet");
        String other =
                juliet ? phones.get(random.nextInt(2)).jid() : phones.get(2).jid();
        String bare = other.substring(0, other.indexOf('/'));
        boolean stored = random.nextBoolean();
        if (random.nextInt(3) == 0) {
            return stored ? propose(bare, sid) : proposeUnstored(bare, sid);
        }
        String word = WORDS.get(random.nextInt(WORDS.size()));
        return say(word, random.nextBoolean() ? bare : other, sid, "", stored ? STORE : NO_STORE);
    }

    /** The tables fit together, and what the observer was told last is what is there. */
    private void check(TestServer server, String where) {
        assertThat(wrong).as(where).isEmpty();
        for (BareJid account : List.of(JULIET, ROMEO)) {
            TreeSet<String> live = new TreeSet<>();
            TreeSet<String> ended = new TreeSet<>();
            for (Object value : rows(server, account, CallTables.CALLS.name())) {
                Call call = (Call) value;
                (call.isOver() ? ended : live).add(call.sid());
                assertThat(call.offer() == null).as(where).isEqualTo(call.isOver());
                assertThat(last.get(account + " " + call.sid())).as(where).isEqualTo(call);
            }
            assertThat(rows(server, account, CallTables.LIVE.name()))
                    .as(where)
                    .extracting(key -> ((CallTables.Live) key).sid())
                    .containsExactlyInAnyOrderElementsOf(live);
            assertThat(rows(server, account, CallTables.ENDED.name()))
                    .as(where)
                    .extracting(key -> ((CallTables.Ended) key).sid())
                    .containsExactlyInAnyOrderElementsOf(ended);
        }
    }

    /** The values of the calls, or the keys of an index. */
    private static List<Object> rows(TestServer server, BareJid account, String name) {
        OwnerKey owner = Objects.requireNonNull(
                server.<OwnerKey>turn(account, turn -> turn.owner().key()));
        List<Object> found = new ArrayList<>();
        if (name.equals(CallTables.CALLS.name())) {
            list(server, owner, new Table<>(CallTables.CALLS)).forEach(row -> found.add(row.value()));
        } else if (name.equals(CallTables.LIVE.name())) {
            list(server, owner, new Table<>(CallTables.LIVE)).forEach(row -> found.add(row.key()));
        } else {
            list(server, owner, new Table<>(CallTables.ENDED)).forEach(row -> found.add(row.key()));
        }
        return found;
    }

    private static <K, V> List<Row<K, V>> list(TestServer server, OwnerKey owner, Table<K, V> table) {
        return server.store().list(table, owner, Range.all(), Direction.FORWARD, 1_000);
    }
}
