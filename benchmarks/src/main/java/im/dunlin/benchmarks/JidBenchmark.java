// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
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

/** An address as it comes from a client: prepared, and compared with what it was. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class JidBenchmark {
    @Benchmark
    public Jid plain() throws JidException {
        return Jid.parse("juliet@capulet.example/balcony");
    }

    /** Needs case mapping, normalization and the tables of internationalized domains. */
    @Benchmark
    public Jid international() throws JidException {
        return Jid.parse("J\u00dcLIET@capul\u00e9t.example/Balc\u00f3n \u4e00");
    }
}
