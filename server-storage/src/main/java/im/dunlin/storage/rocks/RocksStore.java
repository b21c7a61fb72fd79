// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Batch;
import im.dunlin.storage.Cluster;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.LostTailException;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import im.dunlin.storage.StoreBusyException;
import im.dunlin.storage.StoreException;
import im.dunlin.storage.StoreStatistics;
import im.dunlin.storage.StoreStatistics.TableStatistics;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on disk. In its directory lie {@code tables} (RocksDB), {@code lock}, {@code synced} (see {@link SyncMark})
 * and, before a migration, a backup.
 */
public final class RocksStore implements Store {
    static {
        NativeLibrary.load();
    }

    private static final Logger log = LoggerFactory.getLogger(RocksStore.class);

    static final String TABLES = "tables";
    private static final String SYNCED = "synced";

    /** Bytes of RocksDB's batch before its first row; of a row beside key and value, about. Room that is there need not grow. */
    private static final int BATCH_HEADER = 12;

    private static final int BATCH_ROW = 12;

    private final Path directory;
    private final InstantSource clock;
    private final DirectoryLock directoryLock;
    private final ColumnFamilies families;
    private final RocksDB database;
    private final SyncMark mark;
    private final Cluster cluster;
    private final Map<String, Opened> tables = new ConcurrentHashMap<>();
    private final List<ColumnFamilyHandle> handles = new ArrayList<>();
    private final WriteOptions unsynced = new WriteOptions();
    private final ReadOptions latest = new ReadOptions();

    private final AtomicReference<StoreException> failure = new AtomicReference<>();

    private final NativeObjects natives = new NativeObjects();

    /** Opened all the same, as the loss was accepted. */
    private boolean logsMissing;

    /** Until then the mark on disk says more than this store knows, and stays as it is. */
    private volatile boolean begun;

    /** A column family that is there. */
    record Opened(Shape shape, ColumnFamilyHandle handle) {}

    /**
     * Opens the store in a directory, and makes it when the directory is empty or missing.
     *
     * @throws StoreBusyException when it is open elsewhere
     * @throws im.dunlin.storage.FormatTooNewException when a newer program wrote it
     * @throws LostTailException when it ends before what was once synced, unless that is accepted
     * @throws StoreException when it cannot be read or made
     */
    public static RocksStore open(Path directory, RocksSettings settings) {
        Deque<Closeable> opened = new ArrayDeque<>();
        try {
            Files.createDirectories(directory);
            DirectoryLock lock = DirectoryLock.take(directory);
            opened.push(lock);
            RocksBackup.checkRestoreIsWhole(directory);
            SyncMark mark = SyncMark.open(directory.resolve(SYNCED));
            opened.push(mark);
            ColumnFamilies families = new ColumnFamilies(settings);
            opened.push(families::close);
            RocksStore store = new RocksStore(directory, settings, lock, mark, families);
            opened.clear();
            opened.push(store::close);
            store.begin(settings);
            return store;
        } catch (IOException | RocksDBException e) {
            closeAll(opened, e);
            throw new StoreException("the store in " + directory + " cannot be opened: " + reason(e), e);
        } catch (RuntimeException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private static void closeAll(Deque<Closeable> opened, Exception cause) {
        for (Closeable one : opened) {
            try {
                one.close();
            } catch (IOException | RuntimeException e) {
                cause.addSuppressed(e);
            }
        }
    }

    /** Nothing after the opening of the database can fail, or nobody would close it. */
    private RocksStore(
            Path directory, RocksSettings settings, DirectoryLock lock, SyncMark mark, ColumnFamilies families)
            throws RocksDBException {
        this.directory = directory;
        this.families = families;
        this.mark = mark;
        directoryLock = lock;
        clock = settings.clock();
        cluster = new Cluster(this);
        String path = directory.resolve(TABLES).toString();
        List<String> names = columnFamilies(path);
        List<ColumnFamilyDescriptor> descriptors =
                names.stream().map(families::describe).toList();
        database = open(families, settings.acceptLoss(), path, descriptors);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!ColumnFamilies.isDefault(name)) {
                tables.put(ColumnFamilies.tableOf(name), new Opened(ColumnFamilies.shapeOf(name), handles.get(i)));
            }
        }
    }

    private RocksDB open(
            ColumnFamilies options, boolean acceptLoss, String path, List<ColumnFamilyDescriptor> descriptors)
            throws RocksDBException {
        try {
            return RocksDB.open(options.database(true), path, descriptors, handles);
        } catch (RocksDBException e) {
            if (!acceptLoss || !isCorruption(e)) {
                throw e;
            }
            log.warn("Opening without the logs that are missing: {}", e.getMessage());
            handles.clear();
            RocksDB opened = RocksDB.open(options.database(false), path, descriptors, handles);
            logsMissing = true;
            return opened;
        }
    }

