// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A client with as little in it as possible: direct TLS, PLAIN, bind, presence, and then a count of the message bodies that
 * arrive. It looks for words in the text instead of parsing XML, so that what is measured is the server.
 */
final class LoadClient extends SimpleChannelInboundHandler<ByteBuf> {
    private static final int KEPT = 4096;

    private final String domain;
    private final String name;
    private final String password;
    private final String resource;
    private final CompletableFuture<LoadClient> ready = new CompletableFuture<>();
    private final IntConsumer bodies;
    private final StringBuilder text = new StringBuilder();
    private @Nullable Channel channel;
    private int step;

    private LoadClient(String domain, String name, String password, String resource, IntConsumer bodies) {
        this.domain = domain;
        this.name = name;
        this.password = password;
        this.resource = resource;
        this.bodies = bodies;
    }

    /**
     * Connects and logs in.
     *
     * @param from the address to connect from, since a server limits connections by address
     * @param bodies told how many bodies each read brought, on the client's event loop
     */
    static CompletableFuture<LoadClient> connect(
            EventLoopGroup loops,
            SslContext tls,
            InetSocketAddress server,
            InetSocketAddress from,
            String domain,
            String name,
            String password,
            String resource,
            IntConsumer bodies) {
        LoadClient client = new LoadClient(domain, name, password, resource, bodies);
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        client.channel = opened;
                        opened.pipeline().addLast(tls.newHandler(opened.alloc(), domain, 5223), client);
                    }
                })
                .connect(server, from)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        client.ready.completeExceptionally(connected.cause());
                    }
                });
        return client.ready;
    }

    void send(String xml) {
        Channel to = Objects.requireNonNull(channel);
        to.writeAndFlush(to.alloc().buffer(xml.length()).writeBytes(xml.getBytes(StandardCharsets.UTF_8)));
    }

    void close() {
        Objects.requireNonNull(channel).close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            open();
        }
    }

    private void open() {
        text.setLength(0);
        send("<?xml version='1.0'?><stream:stream to='" + domain
                + "' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
        text.append(in.toString(StandardCharsets.UTF_8));
        switch (step) {
            case 0 -> {
                if (has("</stream:features>")) {
                    step = 1;
                    String plain = "\0" + name + "\0" + password;
                    send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>"
                            + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8)) + "</auth>");
                }
            }
            case 1 -> {
                if (has("<success")) {
                    step = 2;
                    open();
                } else if (has("<failure")) {
                    ready.completeExceptionally(new IllegalStateException(name + ": " + text));
                }
            }
            case 2 -> {
                if (has("</stream:features>")) {
                    step = 3;
                    text.setLength(0);
                    send("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>" + "<resource>"
                            + resource + "</resource></bind></iq>");
                }
            }
            case 3 -> {
                if (has("</iq>")) {
                    step = 4;
                    text.setLength(0);
                    send("<presence/>");
                    ready.complete(this);
                }
            }
            default -> count();
        }
    }

    private boolean has(String word) {
        return text.indexOf(word) >= 0;
    }

    private void count() {
        int found = 0;
        int at = 0;
        for (int next = text.indexOf("</body>"); next >= 0; next = text.indexOf("</body>", at)) {
            found++;
            at = next + "</body>".length();
        }
        text.delete(0, at);
        if (text.length() > KEPT) {
            text.delete(0, text.length() - KEPT);
        }
        if (found > 0) {
            bodies.accept(found);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        ready.completeExceptionally(new IllegalStateException(name + " was disconnected: " + text));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ready.completeExceptionally(cause);
        ctx.close();
    }
}
