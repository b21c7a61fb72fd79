// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.Management;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.stanza.Message;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A message through a session's queue: written, and with stream management kept until it is acknowledged. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class OutboundBenchmark {
    /** Messages that one acknowledgement is for. */
    static final int BATCH = 5;

    private final Message message = Message.chat(
            Jid.of("juliet@localhost/balcony"), "Neither, fair saint, if either thee dislike, as messages are.");
    private final Nowhere wire = new Nowhere();
    private final Outbound plain = new Outbound(wire);
    private final Outbound managed = new Outbound(wire);
    private long sent;

    public OutboundBenchmark() {
        managed.manage(
                new Management(
                        "id",
                        true,
                        Duration.ofMinutes(5),
                        ServerConfig.defaults().limits().resumption(),
                        () -> {}),
                null);
    }

    @Benchmark
    public long deliver() {
        plain.deliver(message);
        return wire.written();
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public boolean deliverAndForget() {
        for (int i = 0; i < BATCH; i++) {
            managed.deliver(message);
        }
        sent += BATCH;
        return managed.acknowledge(wire, sent & 0xFFFF_FFFFL);
    }
}
