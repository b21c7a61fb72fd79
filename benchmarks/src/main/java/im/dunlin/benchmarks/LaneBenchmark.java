// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.testing.TestServer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it takes to hand work to an account's lane: a turn that does nothing, and its result back to who asked. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls open() before anything else
public class LaneBenchmark {
    static final int BATCH = 100;

    private static final BareJid JULIET = BareJid.of("juliet@localhost");

    private TestServer server;

    @Setup
    public void open() {
        server = TestServer.with(Map.of());
        server.account(JULIET.toString());
    }

    @TearDown
    public void close() {
        server.close();
    }

    /** The lane sleeps and is woken, and so is who asked. */
    @Benchmark
    public boolean one() {
        return call().join();
    }

    /** The lane has much to do. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public @Nullable Boolean many() {
        CompletableFuture<Boolean> last = call();
        for (int i = 1; i < BATCH; i++) {
            last = call();
        }
        return last.join();
    }

    private CompletableFuture<Boolean> call() {
        return server.lanes().call(JULIET, turn -> true);
    }
}
