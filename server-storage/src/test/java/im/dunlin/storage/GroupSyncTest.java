// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.storage.memory.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GroupSyncTest {
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    private final Disk disk = new Disk();

    /** A store whose syncs are noted, held up and broken at will. */
    private final class Disk implements Store {
        final Store store = new MemoryStore();
        final CountDownLatch reached = new CountDownLatch(1);
        volatile CountDownLatch free = new CountDownLatch(0);
        volatile boolean broken;

        @Override
        public void sync(boolean toDisk) {
            reached.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (broken) {
                throw new StoreException("the disk is gone");
            }
            events.add(toDisk ? "disk" : "system");
        }

        @Override
        public <K, V> Table<K, V> open(TableSpec<K, V> spec) {
            return store.open(spec);
        }

        @Override
        public Snapshot snapshot() {
            return store.snapshot();
        }

        @Override
        public void write(Batch batch) {
            store.write(batch);
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

        @Override
        public byte @Nullable [] find(String table, byte[] key) {
            return store.find(table, key);
        }

        @Override
        public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
            return store.cursor(table, from, to, direction);
        }
    }

    private GroupSync start(Durability durability) {
        return new GroupSync(disk, durability, failures::add);
    }

    private Runnable release(String name) {
        return () -> events.add(name);
    }

    @Test
    void writtenTurnIsReleasedAfterTheDiskHasIt() throws InterruptedException {
        try (GroupSync sync = start(Durability.SYNC)) {
            sync.submit(true, release("a"));
        }
        assertThat(events).containsExactly("disk", "a");
    }

    @Test
    void turnThatWroteNothingAsksForNoSync() throws InterruptedException {
        try (GroupSync sync = start(Durability.SYNC)) {
            sync.submit(false, release("a"));
        }
        assertThat(events).containsExactly("a");
    }

    @Test
    void oneSyncServesAllWhoWait() throws InterruptedException {
        disk.free = new CountDownLatch(1);
        try (GroupSync sync = start(Durability.SYNC)) {
            sync.submit(true, release("first"));
            disk.reached.await();
            IntStream.range(0, 50).forEach(i -> sync.submit(i % 2 == 0, release("r" + i)));
            disk.free.countDown();
        }
        List<String> expected = new ArrayList<>(List.of("disk", "first", "disk"));
        IntStream.range(0, 50).forEach(i -> expected.add("r" + i));
        assertThat(events).isEqualTo(expected);
    }

    @Test
    void readOnlyTurnKeepsItsPlace() throws InterruptedException {
        disk.free = new CountDownLatch(1);
        try (GroupSync sync = start(Durability.SYNC)) {
            sync.submit(true, release("wrote"));
            disk.reached.await();
            sync.submit(false, release("read"));
            disk.free.countDown();
        }
        assertThat(events).containsExactly("disk", "wrote", "read");
    }

    @Test
    void failedSyncReleasesNothingAndIsToldOnce() throws InterruptedException {
        disk.broken = true;
        disk.free = new CountDownLatch(1);
        GroupSync sync = start(Durability.SYNC);
        sync.submit(true, release("a"));
        disk.reached.await();
        sync.submit(true, release("b"));
        disk.free.countDown();
        sync.close();

        assertThat(events).isEmpty();
        assertThat(failures).hasSize(1).first().isInstanceOf(StoreException.class);
    }

    @Test
    void failedWriteOfALaneStopsAllReleases() throws InterruptedException {
        disk.free = new CountDownLatch(1);
        GroupSync sync = start(Durability.SYNC);
        sync.submit(true, release("a"));
        disk.reached.await();
        sync.fail(new StoreException("a write failed"));
        sync.fail(new StoreException("another, too late"));
        sync.submit(true, release("b"));
        disk.free.countDown();
        sync.close();

        assertThat(events).containsExactly("disk");
        assertThat(failures).singleElement().extracting(Throwable::getMessage).isEqualTo("a write failed");
    }

    @Test
    void releaseThatThrowsCostsOnlyItself() throws InterruptedException {
        GroupSync sync = start(Durability.SYNC);
        sync.submit(true, () -> {
            throw new IllegalStateException("a session is broken");
        });
        sync.submit(true, release("b"));
        sync.close();

        assertThat(events).endsWith("b");
        assertThat(sync.metrics().failedReleases()).isEqualTo(1);
        assertThat(sync.metrics().released()).isEqualTo(2);
        assertThat(failures).isEmpty();
    }

    @Test
    void withoutDiskTheSystemStillHasItBeforeTheRelease() throws InterruptedException {
        try (GroupSync sync = start(Durability.NONE)) {
            sync.submit(true, release("a"));
        }
        assertThat(events).containsExactly("system", "a", "disk");
    }

    @Test
    void intervalSyncsToDiskThoughNothingMoreComes() throws InterruptedException {
        try (GroupSync sync = new GroupSync(disk, Durability.INTERVAL, Duration.ofMillis(1), failures::add)) {
            sync.submit(true, release("a"));
            while (!events.contains("disk")) {
                Thread.onSpinWait();
            }
        }
        assertThat(events).containsExactly("system", "a", "disk");
    }

    @Test
    void closedOneTakesNothing() throws InterruptedException {
        GroupSync sync = start(Durability.SYNC);
        sync.close();
        sync.close();

        assertThatThrownBy(() -> sync.submit(false, release("a"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void metricsCountGroupsAndSyncs() throws InterruptedException {
        GroupSync sync = start(Durability.SYNC);
        sync.submit(true, release("a"));
        sync.close();

        GroupSync.Metrics metrics = sync.metrics();
        assertThat(metrics.syncs()).isEqualTo(1);
        assertThat(metrics.groupMax()).isEqualTo(1);
        assertThat(metrics.queued()).isZero();
        assertThat(metrics.syncMaxNanos()).isPositive().isGreaterThanOrEqualTo(metrics.syncP50Nanos());
    }
}
