// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import im.dunlin.push.Wiretap;
import im.dunlin.push.gateway.TestTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** An HTTPS server on loopback that answers, or not, as a test says. */
public final class FakeHttps implements AutoCloseable {
    /** What happens when a request is complete. */
    public interface Behaviour {
        void on(Request request);
    }

    /** A request; {@code connection} counts from 1. */
    public record Request(
            ChannelHandlerContext context, int connection, String target, HttpHeaders headers, byte[] body) {
        public String header(String name) {
            return headers.get(name, "");
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** @param headers name, value, name, value … */
        public void answer(int status, String text, String... headers) {
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.valueOf(status),
                    Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
            response.headers().set("content-length", response.content().readableBytes());
            for (int i = 0; i < headers.length; i += 2) {
                response.headers().set(headers[i], headers[i + 1]);
            }
            context.writeAndFlush(response);
        }

        /** Octets that need not be HTTP. */
        public void raw(String text) {
            ChannelHandlerContext tls = context.pipeline().firstContext();
            tls.channel().pipeline().remove(HttpResponseEncoder.class);
            context.writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        }

        public void close() {
            context.close();
        }

        /** With a reset in place of a farewell. */
        public void reset() {
            ((SocketChannel) context.channel()).config().setOption(ChannelOption.SO_LINGER, 0);
            context.channel().unsafe().closeForcibly();
        }
    }

    public final List<Request> received = new CopyOnWriteArrayList<>();

    /** TCP connections, with TLS or not. */
    public final AtomicInteger connections = new AtomicInteger();

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel socket;

    public FakeHttps(TestTls tls, Behaviour behaviour) {
        try {
            SslContext context =
                    SslContextBuilder.forServer(tls.key(), tls.certificate()).build();
            this.socket = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            int number = connections.incrementAndGet();
                            channel.pipeline()
                                    .addLast(
                                            context.newHandler(channel.alloc()),
                                            new HttpRequestDecoder(),
                                            new HttpResponseEncoder(),
                                            new HttpObjectAggregator(1 << 20),
                                            new Connection(number, behaviour));
                        }
                    })
                    .bind(InetAddress.getLoopbackAddress(), 0)
                    .syncUninterruptibly()
                    .channel();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Connection extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final int number;
        private final Behaviour behaviour;

        Connection(int number, Behaviour behaviour) {
            this.number = number;
            this.behaviour = behaviour;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
            Request request = new Request(
                    context, number, message.uri(), message.headers().copy(), ByteBufUtil.getBytes(message.content()));
            Wiretap.hears(message.uri() + "\n" + message.headers().entries());
            Wiretap.hears(request.body());
            received.add(request);
            behaviour.on(request);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    public int port() {
        return ((InetSocketAddress) socket.localAddress()).getPort();
    }

    @Override
    public void close() {
        socket.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3_000);
    }
}
