// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that fails at a chosen write or sync, and that forgets what the machine would. Lies over stores that the
 * supplier makes, usually in memory; after {@link #crash} it goes on, empty but for what would have been kept.
 *
 * <p>For tests of "crash anywhere": count the writes of a scenario once, then run it again for every number, failing
 * there.
 */
public final class FaultyStore implements Store {
    private final Supplier<Store> empty;
    private final List<TableSpec<?, ?>> opened = new ArrayList<>();
    private final List<byte[]> written = new ArrayList<>();
    private Store store;
    private int withSystem;
    private int onDisk;
    private int writes;
    private int syncs;
    private int failingWrite = -1;
    private int failingSync = -1;
    private boolean lastWriteArrives;
    private @Nullable StoreException failure;

    /** What ends. */
    public enum Crash {
        /** What was never handed to the operating system is gone. */
        PROCESS,
        /** What was never on disk is gone. */
        MACHINE
    }

    public FaultyStore(Supplier<Store> empty) {
        this.empty = empty;
        store = empty.get();
    }

    /** The given write (0 is the next) and everything after it fails; nothing of it is kept. */
    public synchronized void failAtWrite(int number) {
        failingWrite = writes + number;
        lastWriteArrives = false;
    }

    /** As {@link #failAtWrite}, but the failing write is there afterwards: its outcome was unknown. */
    public synchronized void failBehindWrite(int number) {
        failingWrite = writes + number;
        lastWriteArrives = true;
    }

    /** The given sync (0 is the next) and everything after it fails. */
    public synchronized void failAtSync(int number) {
        failingSync = syncs + number;
    }

    /** Writes until now, failed ones with them. */
    public synchronized int writes() {
        return writes;
    }

    public synchronized int syncs() {
        return syncs;
    }

    /** Ends and starts again: only what is kept is there, nothing fails any more, all tables are open. */
    public synchronized void crash(Crash crash) {
        crash(crash, 0);
    }

    /** As {@link #crash(Crash)}, and of what would be gone, the first so many writes had made it. */
    public synchronized void crash(Crash crash, int more) {
        int kept = Math.min(written.size(), (crash == Crash.PROCESS ? withSystem : onDisk) + more);
        written.subList(kept, written.size()).clear();
        withSystem = kept;
        onDisk = kept;
        failure = null;
        failingWrite = -1;
        failingSync = -1;
        store.close();
        store = empty.get();
        opened.forEach(store::open);
        written.forEach(batch -> store.write(Batch.decode(batch)));
    }

    @Override
    public synchronized <K, V> Table<K, V> open(TableSpec<K, V> spec) {
        Table<K, V> table = store.open(spec);
        if (!opened.contains(spec)) {
            opened.add(spec);
        }
        return table;
    }

    @Override
    public synchronized void write(Batch batch) {
        checkFence();
        boolean fails = writes++ == failingWrite;
        if (!fails || lastWriteArrives) {
            store.write(batch);
            written.add(batch.encode());
        }
        if (fails) {
            if (lastWriteArrives) {
                withSystem = written.size();
                onDisk = written.size();
            }
            throw fence("write " + failingWrite + " fails");
        }
    }

    @Override
    public synchronized void sync(boolean toDisk) {
        checkFence();
        if (syncs++ == failingSync) {
            throw fence("sync " + failingSync + " fails");
        }
        withSystem = written.size();
        if (toDisk) {
            onDisk = written.size();
        }
    }

    private void checkFence() {
        if (failure != null) {
            throw new StoreException("the store has failed before: " + failure.getMessage(), failure);
        }
    }

    private StoreException fence(String message) {
        failure = new StoreException(message);
        return failure;
    }

    private synchronized Store current() {
        return store;
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        return current().find(table, key);
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        return current().cursor(table, from, to, direction);
    }

    @Override
    public Snapshot snapshot() {
        return current().snapshot();
    }

    /** Writes to it pass through this store, and so can fail and be lost. */
    @Override
    public Cluster cluster() {
        return new Cluster(this);
    }

    @Override
    public void backup(Path directory) {
        current().backup(directory);
    }

    @Override
    public StoreStatistics statistics() {
        return current().statistics();
    }

    @Override
    public void close() {
        current().close();
    }
}
