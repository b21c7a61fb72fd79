// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import im.dunlin.storage.SampleTables.Entry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store does. A store's test extends this and says how an empty one is made. */
public abstract class StoreContract {
    private static final OwnerKey JULIET = new OwnerKey(17, 1);
    private static final OwnerKey ROMEO = new OwnerKey(17, 2);
    private static final OwnerKey NURSE = new OwnerKey(300, 1);

    private Store store;
    private Table<String, String> nicknames;
    private Table<Entry, String> entries;
    private Table<Long, byte[]> waiting;

    protected abstract Store makeStore();

    @BeforeEach
    void openStore() {
        store = makeStore();
        nicknames = store.open(SampleTables.NICKNAMES);
        entries = store.open(SampleTables.ENTRIES);
        waiting = store.open(SampleTables.WAITING);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    /** The store under test, with the sample tables open. */
    protected final Store store() {
        return store;
    }

    private void write(int slot, Consumer<Changes> turn) {
        Changes changes = new Changes(store, slot);
        turn.accept(changes);
        store.write(changes.toBatch());
    }

    private static <K, V> List<K> keys(Scan<K, V> scan) {
        try (scan) {
            return scan.take(1000).stream().map(Row::key).toList();
        }
    }

    private List<Entry> scanned(Range<Entry> range, Direction direction) {
        return keys(store.scan(entries, JULIET, range, direction));
    }

    /** romeo 1, 2, 3, romeow 2, tybalt 1. */
    private void fill() {
        write(17, turn -> {
            for (long id = 1; id <= 3; id++) {
                turn.put(entries, JULIET, new Entry("romeo", id), "r" + id);
            }
            turn.put(entries, JULIET, new Entry("romeow", 2), "w2");
            turn.put(entries, JULIET, new Entry("tybalt", 1), "t1");
            turn.put(entries, ROMEO, new Entry("juliet", 1), "j1");
            turn.put(entries, new OwnerKey(17, 0), new Entry("slot", 1), "s1");
        });
        write(300, turn -> turn.put(entries, NURSE, new Entry("juliet", 9), "j9"));
    }

    @Test
    void writtenRowIsRead() {
        write(17, turn -> turn.put(nicknames, JULIET, "romeo", "Montague"));

        assertThat(store.get(nicknames, JULIET, "romeo")).isEqualTo("Montague");
        assertThat(store.has(nicknames, JULIET, "romeo")).isTrue();
    }

    @Test
    void absentRowIsNull() {
        assertThat(store.get(nicknames, JULIET, "romeo")).isNull();
        assertThat(store.has(nicknames, JULIET, "romeo")).isFalse();
    }

    @Test
    void laterPutReplaces() {
        write(17, turn -> turn.put(nicknames, JULIET, "romeo", "Montague"));
        write(17, turn -> turn.put(nicknames, JULIET, "romeo", "Husband"));

        assertThat(store.get(nicknames, JULIET, "romeo")).isEqualTo("Husband");
    }

    @Test
    void deletedRowIsGone() {
        write(17, turn -> turn.put(nicknames, JULIET, "romeo", "Montague"));
        write(17, turn -> turn.delete(nicknames, JULIET, "romeo"));

        assertThat(store.get(nicknames, JULIET, "romeo")).isNull();
    }

    @Test
    void ownersDoNotSeeEachOther() {
        write(17, turn -> turn.put(nicknames, JULIET, "romeo", "Montague"));

        assertThat(store.get(nicknames, ROMEO, "romeo")).isNull();
        assertThat(keys(store.scan(nicknames, ROMEO, Range.all(), Direction.FORWARD)))
                .isEmpty();
    }

    @Test
    void tablesDoNotSeeEachOther() {
        write(17, turn -> turn.put(waiting, JULIET, 1L, new byte[] {7}));

        assertThat(keys(store.scan(entries, JULIET, Range.all(), Direction.FORWARD)))
                .isEmpty();
        assertThat(store.get(waiting, JULIET, 1L)).containsExactly(7);
    }

    @Test
    void scanThatIsAtItsEndStaysThere() {
        fill();
        for (Direction direction : Direction.values()) {
            try (Scan<Entry, String> scan = store.scan(entries, JULIET, Range.all(), direction)) {
                assertThat(scan.take(1000)).isNotEmpty();
                assertThat(scan.hasNext()).isFalse();
                assertThat(scan.hasNext()).isFalse();
            }
        }
    }

    @Test
    void scanGoesInKeyOrderEitherWay() {
        fill();
        List<Entry> inOrder = List.of(
                new Entry("romeo", 1),
                new Entry("romeo", 2),
                new Entry("romeo", 3),
                new Entry("romeow", 2),
                new Entry("tybalt", 1));
        List<Entry> reversed = new ArrayList<>(inOrder);
        Collections.reverse(reversed);

        assertThat(scanned(Range.all(), Direction.FORWARD)).isEqualTo(inOrder);
        assertThat(scanned(Range.all(), Direction.BACKWARD)).isEqualTo(reversed);
    }

    @Test
    void rowsOfAScanKnowOwnerKeyAndValue() {
        fill();

        assertThat(store.first(entries, ROMEO, Range.all(), Direction.BACKWARD))
                .isEqualTo(new Row<>(ROMEO, new Entry("juliet", 1), "j1"));
    }

    @Test
    void prefixIsWholeParts() {
        fill();

        assertThat(scanned(Range.prefix(k -> k.text("romeo")), Direction.FORWARD))
                .containsExactly(new Entry("romeo", 1), new Entry("romeo", 2), new Entry("romeo", 3));
    }

    @Test
    void boundsAreWithOrWithoutTheKey() {
        fill();
        Entry two = new Entry("romeo", 2);
        Range<Entry> romeo = Range.prefix(k -> k.text("romeo"));

        assertThat(scanned(romeo.from(two), Direction.FORWARD)).containsExactly(two, new Entry("romeo", 3));
        assertThat(scanned(romeo.above(two), Direction.FORWARD)).containsExactly(new Entry("romeo", 3));
        assertThat(scanned(romeo.to(two), Direction.BACKWARD)).containsExactly(two, new Entry("romeo", 1));
        assertThat(scanned(romeo.below(two), Direction.BACKWARD)).containsExactly(new Entry("romeo", 1));
        assertThat(scanned(
                        Range.<Entry>all().above(new Entry("romeo", 3)).below(new Entry("tybalt", 1)),
                        Direction.FORWARD))
                .containsExactly(new Entry("romeow", 2));
        assertThat(scanned(romeo.above(two).below(two), Direction.FORWARD)).isEmpty();
    }

    @Test
    void boundsMayBeFirstPartsOfKeys() {
        fill();

        assertThat(scanned(Range.<Entry>all().abovePrefix(k -> k.text("romeo")), Direction.FORWARD))
                .containsExactly(new Entry("romeow", 2), new Entry("tybalt", 1));
        assertThat(scanned(Range.<Entry>all().fromPrefix(k -> k.text("romeow")), Direction.FORWARD))
                .containsExactly(new Entry("romeow", 2), new Entry("tybalt", 1));
        assertThat(scanned(
                        Range.<Entry>all().toPrefix(k -> k.text("romeow")).abovePrefix(k -> k.text("romeo")),
                        Direction.BACKWARD))
                .containsExactly(new Entry("romeow", 2));
        assertThat(scanned(Range.<Entry>all().belowPrefix(k -> k.text("romeow")), Direction.BACKWARD))
                .containsExactly(new Entry("romeo", 3), new Entry("romeo", 2), new Entry("romeo", 1));
    }

    @Test
    void listEndsAtItsLimit() {
        fill();

        assertThat(store.list(entries, JULIET, Range.all(), Direction.BACKWARD, 2))
                .extracting(Row::value)
                .containsExactly("t1", "w2");
    }

    @Test
    void slotScanGivesAllItsOwners() {
        fill();

        try (Scan<Entry, String> scan = store.scanSlot(entries, 17)) {
            assertThat(scan.take(100))
                    .extracting(Row::owner)
                    .containsExactly(OwnerKey.ofSlot(17), JULIET, JULIET, JULIET, JULIET, JULIET, ROMEO);
        }
    }

    @Test
    void tableScanGivesAllSlotsButNotTheCluster() {
        fill();
        write(OwnerKey.CLUSTER_SLOT, turn -> turn.put(entries, OwnerKey.CLUSTER, new Entry("x", 1), "x"));

        try (Scan<Entry, String> scan = store.scanTable(entries)) {
            assertThat(scan.take(100))
                    .extracting(row -> row.owner().slot())
                    .containsOnly(17, 300)
                    .hasSize(8);
        }
        try (Scan<Entry, String> scan = store.scanSlot(entries, OwnerKey.CLUSTER_SLOT)) {
            assertThat(scan.take(100)).extracting(Row::owner).containsExactly(OwnerKey.CLUSTER);
        }
    }

    @Test
    void deletedPrefixLeavesTheRest() {
        fill();
        write(17, turn -> {
            turn.deletePrefix(entries, JULIET, k -> k.text("romeo"));
            turn.put(entries, JULIET, new Entry("romeo", 7), "again");
        });

        assertThat(scanned(Range.all(), Direction.FORWARD))
                .containsExactly(new Entry("romeo", 7), new Entry("romeow", 2), new Entry("tybalt", 1));
        assertThat(store.get(entries, JULIET, new Entry("romeo", 1))).isNull();
        assertThat(store.get(entries, ROMEO, new Entry("juliet", 1))).isEqualTo("j1");
    }

    @Test
    void ownerIsDeletedWhole() {
        fill();
        write(17, turn -> turn.deleteAll(entries, JULIET));

        assertThat(scanned(Range.all(), Direction.BACKWARD)).isEmpty();
        assertThat(store.get(entries, ROMEO, new Entry("juliet", 1))).isEqualTo("j1");
    }

    @Test
    void writesOfABatchApplyInOrder() {
        byte[] key = entries.key(JULIET, new Entry("romeo", 1));
        byte[] owner = Arrays.copyOf(key, OwnerKey.BYTES);
        String table = entries.name();
        store.write(new Batch(
                17,
                List.of(
                        Batch.Write.put(table, key, Values.TEXT.write("first")),
                        Batch.Write.deletePrefix(table, owner),
                        Batch.Write.put(table, key, Values.TEXT.write("second")))));

        assertThat(store.get(entries, JULIET, new Entry("romeo", 1))).isEqualTo("second");
    }

    @Test
    void snapshotStaysAsItWas() {
        fill();
        try (Snapshot snapshot = store.snapshot()) {
            write(17, turn -> {
                turn.put(entries, JULIET, new Entry("romeo", 4), "r4");
                turn.delete(entries, JULIET, new Entry("romeo", 1));
                turn.deleteAll(entries, ROMEO);
            });

            assertThat(snapshot.get(entries, JULIET, new Entry("romeo", 4))).isNull();
            assertThat(snapshot.get(entries, JULIET, new Entry("romeo", 1))).isEqualTo("r1");
            assertThat(keys(snapshot.scan(entries, ROMEO, Range.all(), Direction.FORWARD)))
                    .containsExactly(new Entry("juliet", 1));
        }
        assertThat(store.get(entries, JULIET, new Entry("romeo", 4))).isEqualTo("r4");
    }

    @Test
    void openScanDoesNotSeeLaterWrites() {
        fill();
        try (Scan<Entry, String> scan = store.scan(entries, JULIET, Range.all(), Direction.FORWARD)) {
            assertThat(scan.next().key()).isEqualTo(new Entry("romeo", 1));
            write(17, turn -> turn.deleteAll(entries, JULIET));

            assertThat(scan.take(100)).hasSize(4);
        }
    }

    @Test
    void tableMayBeOpenedAgainButNotWithAnotherShape() {
        store.open(SampleTables.ENTRIES);

        assertThatThrownBy(() -> store.open(new TableSpec<>("sample-entries", Shape.POINT, Keys.TEXT, Values.TEXT)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample-entries")
                .hasMessageContaining("LOG");
    }

    @Test
    void batchOnAnUnknownTableWritesNothing() {
        Table<String, String> unknown =
                new Table<>(new TableSpec<>("never-opened", Shape.POINT, Keys.TEXT, Values.TEXT));
        Changes changes = new Changes(store, 17);
        changes.put(nicknames, JULIET, "romeo", "Montague");
        changes.put(unknown, JULIET, "romeo", "Montague");

        assertThatThrownBy(() -> store.write(changes.toBatch()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("never-opened");
        assertThat(store.get(nicknames, JULIET, "romeo")).isNull();
    }

    @Test
    void unreadableRowIsReportedWithItsTable() {
        byte[] key = nicknames.key(JULIET, "romeo");
        store.write(new Batch(17, List.of(Batch.Write.put(nicknames.name(), key, new byte[] {99, 1}))));

        assertThatThrownBy(() -> store.get(nicknames, JULIET, "romeo"))
                .isInstanceOf(CorruptionException.class)
                .hasMessageContaining("sample-nicknames")
                .hasMessageContaining("format 99");
    }

    @Test
    void secretIsMadeOnce() {
        byte[] first = store.cluster().secret("dialback");

        assertThat(first).hasSize(32).isNotEqualTo(store.cluster().secret("scram"));
        assertThat(store.cluster().secret("dialback")).isEqualTo(first);
    }

    @Test
    void epochsAreKeptInOrder() {
        assertThat(store.cluster().epochs()).isEmpty();
        store.cluster().addEpoch(new Epoch(0, 5));
        store.cluster().addEpoch(new Epoch(10, 20));

        assertThat(store.cluster().epochs()).containsExactly(new Epoch(0, 5), new Epoch(10, 20));
    }

    @Test
    void statisticsNameTheTables() {
        fill();

        assertThat(store.statistics().tables())
                .extracting(StoreStatistics.TableStatistics::name, StoreStatistics.TableStatistics::shape)
                .contains(tuple("sample-entries", Shape.LOG));
    }

    @Test
    void batchIsSeenWholeOrNotAtAll() throws InterruptedException {
        AtomicBoolean torn = new AtomicBoolean();
        AtomicBoolean done = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            while (!done.get()) {
                try (Snapshot snapshot = store.snapshot()) {
                    String nickname = snapshot.get(nicknames, JULIET, "romeo");
                    String entry = snapshot.get(entries, JULIET, new Entry("romeo", 1));
                    torn.compareAndSet(false, nickname == null ? entry != null : !nickname.equals(entry));
                }
            }
        });
        reader.start();
        for (int i = 0; i < 500; i++) {
            String value = "v" + i;
            write(17, turn -> {
                turn.put(nicknames, JULIET, "romeo", value);
                turn.put(entries, JULIET, new Entry("romeo", 1), value);
            });
        }
        done.set(true);
        reader.join();

        assertThat(torn).isFalse();
    }

    /** Random batches, and random reads through the store and through unwritten changes, against a sorted map. */
    @Test
    void storeAndChangesBehaveLikeASortedMap() {
        for (long seed = 1; seed <= 25; seed++) {
            new Model(seed).run();
        }
    }

    private final class Model {
        private final Random random;
        private final long seed;
        private final int slot;
        private final Map<String, NavigableMap<byte[], byte[]>> model = new HashMap<>();
        private final List<Table<?, ?>> tables = List.of(nicknames, entries, waiting);

        Model(long seed) {
            this.seed = seed;
            random = new Random(seed);
            slot = (int) seed;
            tables.forEach(table -> model.put(table.name(), new TreeMap<>(Arrays::compareUnsigned)));
        }

        void run() {
            for (int turn = 0; turn < 20; turn++) {
                Changes changes = new Changes(store, slot);
                int writes = random.nextInt(12);
                for (int i = 0; i < writes; i++) {
                    change(changes);
                    compare(changes);
                }
                Batch batch = changes.toBatch();
                assertThat(changes.rows()).isEqualTo(batch.writes().size());
                assertThat(changes.bytes())
                        .isEqualTo(batch.writes().stream()
                                .mapToLong(Batch.Write::bytes)
                                .sum());
                store.write(Batch.decode(batch.encode()));
                if (random.nextInt(4) == 0) {
                    store.write(batch);
                }
                compare(store);
            }
        }

        private OwnerKey owner() {
            return new OwnerKey(slot, random.nextInt(3) == 0 ? -1 : 0xFF);
        }

        private String peer() {
            return List.of("", "a", "ab", "\u00ff", "\uffff").get(random.nextInt(5));
        }

        private void change(Changes changes) {
            OwnerKey owner = owner();
            Entry key = new Entry(peer(), random.nextInt(4) - 2);
            String value = "v" + random.nextInt(1000);
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    changes.put(entries, owner, key, value);
                    rows(entries).put(entries.key(owner, key), entries.value(value));
                }
                case 2 -> {
                    changes.delete(entries, owner, key);
                    rows(entries).remove(entries.key(owner, key));
                }
                case 3 -> {
                    changes.put(nicknames, owner, key.peer(), value);
                    rows(nicknames).put(nicknames.key(owner, key.peer()), nicknames.value(value));
                }
                case 4 -> {
                    changes.put(waiting, owner, key.id(), new byte[0]);
                    rows(waiting).put(waiting.key(owner, key.id()), waiting.value(new byte[0]));
                }
                default -> {
                    if (random.nextInt(3) > 0) {
                        return;
                    }
                    changes.deletePrefix(entries, owner, k -> k.text(key.peer()));
                    byte[] prefix = new KeyWriter()
                            .bytes(owner.toBytes())
                            .text(key.peer())
                            .toBytes();
                    rows(entries).subMap(prefix, Range.afterPrefix(prefix)).clear();
                }
            }
        }

        private NavigableMap<byte[], byte[]> rows(Table<?, ?> table) {
            return model.get(table.name());
        }

        private void compare(Reader reader) {
            Table<?, ?> table = tables.get(random.nextInt(tables.size()));
            byte[] from = bound();
            byte[] to = bound();
            Direction direction = random.nextBoolean() ? Direction.FORWARD : Direction.BACKWARD;
            List<String> expected = new ArrayList<>();
            if (Arrays.compareUnsigned(from, to) < 0) {
                NavigableMap<byte[], byte[]> inside = rows(table).subMap(from, true, to, false);
                (direction == Direction.FORWARD ? inside : inside.descendingMap())
                        .forEach((k, v) -> expected.add(Arrays.toString(k) + Arrays.toString(v)));
            }
            List<String> found = new ArrayList<>();
            try (Cursor cursor = reader.cursor(table.name(), from, to, direction)) {
                while (cursor.next()) {
                    found.add(Arrays.toString(cursor.key()) + Arrays.toString(cursor.value()));
                }
            }
            assertThat(found).as("seed %d, %s", seed, direction).isEqualTo(expected);
            byte[] key = entries.key(owner(), new Entry(peer(), random.nextInt(4) - 2));
            assertThat(reader.find(entries.name(), key))
                    .as("seed %d", seed)
                    .isEqualTo(rows(entries).get(key));
        }

        /** Whole keys, keys with a zero byte behind, ends of owners, ends of the slot. */
        private byte[] bound() {
            byte[] key = entries.key(owner(), new Entry(peer(), random.nextInt(4) - 2));
            return switch (random.nextInt(4)) {
                case 0 -> key;
                case 1 -> Arrays.copyOf(key, key.length + 1);
                case 2 -> Arrays.copyOf(key, OwnerKey.BYTES);
                default -> new KeyWriter().u16(slot + random.nextInt(2)).toBytes();
            };
        }
    }
}
