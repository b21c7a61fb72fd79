// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.FederationConfig;
import im.dunlin.core.net.XmlStreamDecoder;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Opens connections to the servers of domains. Any thread. */
final class Connector {
    /** For one address; there may be others. */
    private static final int CONNECT_MILLIS = 5_000;

    private final ServerStreams servers;
    private final ServerResolver resolver;

    Connector(ServerStreams servers, ServerResolver resolver) {
        this.servers = servers;
        this.resolver = resolver;
    }

    /**
     * Opens a stream for this pair. Looking up and connecting have the time of {@link FederationConfig#timeout} together.
     *
     * @param loop the stream's, on which the purpose is told everything
     */
    void connect(DomainPair pair, EventLoop loop, OutgoingStream.Purpose purpose) {
        Duration timeout = servers.config().timeout();
        Attempt attempt = new Attempt(pair, loop, purpose, System.nanoTime() + timeout.toNanos());
        attempt.expiry = loop.schedule(attempt::expire, timeout.toNanos(), TimeUnit.NANOSECONDS);
        resolver.resolve(pair.remote(), (endpoints, failure) -> loop.execute(() -> attempt.found(endpoints, failure)));
    }

    /** One address after the other until one has a secure stream. On the stream's event loop. */
    private final class Attempt implements OutgoingStream.Purpose {
        private final DomainPair pair;
        private final EventLoop loop;
        private final OutgoingStream.Purpose purpose;
        private final long deadline;
        private final Deque<Endpoint> endpoints = new ArrayDeque<>();
        private Failure last = Failure.unreachable("no address of it takes a connection");
        private @Nullable Future<?> expiry;
        private @Nullable Channel channel;
        private boolean secured;
        private boolean ended;

        Attempt(DomainPair pair, EventLoop loop, OutgoingStream.Purpose purpose, long deadline) {
            this.pair = pair;
            this.loop = loop;
            this.purpose = purpose;
            this.deadline = deadline;
        }

        void found(List<Endpoint> places, @Nullable Failure failure) {
            if (ended) {
                return;
            }
            if (failure != null) {
                end(failure);
            } else {
                endpoints.addAll(places);
                next();
            }
        }

        private void next() {
            if (ended) {
                return;
            }
            Endpoint endpoint = endpoints.poll();
            if (endpoint == null) {
                end(last);
                return;
            }
            ChannelFuture connected = bootstrap(endpoint).connect(endpoint.address());
            channel = connected.channel();
            connected.addListener(done -> {
                if (!connected.isSuccess()) {
                    next();
                }
            });
        }

        private void expire() {
            if (!secured && !ended) {
                end(Failure.unreachable("it took too long"));
                if (channel != null) {
                    channel.close();
                }
            }
        }

        private void end(Failure failure) {
            ended = true;
            expiry().cancel(false);
            purpose.failed(failure);
        }

        private Future<?> expiry() {
            return Objects.requireNonNull(expiry);
        }

        @Override
        public void secured(OutgoingStream stream, Element features) {
            if (!ended) {
                secured = true;
                expiry().cancel(false);
                purpose.secured(stream, features);
            }
        }

        @Override
        public void received(Element element) {
            purpose.received(element);
        }

        @Override
        public void look(long now) {
            if (secured && !ended) {
                purpose.look(now);
            }
        }

        /** Another address may have a server that does better, unless this one has shown that it may say no. */
        @Override
        public void failed(Failure failure) {
            if (ended) {
                return;
            }
            if (secured || failure.isFinal()) {
                end(failure);
            } else {
                last = failure;
                next();
            }
        }

        private Bootstrap bootstrap(Endpoint endpoint) {
            var outbound = servers.streams().limits().outbound();
            return new Bootstrap()
                    .group(loop)
                    .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .option(ChannelOption.SO_KEEPALIVE, true)
                    .option(
                            ChannelOption.WRITE_BUFFER_WATER_MARK,
                            new WriteBufferWaterMark(outbound.lowWaterBytes(), outbound.highWaterBytes()))
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            XmlStreamDecoder decoder = new XmlStreamDecoder(Ns.SERVER, servers.beforeAuthentication());
                            channel.pipeline()
                                    .addLast(
                                            decoder,
                                            new OutgoingStream(
                                                    servers, pair, decoder, Attempt.this, endpoint, deadline));
                        }
                    });
        }
    }
}
