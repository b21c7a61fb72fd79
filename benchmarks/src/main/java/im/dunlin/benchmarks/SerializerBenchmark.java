// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.StanzaWriter;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.StanzaCodec;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What becomes of a decoded message: judged, stored, written to a session, wrapped for another. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SerializerBenchmark {
    private static final Jid ACCOUNT = Jid.of("juliet@capulet.example");
    private static final Name RECEIVED = Name.of(Ns.CARBONS, "received");

    private final Message message = Message.of(
                    Message.Type.CHAT,
                    Jid.of("juliet@capulet.example/balcony"),
                    Element.of(
                            Message.BODY, "Neither, fair saint, if either thee dislike. And so on, as messages are."),
                    Element.of(Name.of(Ns.CHAT_STATES, "active")),
                    Element.of(Name.of(Ns.RECEIPTS, "request")),
                    Element.of(Name.of(Ns.CHAT_MARKERS, "markable")),
                    Element.of(Name.of(Ns.STANZA_ID, "origin-id")).attr("id", "b6c2a1de-9f01"))
            .withFrom(Jid.of("romeo@montague.example/orchard"))
            .withId("b6c2a1de-9f01")
            .adding(new StanzaId("1800000000000000", ACCOUNT).element());
    private final byte[] stored = StanzaCodec.encode(message);
    private final StanzaWriter writer = new StanzaWriter(Ns.CLIENT);
    private final ByteBuf out = Unpooled.directBuffer(4_096);

    @Benchmark
    public MessageTraits judge() {
        return MessageTraits.of(message);
    }

    @Benchmark
    public int write() {
        writer.stanza(out.clear(), message);
        return out.readableBytes();
    }

    @Benchmark
    public int carbon() {
        Element received =
                Element.builder(RECEIVED).child(Forwarded.of(message, null)).build();
        writer.stanza(
                out.clear(), Message.of(Message.Type.CHAT, ACCOUNT, received).withFrom(ACCOUNT));
        return out.readableBytes();
    }

    @Benchmark
    public byte[] store() {
        return StanzaCodec.encode(message);
    }

    @Benchmark
    public Object load() {
        return StanzaCodec.decode(stored);
    }

    @Benchmark
    public @Nullable Object open() {
        return message.payload().first(Message.BODY);
    }
}
