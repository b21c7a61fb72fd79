// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.CanonicalReader;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import java.util.List;
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

/** The children of a chat message to their canonical bytes, and back to elements. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class CanonicalBenchmark {
    private static final String TEXT = "Neither, fair saint, if either thee dislike. 1 < 2 & so on, as messages are.";

    private final CanonicalWriter writer = new CanonicalWriter();
    private final byte[] written = write();

    @Benchmark
    public byte[] write() {
        return writer.reset()
                .start(Message.BODY)
                .text(TEXT)
                .end()
                .start(Ns.CHAT_STATES, "active")
                .end()
                .start(Ns.CHAT_MARKERS, "markable")
                .end()
                .start(Ns.STANZA_ID, "origin-id")
                .attr("id", "b6c2a1de-9f01")
                .end()
                .toByteArray();
    }

    @Benchmark
    public List<Element> read() {
        return new CanonicalReader(written).elements();
    }
}
