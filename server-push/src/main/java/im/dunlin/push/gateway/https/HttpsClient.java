// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over HTTP/1.1 and TLS. A connection goes to an address that the rules allow, whatever the name resolves to
 * a moment later, and its certificate must be of the name. Redirects are answers like any other.
 *
 * <p>How many requests are under way is for the caller to bound. Confined to one event loop.
 */
public final class HttpsClient implements AutoCloseable {
    /**
     * Bounds of one exchange.
     *
     * @param connect time for TCP, and again for TLS
     * @param idle how long a connection may wait for the next request
     * @param head bytes of status line and headers of an answer
     * @param body bytes of an answer that are read; at more the connection is closed
     * @param idleConnections that wait for a next request, of all origins together
     */
    public record Limits(Duration connect, Duration idle, int head, int body, int idleConnections) {
        public static final Limits DEFAULT =
                new Limits(Duration.ofSeconds(3), Duration.ofSeconds(60), 8 * 1024, 4 * 1024, 256);
    }

    /** Of one name; more are not tried. */
    private static final int MAX_ADDRESSES = 4;

    private final EventLoop loop;
    private final SslContext tls;
    private final Names names;
    private volatile AddressRules rules;
    private final Limits limits;

    private final Map<Origin, Deque<HttpsConnection>> idle = new HashMap<>();
    private int idleCount;
    private boolean isClosed;

    /** @param tls stays the caller's */
    public HttpsClient(EventLoop loop, SslContext tls, Names names, AddressRules rules, Limits limits) {
        this.loop = loop;
        this.tls = tls;
        this.names = names;
        this.rules = rules;
        this.limits = limits;
    }

    /** Where connections may go that are made from now on. */
    public void obey(AddressRules rules) {
        this.rules = rules;
    }

    /**
     * Sends a request.
     *
     * @param onLeaving told when a connection is there, before the first octet is written
     * @param then told what became of it, once; never before this returns
     * @return ends the exchange without telling {@code then}, and its connection with it
     */
    public Runnable post(HttpsRequest request, Runnable onLeaving, Consumer<HttpsResult> then) {
        Exchange exchange = new Exchange(request, onLeaving, then);
        loop.execute(exchange::begin);
        return exchange::cancel;
    }

    /** One request and its way to an answer. */
    private final class Exchange {
        private final HttpsRequest request;
        private final Runnable onLeaving;
        private final Consumer<HttpsResult> then;
        private @Nullable Channel channel;
        private boolean isOver;

        Exchange(HttpsRequest request, Runnable onLeaving, Consumer<HttpsResult> then) {
            this.request = request;
            this.onLeaving = onLeaving;
            this.then = then;
        }

        void begin() {
            if (isOver) {
                return;
            }
            if (isClosed) {
                end(new HttpsResult.NoConnection("closed"));
                return;
            }
            HttpsConnection waiting = takeIdle(request.origin());
            if (waiting != null) {
                send(waiting);
                return;
            }
            names.resolve(request.origin().host()).addListener((Future<List<InetAddress>> found) -> {
                if (!found.isSuccess()) {
                    end(new HttpsResult.NoConnection(
                            "no address of " + request.origin().host()));
                } else {
                    connect(found.getNow());
                }
            });
        }

        private void connect(List<InetAddress> found) {
            List<InetSocketAddress> allowed = new ArrayList<>();
            for (InetAddress address : found) {
                InetSocketAddress to =
                        new InetSocketAddress(address, request.origin().port());
                if (allowed.size() < MAX_ADDRESSES && rules.allow(to)) {
                    allowed.add(to);
                }
            }
            if (allowed.isEmpty()) {
                end(new HttpsResult.Forbidden("it leads to no public address at port 443"));
            } else {
                connect(allowed.iterator());
            }
        }

