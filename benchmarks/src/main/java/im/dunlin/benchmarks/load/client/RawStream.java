// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Elements over TCP or TLS, without a login: for a peer that knows no XMPP. */
public final class RawStream extends SimpleChannelInboundHandler<ByteBuf> implements StanzaSplitter.Sink {
    private static final int LARGEST_ELEMENT = 1 << 20;

    private final String greeting;
    private final Consumer<Received> listener;
    private final StanzaSplitter splitter = new StanzaSplitter(LARGEST_ELEMENT, Framing.DOCUMENT.depth());
    private final CompletableFuture<RawStream> ready = new CompletableFuture<>();
    private @Nullable Channel channel;

    RawStream(String greeting, Consumer<Received> listener) {
        this.greeting = greeting;
        this.listener = listener;
    }

    CompletableFuture<RawStream> ready() {
        return ready;
    }

    void fail(Throwable cause) {
        ready.completeExceptionally(cause);
    }

    public void send(String xml) {
        Channel to = channel;
        if (to != null) {
            // By the loop's queue also from the loop itself: nothing overtakes what another thread sent before.
            to.eventLoop().execute(() -> to.writeAndFlush(ByteBufUtil.writeUtf8(to.alloc(), xml)));
        }
    }

    public void close() {
        Channel to = channel;
        if (to != null) {
            to.close();
        }
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (ctx.pipeline().get(SslHandler.class) == null) {
            greet();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            greet();
        }
    }

    private void greet() {
        send(greeting);
        ready.complete(this);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
        splitter.feed(in, this);
    }

    @Override
    public void opened(Received header) {
        // The other side's greeting.
    }

    @Override
    public void element(Received element) {
        listener.accept(element);
    }

    @Override
    public void closed() {
        fail(new IllegalStateException("the stream was closed"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(cause);
        ctx.close();
    }
}
