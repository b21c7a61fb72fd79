// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.Batch;
import im.dunlin.storage.Changes;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.FormatTooNewException;
import im.dunlin.storage.LostTailException;
import im.dunlin.storage.Migration;
import im.dunlin.storage.Migrations;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Range;
import im.dunlin.storage.SampleTables;
import im.dunlin.storage.SampleTables.Entry;
import im.dunlin.storage.Scan;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import im.dunlin.storage.StoreBusyException;
import im.dunlin.storage.StoreContract;
import im.dunlin.storage.StoreException;
import im.dunlin.storage.Table;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksStoreTest extends StoreContract {
    private static final OwnerKey OWNER = new OwnerKey(3, 1);
    private static final long NOON = 1_800_000_000_000_000L;
    private static final long MINUTE = 60_000_000L;
    private static final RocksSettings AT_NOON =
            RocksSettings.DEFAULT.withClock(InstantSource.fixed(Instant.ofEpochSecond(NOON / 1_000_000)));

    @TempDir
    private Path directory;

    @Override
    protected Store makeStore() {
        return RocksStore.open(directory.resolve("contract"), RocksSettings.DEFAULT);
    }

    private Path path(String name) {
        return directory.resolve(name);
    }

    private static void put(Store store, String key, String value) {
        Table<String, String> table = store.open(SampleTables.NICKNAMES);
        Changes changes = new Changes(store, OWNER.slot());
        changes.put(table, OWNER, key, value);
        store.write(changes.toBatch());
    }

    private static @Nullable String get(Store store, String key) {
        return store.get(store.open(SampleTables.NICKNAMES), OWNER, key);
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** The files as the operating system has them now: what the end of the process would leave. */
    private static void copy(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            Path copy = to.resolve(from.relativize(file));
            Files.createDirectories(copy.getParent());
            Files.copy(file, copy);
        }
    }

    private static void deleteAll(Path from) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Cuts the end off the newest log, as a disk does that lied about a sync. */
    private static void cutLog(Path store, int bytes) throws IOException {
        Path log = files(store.resolve("tables")).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .filter(file -> file.toFile().length() > 0)
                .reduce((a, b) -> b)
                .orElseThrow();
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(file.length() - bytes);
        }
    }

    @Test
    void rowsAndIdentitySurviveClosing() {
        UUID storeId;
        UUID serverId;
        byte[] secret;
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
            storeId = store.cluster().storeId();
            serverId = store.cluster().serverId();
            secret = store.cluster().secret("scram");
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThat(get(store, "romeo")).isEqualTo("Montague");
            assertThat(store.cluster().storeId()).isEqualTo(storeId).isNotEqualTo(serverId);
            assertThat(store.cluster().serverId()).isEqualTo(serverId);
            assertThat(store.cluster().secret("scram")).isEqualTo(secret);
            assertThat(store.cluster().format()).isEqualTo(Migrations.FIRST_FORMAT);
            assertThat(store.cluster().epochs()).isEmpty();
        }
    }

    @Test
    void whatTheSystemHasSurvivesAKill() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "flushed", "1");
            store.sync(false);
            put(store, "written", "2");
            copy(path("a"), path("killed"));
        }
        try (RocksStore store = RocksStore.open(path("killed"), AT_NOON)) {
            assertThat(get(store, "flushed")).isEqualTo("1");
            assertThat(get(store, "written")).isNull();
            assertThat(store.cluster().epochs()).isEmpty();
        }
    }

    @Test
    void secondOpeningIsRefused() {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON))
                    .isInstanceOf(StoreBusyException.class)
                    .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
            put(store, "still", "works");
        }
        RocksStore.open(path("a"), AT_NOON).close();
    }

    @Test
    void tablesOfAModuleThatIsOffAreKept() {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            store.open(SampleTables.ENTRIES);
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThat(get(store, "romeo")).isEqualTo("Montague");
        }
    }

    @Test
    void tornEndThatWasNeverSyncedIsDropped() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "synced", "1");
            store.sync(true);
            put(store, "torn", "2");
            store.sync(false);
            copy(path("a"), path("powerless"));
        }
        cutLog(path("powerless"), 3);
        try (RocksStore store = RocksStore.open(path("powerless"), AT_NOON)) {
            assertThat(get(store, "synced")).isEqualTo("1");
            assertThat(get(store, "torn")).isNull();
        }
    }

    @Test
    void lostEndIsRefusedUntilAccepted() throws IOException {
        UUID before;
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "kept", "1");
            store.sync(true);
            put(store, "lost", "2");
            before = store.cluster().storeId();
        }
        cutLog(path("a"), 3);

        assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON))
                .isInstanceOf(LostTailException.class)
                .hasMessageContaining("acknowledged messages are gone");
        assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON))
                .as("the refusal changes nothing")
                .isInstanceOf(LostTailException.class);

        try (RocksStore store = RocksStore.open(path("a"), AT_NOON.withAcceptLoss(true))) {
            assertThat(get(store, "kept")).isEqualTo("1");
            assertThat(get(store, "lost")).isNull();
            assertThat(store.cluster().epochs()).singleElement().matches(epoch -> epoch.covers(NOON));
            assertThat(store.cluster().storeId()).isNotEqualTo(before);
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThat(store.cluster().epochs()).hasSize(1);
        }
    }

    @Test
    void missingTablesAreALossToo() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "lost", "1");
        }
        deleteAll(path("a").resolve("tables"));

        assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON)).isInstanceOf(LostTailException.class);
    }

    @Test
    void missingLogIsRefusedUntilAccepted() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "kept", "1");
            store.sync(true);
            // Puts the rows into table files.
            store.backup(path("backup"));
            put(store, "lost", "2");
        }
        List<Path> logs = files(path("a").resolve("tables")).stream()
                .filter(file -> file.toString().endsWith(".log"))
                .toList();
        for (Path log : logs) {
            Files.delete(log);
        }

        assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON)).isInstanceOf(StoreException.class);
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON.withAcceptLoss(true))) {
            assertThat(get(store, "kept")).isEqualTo("1");
            assertThat(get(store, "lost")).isNull();
            assertThat(store.cluster().epochs()).singleElement().matches(epoch -> epoch.covers(NOON));
        }
    }

    @Test
    void failedWriteIsFinal() throws IOException {
        RocksStore store = RocksStore.open(path("a"), AT_NOON.withMemory(1 << 20, 1 << 20));
        put(store, "romeo", "Montague");
        deleteAll(path("a").resolve("tables"));

        // Once the write buffer is full, there is no place for the next log.
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 1000; i++) {
                        put(store, "k" + i, "v".repeat(100_000));
                    }
                })
                .isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> put(store, "later", "1"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("failed before");
        assertThatThrownBy(() -> store.sync(true)).isInstanceOf(StoreException.class);
        store.close();
    }

    @Test
    void closedStoreRefusesAndLeftoversAreHarmless() {
        RocksStore store = RocksStore.open(path("a"), AT_NOON);
        put(store, "romeo", "Montague");
        Snapshot snapshot = store.snapshot();
        Scan<String, String> scan =
                snapshot.scan(store.open(SampleTables.NICKNAMES), OWNER, Range.all(), Direction.FORWARD);
        assertThat(store.statistics().openScans()).isEqualTo(2);
        store.close();
        store.close();

        assertThatThrownBy(scan::hasNext).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> get(store, "romeo")).isInstanceOf(IllegalStateException.class);
        scan.close();
        snapshot.close();
    }

    @Test
    void closedScanAndSnapshotRefuse() {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
            Snapshot snapshot = store.snapshot();
            Scan<String, String> scan = snapshot.scan(nicknames, OWNER, Range.all(), Direction.FORWARD);
            scan.close();
            scan.close();
            snapshot.close();

            assertThatThrownBy(scan::hasNext).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> snapshot.get(nicknames, OWNER, "romeo")).isInstanceOf(IllegalStateException.class);
            assertThat(store.statistics().openScans()).isZero();
        }
    }

    @Test
    void backupWhileServingIsOfOneMoment() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        UUID serverId;
        UUID storeId;
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
            Table<Entry, String> entries = store.open(SampleTables.ENTRIES);
            Thread writer = new Thread(() -> {
                for (int i = 0; !done.get(); i++) {
                    Changes changes = new Changes(store, OWNER.slot());
                    changes.put(nicknames, OWNER, "last", "v" + i);
                    changes.put(entries, OWNER, new Entry("x", i), "v" + i);
                    store.write(changes.toBatch());
                }
            });
            writer.start();
            store.backup(path("backup"));
            done.set(true);
            writer.join();
            serverId = store.cluster().serverId();
            storeId = store.cluster().storeId();
        }
        RocksBackup.restore(path("backup"), path("restored"));
        RocksSettings later =
                RocksSettings.DEFAULT.withClock(InstantSource.fixed(Instant.ofEpochSecond(NOON / 1_000_000 + 3600)));
        for (int opening = 0; opening < 2; opening++) {
            try (RocksStore store = RocksStore.open(path("restored"), later)) {
                String last = get(store, "last");
                var newest = store.first(store.open(SampleTables.ENTRIES), OWNER, Range.all(), Direction.BACKWARD);
                assertThat(last).isEqualTo(newest == null ? null : newest.value());
                assertThat(store.cluster().epochs()).containsExactly(new Epoch(NOON - MINUTE, NOON + 60 * MINUTE));
                assertThat(store.cluster().serverId()).isEqualTo(serverId);
                assertThat(store.cluster().storeId()).isNotEqualTo(storeId);
            }
        }
    }

    @Test
    void backupGoesToAnEmptyPlaceOnly() throws IOException {
        Files.createDirectories(path("backup"));
        Files.writeString(path("backup").resolve("letter"), "dear");
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThatThrownBy(() -> store.backup(path("backup")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("not empty");
            put(store, "still", "works");
        }
    }

    @Test
    void onlyAWholeBackupIsRestored() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
            store.backup(path("backup"));
        }
        copy(path("backup"), path("unfinished"));
        Files.delete(path("unfinished").resolve("backup.properties"));

        assertThatThrownBy(() -> RocksBackup.restore(path("unfinished"), path("b")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("not finished");
        assertThatThrownBy(() -> RocksBackup.restore(path("backup"), path("a")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("not empty");
    }

    @Test
    void damagedBackupIsNotServed() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
            store.backup(path("linked"));
        }
        copy(path("linked"), path("backup"));
        for (Path file : files(path("backup").resolve("tables"))) {
            if (file.toString().endsWith(".sst")) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[5] ^= 1;
                Files.write(file, bytes);
            }
        }

        assertThatThrownBy(() -> RocksBackup.restore(path("backup"), path("b"))).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> RocksStore.open(path("b"), AT_NOON))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("not finished");
    }

    @Test
    void damagedBlockFailsTheReadAndNotTheStore() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
            // Puts the rows into table files.
            store.backup(path("backup"));
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            store.statistics();
        }
        for (Path file : files(path("a").resolve("tables"))) {
            if (file.toString().endsWith(".sst")
                    && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains("Montague")) {
                byte[] bytes = Files.readAllBytes(file);
                bytes[5] ^= 1;
                Files.write(file, bytes);
            }
        }
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            assertThatThrownBy(() -> get(store, "romeo")).isInstanceOf(CorruptionException.class);
            put(store, "other", "goes on");
            assertThat(get(store, "other")).isEqualTo("goes on");
        }
    }

    @Test
    void migrationRunsAtOpeningAfterABackup() throws IOException {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
        }
        // What a kill in the middle of that backup leaves.
        Files.createDirectories(path("a").resolve("before-format-2").resolve("tables"));
        Migrations toTwo = new Migrations(List.of(new Migration() {
            @Override
            public String description() {
                return "nicknames are exclaimed";
            }

            @Override
            public byte @Nullable [] step(Store store, int slot, byte[] cursor, Changes changes) {
                Table<String, String> nicknames = store.open(SampleTables.NICKNAMES);
                try (Scan<String, String> scan = store.scanSlot(nicknames, slot)) {
                    scan.forEachRemaining(row -> changes.put(nicknames, row.owner(), row.key(), row.value() + "!"));
                }
                return null;
            }
        }));
        for (int opening = 0; opening < 2; opening++) {
            try (RocksStore store = RocksStore.open(path("a"), AT_NOON.withMigrations(toTwo))) {
                assertThat(get(store, "romeo")).isEqualTo("Montague!");
            }
        }
        assertThatThrownBy(() -> RocksStore.open(path("a"), AT_NOON)).isInstanceOf(FormatTooNewException.class);

        RocksBackup.restore(path("a").resolve("before-format-2"), path("old"));
        try (RocksStore store = RocksStore.open(path("old"), AT_NOON)) {
            assertThat(get(store, "romeo")).isEqualTo("Montague");
        }
    }

    @Test
    void statisticsKnowTheDisk() {
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            put(store, "romeo", "Montague");
            store.sync(true);

            assertThat(store.statistics().diskBytes()).isPositive();
            assertThat(store.statistics().freeBytes()).isPositive();
            assertThat(store.statistics().memoryBytes()).isPositive();
        }
    }

    /** Rows in table files, behind bloom filters, next to range deletes: not only in memory. */
    @Test
    void scansFindRowsInFiles() {
        List<Long> ids = new ArrayList<>();
        try (RocksStore store = RocksStore.open(path("a"), AT_NOON)) {
            Table<Entry, String> entries = store.open(SampleTables.ENTRIES);
            for (int round = 0; round < 4; round++) {
                for (int slot = 0; slot < Slots.COUNT; slot += 100) {
                    Changes changes = new Changes(store, slot);
                    for (int number = 1; number < 5; number++) {
                        changes.put(entries, new OwnerKey(slot, number), new Entry("p", round), "v".repeat(50));
                    }
                    store.write(changes.toBatch());
                }
                store.backup(path("flush" + round));
            }
            Changes changes = new Changes(store, 100);
            changes.deleteAll(entries, new OwnerKey(100, 2));
            Batch batch = changes.toBatch();
            store.write(batch);

            for (int slot = 0; slot < Slots.COUNT; slot += 100) {
                for (int number = 0; number < 6; number++) {
                    OwnerKey owner = new OwnerKey(slot, number);
                    boolean there = number > 0 && number < 5 && !(slot == 100 && number == 2);
                    ids.clear();
                    store.list(entries, owner, Range.all(), Direction.FORWARD, 100)
                            .forEach(row -> ids.add(row.key().id()));
                    assertThat(ids).isEqualTo(there ? List.of(0L, 1L, 2L, 3L) : List.of());
                    ids.clear();
                    store.list(entries, owner, Range.<Entry>all().below(new Entry("p", 3)), Direction.BACKWARD, 100)
                            .forEach(row -> ids.add(row.key().id()));
                    assertThat(ids).isEqualTo(there ? List.of(2L, 1L, 0L) : List.of());
                }
            }
            try (Scan<Entry, String> all = store.scanTable(entries)) {
                assertThat(all.take(10_000)).hasSize(11 * 16 - 4);
            }
        }
    }
}
