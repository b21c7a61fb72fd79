// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import im.dunlin.core.net.DecoderLimits;
import im.dunlin.core.net.StreamEvent;
import im.dunlin.core.net.XmlStreamDecoder;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** From the bytes of one stanza to its event, as every stanza pays it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class DecoderBenchmark {
    private static final String CHAT = "<message to='juliet@capulet.example/balcony' id='b6c2a1de-9f01' type='chat'>"
            + "<body>Neither, fair saint, if either thee dislike. And so on, as messages are.</body>"
            + "<active xmlns='http://jabber.org/protocol/chatstates'/><request xmlns='urn:xmpp:receipts'/>"
            + "<markable xmlns='urn:xmpp:chat-markers:0'/><origin-id xmlns='urn:xmpp:sid:0' id='b6c2a1de-9f01'/>"
            + "</message>";
    private static final String PING = "<iq type='get' id='p1'><ping xmlns='urn:xmpp:ping'/></iq>";
    private static final String ACK = "<r xmlns='urn:xmpp:sm:3'/>";

    @Param({"chat", "ping", "ack"})
    String kind = "chat";

    private final EmbeddedChannel channel = new EmbeddedChannel(
            new XmlStreamDecoder(Ns.CLIENT, DecoderLimits.CLIENT), new SimpleChannelInboundHandler<StreamEvent>() {
                @Override
                protected void channelRead0(ChannelHandlerContext ctx, StreamEvent event) {
                    last = event;
                }
            });
    private ByteBuf stanza = Unpooled.EMPTY_BUFFER;
    private @Nullable StreamEvent last;

    @Setup
    public void open() {
        channel.writeInbound(
                bytes("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
                        + " to='capulet.example' version='1.0'>"));
        stanza = bytes(
                switch (kind) {
                    case "chat" -> CHAT;
                    case "ping" -> PING;
                    default -> ACK;
                });
    }

    private static ByteBuf bytes(String xml) {
        return Unpooled.directBuffer().writeBytes(xml.getBytes(StandardCharsets.UTF_8));
    }

    @Benchmark
    public @Nullable StreamEvent decode() {
        channel.writeInbound(stanza.retainedDuplicate());
        return last;
    }
}