    private static List<String> columnFamilies(String path) throws RocksDBException {
        try (Options options = new Options()) {
            List<String> names = new ArrayList<>();
            for (byte[] name : RocksDB.listColumnFamilies(options, path)) {
                names.add(new String(name, StandardCharsets.UTF_8));
            }
            if (names.isEmpty()) {
                names.add(new String(RocksDB.DEFAULT_COLUMN_FAMILY, StandardCharsets.UTF_8));
            }
            return names;
        }
    }

    /** What has to be true before anyone reads: nothing lost unnoticed, a known format, the newest format. */
    private void begin(RocksSettings settings) throws IOException {
        long recovered = database.getLatestSequenceNumber();
        Epoch lost = logsMissing ? new Epoch(0, now()) : mark.lost(recovered, now());
        if (lost != null && !settings.acceptLoss()) {
            throw new LostTailException("the store in " + directory + " ends at write " + recovered
                    + ", but later ones were on disk: acknowledged messages are gone. Restore a backup, or accept the"
                    + " loss and go on");
        }
        if (lost == null) {
            lost = mark.released(now());
        }
        cluster.prepare(settings.migrations().format());
        boolean migrate = settings.migrations().pending(this);
        if (lost != null) {
            cluster.addEpoch(lost);
        }
        @Nullable Long restoredFrom = RocksBackup.restoredFrom(directory);
        if (restoredFrom != null) {
            cluster.addEpoch(new Epoch(restoredFrom - SyncMark.STAMP_SLACK_MICROS, now()));
            RocksBackup.forgetRestore(directory);
        }
        if (migrate) {
            RocksBackup.makeOnce(
                    directory.resolve("before-format-" + settings.migrations().format()), this);
            settings.migrations().run(this);
        }
        SyncMark.Entry end = end();
        sync(true);
        mark.begin(end, e -> log.error("The store stops", fence("remembering what is synced", e)));
        begun = true;
    }

