// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.storage.Batch;
import im.dunlin.storage.Cluster;
import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import im.dunlin.storage.StoreStatistics;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.memory.MemoryStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that counts the rows which are read, and keeps those which are written. What a tick reads by itself, at
 * whatever time, is not counted.
 */
public final class CountingStore implements Store {
    private static final Set<String> OF_TICKS = Set.of("outbox", "timers");

    private final Store store = new MemoryStore();
    private final AtomicLong read = new AtomicLong();
    private final List<Batch.Write> written = new ArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch taken = new CountDownLatch(0);

    public long read() {
        return read.get();
    }

    public synchronized List<Batch.Write> takeWritten() {
        List<Batch.Write> taken = List.copyOf(written);
        written.clear();
        return taken;
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        count(table);
        return store.find(table, key);
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        return counting(table, store.cursor(table, from, to, direction));
    }

    private void count(String table) {
        if (!OF_TICKS.contains(table)) {
            read.incrementAndGet();
        }
    }

    private Cursor counting(String table, Cursor cursor) {
        return new Cursor() {
            @Override
            public boolean next() {
                count(table);
                return cursor.next();
            }

            @Override
            public byte[] key() {
                return cursor.key();
            }

            @Override
            public byte[] value() {
                return cursor.value();
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    /** Snapshots are taken and handed out when the gate opens. */
    public void holdSnapshots(CountDownLatch until) {
        taken = new CountDownLatch(1);
        gate = until;
    }

    /** Waits for the first snapshot that is held. */
    public void awaitSnapshot() throws InterruptedException {
        taken.await();
    }

    @Override
    public Snapshot snapshot() {
        Snapshot snapshot = store.snapshot();
        taken.countDown();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Snapshot() {
            @Override
            public byte @Nullable [] find(String table, byte[] key) {
                count(table);
                return snapshot.find(table, key);
            }

            @Override
            public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
                return counting(table, snapshot.cursor(table, from, to, direction));
            }

            @Override
            public void close() {
                snapshot.close();
            }
        };
    }

    @Override
    public synchronized void write(Batch batch) {
        written.addAll(batch.writes());
        store.write(batch);
    }

    @Override
    public <K, V> Table<K, V> open(TableSpec<K, V> spec) {
        return store.open(spec);
    }

    @Override
    public void sync(boolean toDisk) {
        store.sync(toDisk);
    }

    @Override
    public Cluster cluster() {
        return store.cluster();
    }

    @Override
    public void backup(Path directory) {
        store.backup(directory);
    }

    @Override
    public StoreStatistics statistics() {
        return store.statistics();
    }

    @Override
    public void close() {
        store.close();
    }
}
