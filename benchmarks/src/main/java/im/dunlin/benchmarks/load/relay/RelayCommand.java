// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A server that knows nothing: what a writer sends after its first line, the reader with the same first line gets. On
 * loopback, for a bounded time.
 */
@Command(name = "relay-server", description = "Serves the relay scenario until it is ended, on loopback.")
public final class RelayCommand implements Callable<Integer> {
    private static final int HOURS = 12;
    private static final int THREADS = 2;

    @Option(names = "--port", required = true, description = "Where to listen.")
    private int port;

    @Option(names = "--certificate", description = "PEM file of its certificate. Without it: no TLS.")
    private @Nullable Path certificate;

    @Option(names = "--key", description = "PEM file of its key.")
    private @Nullable Path key;

    /** By what they said in their first line. */
    private final Map<String, List<Channel>> readers = new ConcurrentHashMap<>();

    @Override
    public Integer call() throws Exception {
        SslContext tls = tls();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(THREADS, NioIoHandler.newFactory());
        new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline().addLast(new Relay());
                    }
                })
                .bind("127.0.0.1", port)
                .sync();
        TimeUnit.HOURS.sleep(HOURS);
        return 0;
    }

    private @Nullable SslContext tls() throws SSLException {
        return certificate == null || key == null
                ? null
                : SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                        .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
                        .build();
    }

    private final class Relay extends ChannelInboundHandlerAdapter {
        private @Nullable String writesTo;
        private boolean named;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            if (!named) {
                String name = bytes.readCharSequence(bytes.bytesBefore((byte) '\n'), StandardCharsets.US_ASCII)
                        .toString();
                bytes.skipBytes(1);
                named = true;
                if (name.startsWith("r")) {
                    readers.computeIfAbsent(name.substring(1), reader -> new CopyOnWriteArrayList<>())
                            .add(ctx.channel());
                } else {
                    writesTo = name.substring(1);
                }
            }
            if (writesTo != null && bytes.isReadable()) {
                readers.getOrDefault(writesTo, List.of())
                        .forEach(reader -> reader.writeAndFlush(bytes.retainedDuplicate()));
            }
            bytes.release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            readers.values().forEach(named -> named.remove(ctx.channel()));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