        private void connect(Iterator<InetSocketAddress> left) {
            if (isOver) {
                return;
            }
            HttpsConnection connection = new HttpsConnection(request.origin(), limits.body(), HttpsClient.this::keep);
            ChannelFuture connecting = new Bootstrap()
                    .group(loop)
                    .channel(NioSocketChannel.class)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                            limits.connect().toMillis())
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new Initializer(request.origin(), connection))
                    .connect(left.next());
            channel = connecting.channel();
            connecting.addListener((ChannelFuture done) -> {
                if (!done.isSuccess()) {
                    failed(left, done.cause());
                    return;
                }
                SslHandler handler = done.channel().pipeline().get(SslHandler.class);
                if (handler == null) {
                    failed(left, new IllegalStateException("closed at once"));
                    return;
                }
                handler.handshakeFuture().addListener(secured -> {
                    if (!secured.isSuccess()) {
                        done.channel().close();
                        failed(left, secured.cause());
                    } else if (isOver) {
                        done.channel().close();
                    } else {
                        send(connection);
                    }
                });
            });
        }

        private void failed(Iterator<InetSocketAddress> left, Throwable cause) {
            if (left.hasNext()) {
                connect(left);
            } else {
                end(new HttpsResult.NoConnection(reason(cause)));
            }
        }

        private void send(HttpsConnection connection) {
            channel = connection.channel();
            onLeaving.run();
            connection.send(request, this::end);
        }

        private void end(HttpsResult result) {
            if (!isOver) {
                isOver = true;
                then.accept(result);
            }
        }

        void cancel() {
            isOver = true;
            if (channel != null) {
                channel.close();
            }
        }
    }

    private final class Initializer extends ChannelInitializer<Channel> {
        private final Origin origin;
        private final HttpsConnection connection;

        Initializer(Origin origin, HttpsConnection connection) {
            this.origin = origin;
            this.connection = connection;
        }

        @Override
        protected void initChannel(Channel channel) {
            SslHandler handler = tls.newHandler(channel.alloc(), origin.host(), origin.port());
            handler.setHandshakeTimeoutMillis(limits.connect().toMillis());
            SSLEngine engine = handler.engine();
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            HttpDecoderConfig decoder = new HttpDecoderConfig()
                    .setMaxInitialLineLength(limits.head())
                    .setMaxHeaderSize(limits.head())
                    .setMaxChunkSize(limits.body());
            channel.pipeline()
                    .addLast(
                            handler,
                            new HttpClientCodec(
                                    decoder,
                                    HttpClientCodec.DEFAULT_PARSE_HTTP_AFTER_CONNECT_REQUEST,
                                    HttpClientCodec.DEFAULT_FAIL_ON_MISSING_RESPONSE),
                            connection);
        }
    }

    private @Nullable HttpsConnection takeIdle(Origin origin) {
        Deque<HttpsConnection> waiting = idle.get(origin);
        while (waiting != null && !waiting.isEmpty()) {
            HttpsConnection last = waiting.removeLast();
            idleCount--;
            if (waiting.isEmpty()) {
                idle.remove(origin);
            }
            if (last.wake()) {
                return last;
            }
        }
        return null;
    }

    /** A connection has had its answer and can take another request. */
    private void keep(HttpsConnection connection) {
        if (isClosed || idleCount >= limits.idleConnections()) {
            connection.channel().close();
            return;
        }
        idle.computeIfAbsent(connection.origin(), origin -> new ArrayDeque<>()).addLast(connection);
        idleCount++;
        connection.sleep(limits.idle(), () -> forget(connection));
    }

    private void forget(HttpsConnection connection) {
        Deque<HttpsConnection> waiting = idle.get(connection.origin());
        if (waiting != null && waiting.remove(connection)) {
            idleCount--;
            if (waiting.isEmpty()) {
                idle.remove(connection.origin());
            }
        }
    }

    /** In words for an operator. */
    private static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    /** Closes what is idle; what is under way ends by itself. Any thread. */
    @Override
    public void close() {
        loop.execute(() -> {
            isClosed = true;
            for (Deque<HttpsConnection> waiting : new ArrayList<>(idle.values())) {
                new ArrayList<>(waiting)
                        .forEach(connection -> connection.channel().close());
            }
            names.close();
        });
    }
}
