// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import com.fasterxml.aalto.AsyncByteArrayFeeder;
import com.fasterxml.aalto.AsyncXMLStreamReader;
import com.fasterxml.aalto.stax.InputFactoryImpl;
import com.sun.management.OperatingSystemMXBean;
import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.measure.Report;
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
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamException;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What no server can go under that parses a message of the chat scenario with Aalto, or makes it durable with RocksDB: in rows
 * that stand beside those of servers.
 */
@Command(name = "floors", description = "What the parts take that any server needs.", mixinStandardHelpOptions = true)
public final class Floors implements Callable<Integer> {
    private static final TableSpec<Long, byte[]> LOG =
            new TableSpec<>("floor-log", Shape.LOG, Keys.NUMBER, Values.BYTES);

    /** Records on their way to the disk at a time, as on a server with much to do. */
    private static final int UNDER_WAY = 256;

    private static final long BATCH = 1_000;

    @Option(names = "--directory", defaultValue = ".", description = "On which disk. Default: this directory.")
    private Path directory = Path.of(".");

    @Option(names = "--seconds", defaultValue = "4", description = "How long each, after as long. Default: 4.")
    private int seconds;

    @Option(names = "--as", defaultValue = "chat", description = "The scenario that they stand beside. Default: chat.")
    private String scenario = "";

    @Option(names = "--round", defaultValue = "1", description = "Number of the round, when runs are repeated.")
    private int round;

    @Option(names = "--tsv", description = "File to which the figures are appended as rows.")
    private @Nullable Path tsv;

    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final byte[] message =
            new Tagged(3, 17, 123_456_789_012_345L).stanza("u7@localhost").getBytes(StandardCharsets.UTF_8);

    private Floors() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Floors()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        publish("aalto", this::parse);
        publish("rocksdb", this::record);
        return 0;
    }

    private interface Measurement {
        void addTo(Report report) throws Exception;
    }

    private void publish(String name, Measurement measurement) throws Exception {
        Report report = new Report(scenario, name, round);
        measurement.addTo(report);
        System.out.print(report.table());
        if (tsv != null) {
            report.appendTo(tsv);
        }
    }

    /** Token by token, and nothing is made of them. */
    private void parse(Report report) throws XMLStreamException {
        AsyncXMLStreamReader<AsyncByteArrayFeeder> reader = new InputFactoryImpl().createAsyncForByteArray();
        feed(reader, "<stream xmlns='jabber:client'>".getBytes(StandardCharsets.UTF_8));
        parseFor(reader);
        long before = process.getProcessCpuTime();
        long begin = System.nanoTime();
        long parsed = parseFor(reader);
        add(report, parsed, process.getProcessCpuTime() - before, System.nanoTime() - begin);
    }

    private long parseFor(AsyncXMLStreamReader<AsyncByteArrayFeeder> reader) throws XMLStreamException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long parsed = 0;
        while (System.nanoTime() < end) {
            for (int i = 0; i < BATCH; i++) {
                feed(reader, message);
            }
            parsed += BATCH;
        }
        return parsed;
    }

    private static void feed(AsyncXMLStreamReader<AsyncByteArrayFeeder> reader, byte[] bytes)
            throws XMLStreamException {
        reader.getInputFeeder().feedInput(bytes, 0, bytes.length);
        while (reader.next() != AsyncXMLStreamReader.EVENT_INCOMPLETE) {
            // All that a server would do with it comes on top.
        }
    }

    /** One row each, synced in groups. */
    private void record(Report report) throws Exception {
        Path into = Files.createTempDirectory(directory, "floor");
        try (RocksStore store = RocksStore.open(into.resolve("store"), RocksSettings.DEFAULT);
                GroupSync sync = new GroupSync(
                        store, Durability.SYNC, failure -> Runtime.getRuntime().halt(1))) {
            Table<Long, byte[]> log = store.open(LOG);
            AbstractHistogram latency = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);
            long first = recordFor(store, sync, log, 0, latency);
            latency.reset();
            long before = process.getProcessCpuTime();
            long begin = System.nanoTime();
            long recorded = recordFor(store, sync, log, first, latency) - first;
            add(report, recorded, process.getProcessCpuTime() - before, System.nanoTime() - begin);
            report.addLatency("delivery", latency);
        } finally {
            delete(into);
        }
    }

    private long recordFor(
            RocksStore store, GroupSync sync, Table<Long, byte[]> log, long first, AbstractHistogram latency)
            throws InterruptedException {
        Semaphore room = new Semaphore(UNDER_WAY);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long next = first;
        while (System.nanoTime() < end) {
            room.acquire();
            int slot = (int) (next % Slots.COUNT);
            Changes changes = new Changes(store, slot);
            changes.put(log, new OwnerKey(slot, 1), next++, message);
            store.write(changes.toBatch());
            long submitted = System.nanoTime();
            sync.submit(true, () -> {
                latency.recordValue(System.nanoTime() - submitted);
                room.release();
            });
        }
        room.acquire(UNDER_WAY);
        return next;
    }

    private static void add(Report report, long messages, long cpuNanos, long nanos) {
        report.add("server CPU per message", cpuNanos / 1e3 / messages, "µs");
        report.add("messages a second", messages / (nanos / 1e9), "/s");
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
