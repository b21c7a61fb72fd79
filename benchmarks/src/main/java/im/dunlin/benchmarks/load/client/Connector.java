// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Where clients connect to, and the few threads that they share. Certificates are not checked: the server is on this
 * machine, or was named by who runs the load.
 */
public final class Connector implements AutoCloseable {
    /** How a connection becomes encrypted. */
    public enum Tls {
        DIRECT,
        STARTTLS,
        NONE
    }

    /** Connections from one loopback address: servers bound them by address, and the load should not turn that off. */
    private static final int PER_ADDRESS = 10;

    private static final int LARGEST_FILE = 128 << 20;
    private static final int ADDRESSES = 60_000;
    private static final int LAST_BYTES = 250;

    private final InetSocketAddress server;
    private final String domain;
    private final Tls tls;
    private final @Nullable String webSocket;
    private final boolean resumeTls;
    private final EventLoopGroup loops;
    private final SslContext context;
    private final AtomicInteger connections = new AtomicInteger();

    /**
     * @param webSocket path at which the server upgrades to WebSocket; null for streams over TCP
     * @param resumeTls whether connections after the first may resume its TLS session
     */
    public Connector(
            InetSocketAddress server,
            String domain,
            Tls tls,
            @Nullable String webSocket,
            boolean resumeTls,
            int threads)
            throws SSLException {
        this.server = server;
        this.domain = domain;
        this.tls = tls;
        this.webSocket = webSocket;
        this.resumeTls = resumeTls;
        this.loops = new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
        this.context = SslContextBuilder.forClient()
                .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
    }

    public String domain() {
        return domain;
    }

    /** Connects and logs in; fails with the server's words if it refuses. */
    public CompletableFuture<Client> login(Login login) {
        return connect(new Client(this, login));
    }

    /** Connects and logs in with somebody who listens from the first stanza on: a resumed session begins with them. */
    public CompletableFuture<Client> login(Login login, Consumer<Received> listener) {
        Client client = new Client(this, login);
        client.listenFirst(listener);
        return connect(client);
    }

    /** Connects and makes the account (XEP-0077); completes with a client that is not logged in. */
    public CompletableFuture<Client> register(String user, String password) {
        return connect(Client.registering(this, new Login(user, password, "")));
    }

    /** Connects to a peer that knows no XMPP; the greeting is the first that it gets. */
    public CompletableFuture<RawStream> raw(String greeting, Consumer<Received> listener) {
        RawStream stream = new RawStream(greeting, listener);
        open(server, new Traffic(), pipeline -> pipeline.addLast(stream), stream::fail);
        return stream.ready();
    }

    /**
     * Brings a file to an address.
     *
     * @param host of the address, which may be put under load
     * @param authorization header that the server wants to see again (XEP-0363 §5); may be empty
     */
    public CompletableFuture<HttpTransfer.Answer> put(
            InetAddress host, URI address, String authorization, byte[] file) {
        return transfer(host, new HttpTransfer(HttpMethod.PUT, address, authorization, file));
    }

    /** Fetches a file. */
    public CompletableFuture<HttpTransfer.Answer> get(InetAddress host, URI address) {
        return transfer(host, new HttpTransfer(HttpMethod.GET, address, "", new byte[0]));
    }

    private CompletableFuture<HttpTransfer.Answer> transfer(InetAddress host, HttpTransfer transfer) {
        open(
                new InetSocketAddress(host, transfer.port()),
                new Traffic(),
                pipeline -> pipeline.addLast(new HttpClientCodec(), new HttpObjectAggregator(LARGEST_FILE), transfer),
                transfer::fail);
        return transfer.answer();
    }

    private CompletableFuture<Client> connect(Client client) {
        open(
                server,
                client.traffic(),
                pipeline -> {
                    if (framing() == Framing.MESSAGES) {
                        WebSocketText.addTo(pipeline, webSocketAddress());
                    }
                    pipeline.addLast(client);
                },
                client::fail);
        return client.ready();
    }

    private void open(
            InetSocketAddress to, Traffic traffic, Consumer<ChannelPipeline> handlers, Consumer<Throwable> failed) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(traffic);
                        if (tls == Tls.DIRECT) {
                            channel.pipeline().addLast(encryption(channel));
                        }
                        handlers.accept(channel.pipeline());
                    }
                });
        if (to.getAddress().isLoopbackAddress()) {
            bootstrap.localAddress(source(connections.getAndIncrement()));
        }
        bootstrap.connect(to).addListener(connected -> {
            if (!connected.isSuccess()) {
                failed.accept(connected.cause());
            }
        });
    }

    Tls tls() {
        return tls;
    }

    Framing framing() {
        return webSocket == null ? Framing.DOCUMENT : Framing.MESSAGES;
    }

    private URI webSocketAddress() {
        return URI.create((tls == Tls.NONE ? "ws://" : "wss://") + domain + ":" + server.getPort() + webSocket);
    }

    SslHandler encryption(Channel channel) {
        // Without the peer's address the engine has nothing to find an earlier session by.
        return resumeTls
                ? context.newHandler(channel.alloc(), domain, server.getPort())
                : context.newHandler(channel.alloc());
    }

    private static InetSocketAddress source(int connection) {
        int address = connection / PER_ADDRESS % ADDRESSES;
        return new InetSocketAddress("127.1." + address / LAST_BYTES + "." + (address % LAST_BYTES + 1), 0);
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
