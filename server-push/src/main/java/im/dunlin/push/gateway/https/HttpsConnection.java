// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection to one origin: a request, its answer, and then perhaps the next. Confined to its event loop. */
final class HttpsConnection extends SimpleChannelInboundHandler<HttpObject> {
    private final Origin origin;
    private final int maxBody;
    private final Consumer<HttpsConnection> onReusable;

    private @Nullable Channel channel;
    private @Nullable Consumer<HttpsResult> then;
    private @Nullable HttpResponse head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable Future<?> idleTimer;
    private @Nullable Runnable onClosedIdle;

    HttpsConnection(Origin origin, int maxBody, Consumer<HttpsConnection> onReusable) {
        this.origin = origin;
        this.maxBody = maxBody;
        this.onReusable = onReusable;
    }

    Origin origin() {
        return origin;
    }

    Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
    }

    void send(HttpsRequest request, Consumer<HttpsResult> whenDone) {
        then = whenDone;
        FullHttpRequest message = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.POST, request.target(), Unpooled.wrappedBuffer(request.body()));
        request.headers().forEach((name, value) -> message.headers().set(name, value));
        message.headers()
                .set(HttpHeaderNames.HOST, origin.authority())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, request.body().length);
        channel().writeAndFlush(message).addListener(written -> {
            if (!written.isSuccess()) {
                channel().close();
            }
        });
    }

    /** Waits for a next request. */
    void sleep(Duration longest, Runnable onClosed) {
        onClosedIdle = onClosed;
        idleTimer = channel().eventLoop().schedule(() -> channel().close(), longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether it is still there to take a request. */
    boolean wake() {
        onClosedIdle = null;
        if (idleTimer != null) {
            idleTimer.cancel(false);
        }
        return channel().isActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) {
        if (then == null || part.decoderResult().isFailure()) {
            // What nobody asked for, or what is no HTTP.
            context.close();
            return;
        }
        if (part instanceof HttpResponse response) {
            head = response;
        }
        HttpResponse of = head;
        if (of == null || of.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            return;
        }
        if (part instanceof HttpContent content && !add(content.content())) {
            done(of, false);
        } else if (part instanceof LastHttpContent) {
            done(of, HttpUtil.isKeepAlive(of));
        }
    }

    /** @return false if there is more than is read */
    private boolean add(ByteBuf content) {
        int fits = Math.min(content.readableBytes(), maxBody - body.size());
        try {
            content.readBytes(body, fits);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return !content.isReadable();
    }

    private void done(HttpResponse response, boolean isReusable) {
        HttpsResult result = new HttpsResult.Response(response.status().code(), response.headers(), body.toByteArray());
        Consumer<HttpsResult> waits = then;
        then = null;
        head = null;
        body = new ByteArrayOutputStream();
        // Before the answer is told: who hears it may have the next request.
        if (isReusable) {
            onReusable.accept(this);
        } else {
            channel().close();
        }
        if (waits != null) {
            waits.accept(result);
        }
    }

    private void tell(HttpsResult result) {
        Consumer<HttpsResult> waits = then;
        then = null;
        if (waits != null) {
            waits.accept(result);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (onClosedIdle != null) {
            onClosedIdle.run();
            wake();
        }
        tell(new HttpsResult.Lost("the connection ended before an answer came"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
