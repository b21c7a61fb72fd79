// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.HttpConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.xml.Ns;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The sockets that clients, components and other servers connect to, and the event loops behind them. */
public final class ClientListener implements AutoCloseable {
    private final ClientStreams streams;
    private final HttpConfig http;
    private final Acceptor web;
    private final ComponentAccess components;
    private @Nullable ServerAcceptor servers;
    private final StanzaWriter writer = new StanzaWriter(Ns.CLIENT);
    private final EventLoopGroup loops;
    private final List<Channel> sockets = new ArrayList<>();

    /** Takes connections on which HTTP is spoken. */
    @FunctionalInterface
    public interface Acceptor {
        /**
         * Adds its handlers, on the connection's event loop.
         *
         * @param admission of the client's own address
         * @param tls whether TLS comes first
         */
        void accept(Channel channel, ConnectionLimits.Admission admission, boolean tls);
    }

    /** Takes connections of other servers. */
    @FunctionalInterface
    public interface ServerAcceptor {
        /** Adds its handlers, on the connection's event loop. @param directTls whether TLS comes first */
        void accept(Channel channel, ConnectionLimits.Admission admission, boolean directTls);
    }

    /** @param threads event loops; each connection stays on one */
    public ClientListener(
            ClientStreams streams, HttpConfig http, Acceptor web, ComponentAccess components, int threads) {
        this.streams = streams;
        this.http = http;
        this.web = web;
        this.components = components;
        trackNoBuffers();
        IoHandlerFactory io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        this.loops = new MultiThreadIoEventLoopGroup(threads, io);
    }

    /** The event loops, for connections that we open. */
    public EventLoopGroup loops() {
        return loops;
    }

    /** Who takes the connections of other servers; before the first listener opens. */
    public void serversTo(ServerAcceptor acceptor) {
        servers = acceptor;
    }

    /**
     * Netty would look for leaks, with a stack trace for one buffer in a hundred and another class of buffers for these. Whoever
     * wants that says so with Netty's own system property, as our tests do.
     */
    private static void trackNoBuffers() {
        if (System.getProperty("io.netty.leakDetection.level") == null) {
            ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
        }
    }

    /**
     * Opens a socket and serves what connects.
     *
     * @return where it is, with the port that the system chose if it was 0
     * @throws IOException if the address cannot be had; the message says why in a few words
     */
    public InetSocketAddress open(ListenerConfig config) throws IOException {
        Limits.Outbound outbound = streams.limits().outbound();
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(socketType())
                .option(ChannelOption.SO_BACKLOG, streams.limits().connections().backlog())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(outbound.lowWaterBytes(), outbound.highWaterBytes()))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accept(channel, config.kind());
                    }
                });
        InetSocketAddress address = config.address().equals(ListenerConfig.ANY_ADDRESS)
                ? new InetSocketAddress(config.port())
                : new InetSocketAddress(config.address(), config.port());
        if (address.isUnresolved()) {
            throw new IOException(config.address() + ": no such address");
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(String.valueOf(bound.cause().getMessage()), bound.cause());
        }
        sockets.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    private static Class<? extends ServerSocketChannel> socketType() {
        return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    }

    private void accept(Channel channel, ListenerConfig.Kind kind) {
        InetAddress from = channel.remoteAddress() instanceof InetSocketAddress address
                ? address.getAddress()
                : InetAddress.getLoopbackAddress();
        if (http.isTrusted(from)) {
            channel.pipeline()
                    .addLast(new ProxyHeader(streams.limits().timeouts().tlsHandshake(), client -> {
                        if (client == null) {
                            begin(channel, kind, streams.addresses().exempt(from));
                        } else {
                            admit(channel, kind, client);
                        }
                    }));
        } else {
            admit(channel, kind, from);
        }
    }

    private void admit(Channel channel, ListenerConfig.Kind kind, InetAddress client) {
        ConnectionLimits.Admission admission = streams.addresses().admit(client, System.nanoTime());
        if (admission == null) {
            channel.close();
        } else {
            begin(channel, kind, admission);
        }
    }

    private void begin(Channel channel, ListenerConfig.Kind kind, ConnectionLimits.Admission admission) {
        channel.closeFuture().addListener(closed -> admission.close());
        if (kind.isHttp()) {
            web.accept(channel, admission, kind == ListenerConfig.Kind.HTTPS);
            return;
        }
        if (kind == ListenerConfig.Kind.COMPONENT) {
            XmlStreamDecoder decoder = new XmlStreamDecoder(Ns.COMPONENT, streams.beforeLogin());
            channel.pipeline().addLast(decoder, new ComponentConnection(streams, components, decoder, admission));
            return;
        }
        if (kind == ListenerConfig.Kind.SERVER || kind == ListenerConfig.Kind.SERVER_DIRECT_TLS) {
            boolean directTls = kind == ListenerConfig.Kind.SERVER_DIRECT_TLS;
            Objects.requireNonNull(servers).accept(channel, admission, directTls);
            return;
        }
        if (kind == ListenerConfig.Kind.DIRECT_TLS) {
            channel.pipeline().addLast(streams.tls().directTls());
        }
        XmlStreamDecoder decoder = new XmlStreamDecoder(Ns.CLIENT, streams.beforeLogin());
        Carrier carrier = new Carrier(decoder, writer, admission, false);
        channel.pipeline().addLast(decoder, new ClientConnection(streams, carrier));
    }

    /** Takes no new connections; those that are there go on. */
    public void stopAccepting() {
        sockets.forEach(socket -> socket.close().awaitUninterruptibly());
    }

    /** Closes what is still open, and ends the event loops. */
    @Override
    public void close() {
        stopAccepting();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
