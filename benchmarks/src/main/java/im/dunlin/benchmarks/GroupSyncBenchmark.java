// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.storage.Changes;
import im.dunlin.storage.Durability;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.Keys;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import im.dunlin.storage.rocks.RocksSettings;
import im.dunlin.storage.rocks.RocksStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Turns a second through the store and the sync thread: each writes five rows of 600 bytes in all, as one side of a
 * message does, from two lanes, with as many turns under way as sessions would have credit for. With one under way each
 * turn pays for a sync of its own.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@Threads(2)
@SuppressWarnings("NullAway.Init") // JMH calls open() before anything else
public class GroupSyncBenchmark {
    private static final TableSpec<Long, byte[]> LOG =
            new TableSpec<>("benchmark-log", Shape.LOG, Keys.NUMBER, Values.BYTES);
    private static final TableSpec<Long, byte[]> INDEX =
            new TableSpec<>("benchmark-index", Shape.POINT, Keys.NUMBER, Values.BYTES);
    private static final byte[] STANZA = new byte[400];
    private static final byte[] ENTRY = new byte[20];

    @Param({"SYNC", "NONE"})
    Durability durability = Durability.SYNC;

    @Param({"1", "256"})
    int underWay = 1;

    private final AtomicLong next = new AtomicLong();
    private Path directory = Path.of("");
    private RocksStore store;
    private GroupSync sync;
    private Semaphore credit;
    private Table<Long, byte[]> log;
    private Table<Long, byte[]> index;

    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory(Path.of("target"), "group-sync");
        store = RocksStore.open(directory.resolve("store"), RocksSettings.DEFAULT);
        log = store.open(LOG);
        index = store.open(INDEX);
        credit = new Semaphore(underWay);
        sync = new GroupSync(store, durability, failure -> Runtime.getRuntime().halt(1));
    }

    @TearDown(Level.Trial)
    public void close() throws IOException, InterruptedException {
        sync.close();
        System.out.println(sync.metrics());
        store.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Benchmark
    public void turn() throws InterruptedException {
        credit.acquire();
        long id = next.incrementAndGet();
        int slot = (int) (id % Slots.COUNT);
        OwnerKey owner = new OwnerKey(slot, 1);
        Changes changes = new Changes(store, slot);
        changes.put(log, owner, id, STANZA);
        for (long i = 0; i < 4; i++) {
            changes.put(index, owner, 4 * id + i, ENTRY);
        }
        store.write(changes.toBatch());
        sync.submit(true, credit::release);
    }
}