    @Override
    public synchronized <K, V> Table<K, V> open(TableSpec<K, V> spec) {
        long hold = natives.hold();
        try {
            Opened known = tables.get(spec.name());
            if (known == null) {
                ColumnFamilyHandle handle = database.createColumnFamily(
                        families.describe(ColumnFamilies.nameOf(spec.name(), spec.shape())));
                handles.add(handle);
                tables.put(spec.name(), new Opened(spec.shape(), handle));
            } else if (known.shape != spec.shape()) {
                throw new IllegalArgumentException("table " + spec.name() + ": shape " + spec.shape() + " (expected: "
                        + known.shape + ", as it was made)");
            }
            return new Table<>(spec);
        } catch (RocksDBException e) {
            throw fence("making table " + spec.name(), e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        return find(table, key, latest);
    }

    private byte @Nullable [] find(String table, byte[] key, ReadOptions options) {
        long hold = natives.hold();
        try {
            return database.get(opened(table).handle, options, key);
        } catch (RocksDBException e) {
            throw readFailure(e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        return cursor(table, from, to, direction, null);
    }

    private Cursor cursor(
            String table, byte[] from, byte[] to, Direction direction, org.rocksdb.@Nullable Snapshot snapshot) {
        long hold = natives.hold();
        try {
            RocksCursor cursor =
                    new RocksCursor(natives, database, opened(table).handle, from, to, direction, snapshot);
            natives.add(cursor);
            return cursor;
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public Snapshot snapshot() {
        long hold = natives.hold();
        try {
            Frozen snapshot = new Frozen(database.getSnapshot());
            natives.add(snapshot);
            return snapshot;
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public void write(Batch batch) {
        long hold = natives.hold();
        int size = BATCH_HEADER + batch.bytes() + BATCH_ROW * batch.writes().size();
        try (WriteBatch writes = new WriteBatch(size)) {
            checkFence();
            for (Batch.Write write : batch.writes()) {
                ColumnFamilyHandle handle = opened(write.table()).handle;
                switch (write.kind()) {
                    case PUT -> writes.put(handle, write.key(), write.value());
                    case DELETE -> writes.delete(handle, write.key());
                    case DELETE_PREFIX -> writes.deleteRange(handle, write.key(), write.prefixEnd());
                }
            }
            database.write(unsynced, writes);
        } catch (RocksDBException e) {
            throw fence("a write", e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public void sync(boolean toDisk) {
        long hold = natives.hold();
        try {
            checkFence();
            SyncMark.Entry end = end();
            if (!toDisk && begun) {
                mark.relax();
            }
            database.flushWal(toDisk);
            if (toDisk) {
                mark.synced(end);
            }
        } catch (IOException | RocksDBException e) {
            throw fence("a sync", e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public Cluster cluster() {
        return cluster;
    }

    @Override
    public void backup(Path target) {
        // Before the copy begins: whatever is not in it was stamped later.
        long micros = now();
        String serverId = cluster.serverId().toString();
        long hold = natives.hold();
        try {
            RocksBackup.make(database, target, micros, serverId);
        } catch (IOException | RocksDBException e) {
            throw new StoreException("backup to " + target + " failed: " + e.getMessage(), e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public StoreStatistics statistics() {
        long hold = natives.hold();
        try {
            List<TableStatistics> each = new ArrayList<>();
            long buffers = 0;
            for (Map.Entry<String, Opened> table : new TreeMap<>(tables).entrySet()) {
                ColumnFamilyHandle handle = table.getValue().handle;
                long memory = database.getLongProperty(handle, "rocksdb.cur-size-all-mem-tables");
                buffers += memory;
                each.add(new TableStatistics(
                        table.getKey(),
                        table.getValue().shape,
                        database.getLongProperty(handle, "rocksdb.estimate-num-keys"),
                        database.getLongProperty(handle, "rocksdb.total-sst-files-size") + memory));
            }
            return new StoreStatistics(
                    sizeOf(directory.resolve(TABLES)),
                    Files.getFileStore(directory).getUsableSpace(),
                    Math.max(families.cacheUsage(), buffers),
                    natives.count(),
                    each);
        } catch (IOException e) {
            throw new StoreException("the size of the store cannot be read: " + e.getMessage(), e);
        } catch (RocksDBException e) {
            throw readFailure(e);
        } finally {
            natives.letGo(hold);
        }
    }

    private static long sizeOf(Path files) throws IOException {
        try (Stream<Path> all = Files.list(files)) {
            // A compaction may delete a file between the list and the look: it counts nothing.
            return all.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Override
    public void close() {
        mark.end();
        int left = natives.count();
        if (!natives.close()) {
            return;
        }
        if (left > 0) {
            log.warn("{} scans or snapshots were left open", left);
        }
        try {
            closeFiles();
        } catch (IOException | RocksDBException e) {
            if (failure.get() == null) {
                throw fence("closing", e);
            }
            log.warn("The failed store could not be closed: {}", e.getMessage());
        }
    }

    private void closeFiles() throws IOException, RocksDBException {
        try (directoryLock;
                families;
                mark;
                latest;
                unsynced) {
            try {
                if (begun && failure.get() == null) {
                    SyncMark.Entry end = end();
                    database.flushWal(true);
                    mark.finish(end);
                }
            } finally {
                handles.forEach(ColumnFamilyHandle::close);
                database.closeE();
            }
        }
    }

    /** A read that failed costs the request that asked, not the store. */
    static StoreException readFailure(RocksDBException e) {
        String message = "a read failed: " + e.getMessage();
        return isCorruption(e) ? new CorruptionException(message, e) : new StoreException(message, e);
    }

    private static boolean isCorruption(RocksDBException e) {
        Status status = e.getStatus();
        return status != null && status.getCode() == Status.Code.Corruption;
    }

    private Opened opened(String table) {
        Opened opened = tables.get(table);
        if (opened == null) {
            throw new IllegalArgumentException("table " + table + " is not open");
        }
        return opened;
    }

    private void checkFence() {
        StoreException before = failure.get();
        if (before != null) {
            throw new StoreException("the store has failed before: " + before.getMessage(), before);
        }
    }

    private StoreException fence(String what, Exception e) {
        StoreException failed = new StoreException(what + " failed in " + directory + ": " + reason(e), e);
        failure.compareAndSet(null, failed);
        return failed;
    }

    private static String reason(Exception e) {
        Status status = e instanceof RocksDBException r ? r.getStatus() : null;
        boolean full = status != null && status.getSubCode() == Status.SubCode.NoSpace;
        return (full ? "the disk is full: " : "") + e.getMessage();
    }

    /** Taken before a sync: what the sync surely covers. */
    private SyncMark.Entry end() {
        return new SyncMark.Entry(database.getLatestSequenceNumber(), now());
    }

    private long now() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    }

    /** A snapshot, and the options that name it. */
    private final class Frozen implements Snapshot, NativeObjects.Scan {
        private final org.rocksdb.Snapshot snapshot;
        private final ReadOptions options;

        Frozen(org.rocksdb.Snapshot snapshot) {
            this.snapshot = snapshot;
            options = new ReadOptions().setSnapshot(snapshot);
        }

        @Override
        public byte @Nullable [] find(String table, byte[] key) {
            checkOpen();
            return RocksStore.this.find(table, key, options);
        }

        @Override
        public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
            checkOpen();
            return RocksStore.this.cursor(table, from, to, direction, snapshot);
        }

        private void checkOpen() {
            if (!natives.isOpen(this)) {
                throw new IllegalStateException("the snapshot is closed");
            }
        }

        @Override
        public void close() {
            natives.free(this);
        }

        @Override
        public void free() {
            options.close();
            database.releaseSnapshot(snapshot);
        }
    }
}
