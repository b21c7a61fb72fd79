// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.net.XmlStreamDecoder;
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
import java.util.List;

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
     * Opens a stream for this pair.
     *
     * @param loop the stream's, on which the purpose is told everything
     */
    void connect(DomainPair pair, EventLoop loop, OutgoingStream.Purpose purpose) {
        long deadline = System.nanoTime() + servers.config().timeout().toNanos();
        resolver.resolve(
                pair.remote(),
                (endpoints, failure) -> loop.execute(() -> {
                    if (failure != null) {
                        purpose.failed(failure);
                    } else {
                        new Attempt(pair, loop, purpose, endpoints, deadline).next(0);
                    }
                }));
    }

    /** One address after the other until one takes a connection. */
    private final class Attempt {
        private final DomainPair pair;
        private final EventLoop loop;
        private final OutgoingStream.Purpose purpose;
        private final List<Endpoint> endpoints;
        private final long deadline;

        Attempt(
                DomainPair pair,
                EventLoop loop,
                OutgoingStream.Purpose purpose,
                List<Endpoint> endpoints,
                long deadline) {
            this.pair = pair;
            this.loop = loop;
            this.purpose = purpose;
            this.endpoints = endpoints;
            this.deadline = deadline;
        }

        void next(int at) {
            if (at == endpoints.size() || System.nanoTime() - deadline > 0) {
                purpose.failed(Failure.unreachable("no address of it takes a connection"));
                return;
            }
            Endpoint endpoint = endpoints.get(at);
            ChannelFuture connected = bootstrap(endpoint).connect(endpoint.address());
            connected.addListener(done -> {
                if (!connected.isSuccess()) {
                    next(at + 1);
                }
            });
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
                                            new OutgoingStream(servers, pair, decoder, purpose, endpoint, deadline));
                        }
                    });
        }
    }
}
