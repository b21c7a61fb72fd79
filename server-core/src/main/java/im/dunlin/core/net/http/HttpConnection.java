// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.http.HttpContent;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.HttpSink;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.net.ConnectionLimits;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.AsciiString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for HTTP: reads a request, has it answered, and only then reads the next. A body is read as fast as whoever
 * asked for it takes it. On the channel's event loop.
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpObject> {
    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    private final HttpServer server;
    private final ConnectionLimits.Admission admission;
    private final boolean tls;
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Exchange current;
    private @Nullable ScheduledFuture<?> deadline;

    /** A piece of a body was asked for and has not come. */
    private boolean reading;

    HttpConnection(HttpServer server, ConnectionLimits.Admission admission, boolean tls) {
        this.server = server;
        this.admission = admission;
        this.tls = tls;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        await(server.limits().http().head());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        await(null);
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        await(null);
        Exchange exchange = current;
        current = null;
        if (exchange != null) {
            exchange.abandon();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof io.netty.handler.codec.DecoderException)) {
            log.error("A connection for HTTP failed", cause);
        }
        context.close();
    }

    /** Closes the connection when this time has passed and nothing else was said; null: nothing is waited for. */
    private void await(@Nullable Duration patience) {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        if (patience != null) {
            deadline = ctx().executor()
                    .schedule(
                            () -> {
                                ctx().close();
                            },
                            patience.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        reading = false;
        if (message.decoderResult().isFailure()) {
            malformed(message.decoderResult().cause());
        } else if (message instanceof io.netty.handler.codec.http.HttpRequest head) {
            if (!StrictRequestDecoder.hasOneEnd(head)) {
                malformed(null);
                return;
            }
            begin(head);
        } else if (message instanceof io.netty.handler.codec.http.HttpContent content && current != null) {
            current.content(ByteBufUtil.getBytes(content.content()), content instanceof LastHttpContent);
        }
    }

    /** A read that brought part of a TLS record only is over for the handlers in front, and forgotten. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (reading) {
            context.read();
        }
        context.fireChannelReadComplete();
    }

    /** Not within the read that brought what came before: the handlers in front would take it for part of that. */
    private void readMore() {
        ctx().executor().execute(() -> {
            reading = true;
            ctx().read();
        });
    }

    private void malformed(@Nullable Throwable cause) {
        ctx().channel().config().setAutoRead(false);
        Exchange exchange = current;
        if (exchange != null) {
            // In the middle of a body.
            ctx().close();
            return;
        }
        int status = cause instanceof TooLongHttpLineException
                ? HttpResponse.URI_TOO_LONG
                : cause instanceof TooLongHttpHeaderException
                        ? HttpResponse.HEADERS_TOO_LARGE
                        : HttpResponse.BAD_REQUEST;
        HttpResponse answer = HttpResponse.text(status, "This request cannot be read.");
        Exchange refused = new Exchange(null, null, false, false);
        refused.bodyOver = true;
        current = refused;
        refused.write(answer);
    }

    private void begin(io.netty.handler.codec.http.HttpRequest head) {
        ctx().channel().config().setAutoRead(false);
        await(server.limits().http().answer());
        boolean expects = HttpUtil.is100ContinueExpected(head);
        // In HTTP/1.0 the decoder takes the first of several lengths: what comes behind might be no request.
        boolean keepAlive = HttpUtil.isKeepAlive(head) && head.protocolVersion().equals(HttpVersion.HTTP_1_1);
        HttpRequest request;
        try {
            request = server.read(head, admission.from(), tls);
        } catch (RefusedRequestException e) {
            Exchange exchange = new Exchange(null, null, keepAlive, expects);
            current = exchange;
            exchange.write(e.response());
            return;
        }
        HttpRoute route;
        try {
            if (request.path().equals(PublicAddresses.WEBSOCKET_PATH)) {
                current = new Exchange(request, null, keepAlive, expects);
                String accept = WebSocketHandshake.accept(request, server);
                becomeWebSocket(request, accept);
                return;
            }
            route = server.route(request, this::stream);
        } catch (RefusedRequestException e) {
            Exchange exchange = new Exchange(request, null, keepAlive, expects);
            current = exchange;
            exchange.write(e.response());
            return;
        }
        Exchange exchange = new Exchange(request, route, keepAlive, expects);
        current = exchange;
        try {
            route.handler().handle(exchange);
        } catch (RuntimeException e) {
            log.error("{} {} failed", request.method(), route.path(), e);
            exchange.respond(
                    HttpResponse.text(HttpResponse.INTERNAL_SERVER_ERROR, "Something went wrong here; it is logged."));
        }
    }

    private void stream(HttpExchange exchange) {
        server.bosh().handle(exchange, admission, ctx().channel().eventLoop());
    }

    /** Gives the connection away to a stream. */
    private void becomeWebSocket(HttpRequest request, String accept) throws RefusedRequestException {
        ConnectionLimits.Admission own = admission;
        if (!request.from().equals(admission.from())) {
            // A proxy has no share of its own: the client behind it has.
            own = server.streams().addresses().admit(request.from(), System.nanoTime());
            if (own == null) {
                throw new RefusedRequestException(HttpResponse.TOO_MANY_REQUESTS, "Too many connections.");
            }
            ConnectionLimits.Admission client = own;
            ctx().channel().closeFuture().addListener(closed -> client.close());
        }
        DefaultFullHttpResponse switching =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS);
        switching
                .headers()
                .set(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET)
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE)
                .set(HttpHeaderNames.SEC_WEBSOCKET_ACCEPT, accept)
                .set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, WebSocketHandshake.PROTOCOL);
        ChannelHandlerContext context = ctx();
        context.writeAndFlush(switching);
        current = null;
        var pipeline = context.pipeline();
        server.streams().overWebSocket(context.channel(), own);
        pipeline.remove(FlowControlHandler.class);
        pipeline.remove(this);
        pipeline.remove(HttpResponseEncoder.class);
        // Last, since it passes on what it has read already.
        pipeline.remove(StrictRequestDecoder.class);
        context.channel().config().setAutoRead(true);
    }

    /** The answer has left. */
    private void finished(Exchange exchange) {
        if (current != exchange) {
            return;
        }
        if (!exchange.keepAlive) {
            ctx().close();
        } else if (exchange.bodyOver) {
            current = null;
            await(server.limits().http().head());
            ctx().channel().config().setAutoRead(true);
        } else {
            // What is left of a body that nobody wanted is read away, or the answer could be lost with the connection.
            if (!exchange.draining) {
                exchange.draining = true;
                await(server.limits().timeouts().close());
            }
            readMore();
        }
    }

    // ---- one request and its answer
    // ----------------------------------------------------------------------------------

    private final class Exchange implements HttpExchange {
        private final @Nullable HttpRequest request;
        private final @Nullable HttpRoute route;
        private final boolean expectsContinue;
        private boolean keepAlive;
        private boolean continued;
        private boolean bodyOver;
        private @Nullable HttpSink sink;
        private boolean answered;
        private boolean written;
        private boolean draining;
        private @Nullable HttpContent content;
        private long remaining;
        private long received;
        private long waitedNanos;
        private long askedAt;

        Exchange(@Nullable HttpRequest request, @Nullable HttpRoute route, boolean keepAlive, boolean expectsContinue) {
            this.request = request;
            this.route = route;
            this.keepAlive = keepAlive;
            this.expectsContinue = expectsContinue;
        }

        private void onLoop(Runnable task) {
            if (ctx().executor().inEventLoop()) {
                task.run();
            } else {
                ctx().executor().execute(task);
            }
        }

        @Override
        public HttpRequest request() {
            return Objects.requireNonNull(request);
        }

        // ---- the body

        @Override
        public void receive(int most, Consumer<byte[]> then) {
            receive(new Whole(this, most, then));
        }

        @Override
        public void receive(HttpSink taker) {
            onLoop(() -> {
                if (current != this || answered) {
                    taker.broken();
                    return;
                }
                if (sink != null) {
                    throw new IllegalStateException("a body is received once");
                }
                sink = taker;
                if (expectsContinue) {
                    ctx().writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
                }
                continued = true;
                ask();
            });
        }

        private void ask() {
            if (current != this) {
                return;
            }
            var http = server.limits().http();
            long allowed = http.head().toNanos()
                    + (http.bytesPerSecond() == 0 ? 0 : received * 1_000_000_000L / http.bytesPerSecond());
            await(Duration.ofNanos(Math.max(0, allowed - waitedNanos)));
            askedAt = System.nanoTime();
            readMore();
        }

        private void content(byte[] bytes, boolean last) {
            bodyOver = last;
            HttpSink taker = answered ? null : sink;
            if (taker == null) {
                if (written) {
                    finished(this);
                }
                return;
            }
            waitedNanos += System.nanoTime() - askedAt;
            received += bytes.length;
            await(server.limits().http().answer());
            if (bytes.length == 0) {
                taken(taker);
            } else {
                taker.take(bytes, () -> onLoop(() -> taken(taker)));
            }
        }

        private void taken(HttpSink taker) {
            if (answered || current != this) {
                return;
            }
            if (bodyOver) {
                sink = null;
                taker.complete();
            } else {
                ask();
            }
        }

        /** The connection is gone. */
        void abandon() {
            HttpSink taker = sink;
            if (taker != null && !answered) {
                sink = null;
                taker.broken();
            }
            closeContent();
        }

        // ---- the answer

        @Override
        public void respond(HttpResponse response) {
            onLoop(() -> write(response));
        }

        private void write(HttpResponse response) {
            if (current != this || answered) {
                response.content().close();
                return;
            }
            answered = true;
            sink = null;
            if (expectsContinue && !continued) {
                // The client may or may not send the body now.
                keepAlive = false;
            }
            HttpResponse whole =
                    route == null || request == null ? response : server.withOrigins(response, route, request);
            content = whole.content();
            remaining = request != null && request.method().equals("HEAD")
                    ? 0
                    : whole.content().length();
            ctx().write(head(whole));
            pump();
        }

        private DefaultHttpResponse head(HttpResponse response) {
            DefaultHttpResponse head =
                    new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()));
            response.headers().forEach((name, value) -> head.headers().set(name, value));
            head.headers()
                    .set(
                            HttpHeaderNames.DATE,
                            DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)))
                    .set(AsciiString.cached("X-Content-Type-Options"), "nosniff");
            if (response.status() != HttpResponse.NO_CONTENT && response.status() != HttpResponse.NOT_MODIFIED) {
                head.headers()
                        .set(HttpHeaderNames.CONTENT_LENGTH, response.content().length());
            }
            if (!keepAlive) {
                head.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            return head;
        }

        private void pump() {
            HttpContent from = content;
            if (from == null || current != this) {
                return;
            }
            if (remaining == 0) {
                closeContent();
                await(server.limits().timeouts().send());
                ctx().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT)
                        .addListener((ChannelFutureListener) sent -> written(sent));
                return;
            }
            await(server.limits().http().answer());
            from.next(piece -> onLoop(() -> piece(piece)));
        }

        private void piece(byte @Nullable [] piece) {
            if (current != this) {
                return;
            }
            if (piece == null || piece.length == 0 || piece.length > remaining) {
                ctx().close();
                return;
            }
            remaining -= piece.length;
            if (remaining == 0) {
                ctx().write(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)));
                pump();
                return;
            }
            await(server.limits().timeouts().send());
            ctx().writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)))
                    .addListener((ChannelFutureListener) sent -> pump());
        }

        private void written(ChannelFuture sent) {
            if (sent.isSuccess()) {
                written = true;
                finished(this);
            }
        }

        private void closeContent() {
            HttpContent from = content;
            if (from != null) {
                content = null;
                from.close();
            }
        }
    }

    /** Collects a body. */
    private static final class Whole implements HttpSink {
        private final HttpExchange exchange;
        private final int most;
        private final Consumer<byte[]> then;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Whole(HttpExchange exchange, int most, Consumer<byte[]> then) {
            this.exchange = exchange;
            this.most = most;
            this.then = then;
        }

        @Override
        public void take(byte[] piece, Runnable more) {
            if (bytes.size() + piece.length > most) {
                exchange.respond(HttpResponse.text(HttpResponse.CONTENT_TOO_LARGE, "At most " + most + " bytes."));
                return;
            }
            bytes.writeBytes(piece);
            more.run();
        }

        @Override
        public void complete() {
            then.accept(bytes.toByteArray());
        }

        @Override
        public void broken() {
            // Nobody is there to be told.
        }
    }
}
