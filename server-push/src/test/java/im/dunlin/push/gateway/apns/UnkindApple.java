// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import im.dunlin.push.Wiretap;
import im.dunlin.push.gateway.TestTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;

/** An HTTP/2 server that behaves as APNs does on bad days. */
final class UnkindApple implements AutoCloseable {
    /** What happens when a notification is complete. */
    interface Behaviour {
        void on(Notification notification);
    }

    /** One notification, and all that one can do to it. */
    record Notification(ChannelHandlerContext connection, int number, Http2Headers headers, Http2FrameStream stream) {
        String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? "" : value.toString();
        }

        void accept() {
            CharSequence id = headers.get("apns-id");
            Http2Headers answer = new DefaultHttp2Headers().status("200").set("apns-id", id);
            connection.writeAndFlush(new DefaultHttp2HeadersFrame(answer, true).stream(stream));
        }

        void reject(int status, String body) {
            Http2Headers answer = new DefaultHttp2Headers().status(Integer.toString(status));
            connection.write(new DefaultHttp2HeadersFrame(answer, body.isEmpty()).stream(stream));
            if (!body.isEmpty()) {
                connection.write(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), true)
                        .stream(stream));
            }
            connection.flush();
        }

        void reset(Http2Error error) {
            connection.writeAndFlush(new DefaultHttp2ResetFrame(error).stream(stream));
        }

        void goAway() {
            connection
                    .writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.INTERNAL_ERROR))
                    .addListener(done -> connection.close());
        }

        void cut() {
            connection.channel().close();
        }
    }

    final List<Notification> received = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel socket;

    UnkindApple(TestTls tls, Behaviour behaviour) {
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
                                            Http2FrameCodecBuilder.forServer()
                                                    .initialSettings(Http2Settings.defaultSettings()
                                                            .maxConcurrentStreams(1_000))
                                                    .gracefulShutdownTimeoutMillis(0)
                                                    .build(),
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

    private final class Connection extends ChannelInboundHandlerAdapter {
        private final int number;
        private final Behaviour behaviour;
        private final Map<Http2FrameStream, Http2Headers> open = new HashMap<>();

        Connection(int number, Behaviour behaviour) {
            this.number = number;
            this.behaviour = behaviour;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            try {
                if (frame instanceof Http2HeadersFrame headers) {
                    Wiretap.hears(headers.headers().toString());
                    open.put(headers.stream(), headers.headers());
                } else if (frame instanceof Http2DataFrame part && part.isEndStream()) {
                    Wiretap.hears(ByteBufUtil.getBytes(part.content()));
                    Notification one = new Notification(context, number, open.remove(part.stream()), part.stream());
                    received.add(one);
                    behaviour.on(one);
                }
            } finally {
                ReferenceCountUtil.release(frame);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    int port() {
        return ((InetSocketAddress) socket.localAddress()).getPort();
    }

    /** What arrived so far of a rank of calls or not. */
    List<Notification> ofType(String pushType) {
        return new ArrayList<>(received)
                .stream()
                        .filter(one -> one.header("apns-push-type").equals(pushType))
                        .toList();
    }

    @Override
    public void close() {
        socket.close().syncUninterruptibly();
        loops.shutdownGracefully(0, 2, java.util.concurrent.TimeUnit.SECONDS).awaitUninterruptibly(3_000);
    }
}
