// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Slots;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A key of the conversation log, there and back, and the slot of an account: paid several times for each message. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KeyCodecBenchmark {
    /** As the log's: peer, then id. */
    public record LogKey(String peer, long id) {}

    private static final OwnerKey OWNER = new OwnerKey(287, 5);
    private static final LogKey KEY = new LogKey("romeo@montague.example", 1_800_000_000_000_000L);

    private final Table<LogKey, Boolean> table = new Table<>(new TableSpec<>(
            "benchmark",
            Shape.LOG,
            new KeyCodec<>() {
                @Override
                public void write(LogKey key, KeyWriter out) {
                    out.text(key.peer).u64(key.id);
                }

                @Override
                public LogKey read(KeyReader in) {
                    return new LogKey(in.text(), in.u64());
                }
            },
            Values.PRESENT));
    private final byte[] written = table.key(OWNER, KEY);
    private final byte[] present = table.value(true);

    @Benchmark
    public byte[] write() {
        return table.key(OWNER, KEY);
    }

    @Benchmark
    public Row<LogKey, Boolean> read() {
        return table.row(written, present);
    }

    @Benchmark
    public int slot() {
        return Slots.of("juliet@capulet.example");
    }
}
