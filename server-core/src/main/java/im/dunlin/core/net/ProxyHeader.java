// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.ProtocolDetectionResult;
import io.netty.handler.codec.ProtocolDetectionState;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of a connection from a trusted proxy: reads the client's address from a PROXY header (versions 1 and 2),
 * if there is one, and gives way to the handlers of the protocol.
 */
final class ProxyHeader extends ByteToMessageDecoder {
    private final Duration patience;
    private final Consumer<@Nullable InetAddress> then;
    private @Nullable ScheduledFuture<?> deadline;
    private boolean detected;

    /**
     * @param patience for the header
     * @param then adds the handlers of the protocol; gets null without a header, or with one that names nobody
     */
    ProxyHeader(Duration patience, Consumer<@Nullable InetAddress> then) {
        this.patience = patience;
        this.then = then;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        deadline = context.executor()
                .schedule(
                        () -> {
                            context.close();
                        },
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext context) {
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (detected) {
            return;
        }
        ProtocolDetectionResult<HAProxyProtocolVersion> result = HAProxyMessageDecoder.detectProtocol(in);
        if (result.state() == ProtocolDetectionState.DETECTED) {
            detected = true;
            context.pipeline().addAfter(context.name(), null, new Reader());
            context.pipeline().addAfter(context.name(), null, new HAProxyMessageDecoder());
            context.pipeline().remove(this);
        } else if (result.state() == ProtocolDetectionState.INVALID) {
            detected = true;
            then.accept(null);
            context.pipeline().remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }

    /** Takes what the codec has read; the codec removes itself. */
    private final class Reader extends io.netty.channel.SimpleChannelInboundHandler<HAProxyMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) throws UnknownHostException {
            String source = header.sourceAddress();
            boolean named =
                    source != null && (NetUtil.isValidIpV4Address(source) || NetUtil.isValidIpV6Address(source));
            then.accept(named ? InetAddress.getByName(source) : null);
            context.pipeline().remove(this);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
