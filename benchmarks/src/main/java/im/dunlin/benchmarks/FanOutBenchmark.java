// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.StanzaWriter;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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

/** One message to many sessions, for each of them: the header differs, the payload's bytes are shared. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class FanOutBenchmark {
    private static final int SESSIONS = 100;

    private final Message message = Message.of(
                    Message.Type.CHAT,
                    Jid.of("juliet@capulet.example"),
                    Element.of(
                            Message.BODY, "Neither, fair saint, if either thee dislike. And so on, as messages are."),
                    Element.of(Name.of(Ns.CHAT_MARKERS, "markable")),
                    Element.of(Name.of(Ns.STANZA_ID, "origin-id")).attr("id", "b6c2a1de-9f01"))
            .withFrom(Jid.of("romeo@montague.example/orchard"))
            .withId("b6c2a1de-9f01");
    private final Jid[] sessions = new Jid[SESSIONS];
    private final Element[] ids = new Element[SESSIONS];
    private final StanzaWriter writer = new StanzaWriter(Ns.CLIENT);
    private final ByteBuf out = Unpooled.directBuffer(4_096);

    public FanOutBenchmark() {
        for (int i = 0; i < SESSIONS; i++) {
            sessions[i] = Jid.of("member" + i + "@capulet.example/phone");
            ids[i] = new StanzaId("18000000000000" + i, sessions[i].bare()).element();
        }
    }

    @Benchmark
    @OperationsPerInvocation(SESSIONS)
    public int perSession() {
        int bytes = 0;
        for (int i = 0; i < SESSIONS; i++) {
            writer.stanza(out.clear(), message.withTo(sessions[i]).adding(ids[i]));
            bytes += out.readableBytes();
        }
        return bytes;
    }
}
