// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.server.MockApnsServer;
import com.eatthepath.pushy.apns.server.MockApnsServerBuilder;
import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import im.dunlin.push.Wiretap;
import im.dunlin.push.gateway.TestTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** Pushy's mock of APNs, which remembers what it got. */
public final class MockApple implements AutoCloseable {
    /** What it got; {@code connection} counts from 1. */
    public record Received(int connection, Http2Headers headers, String payload) {
        public String header(String name) {
            CharSequence value = headers.get(name);
            return value == null ? "" : value.toString();
        }
    }

    /** Says what becomes of a notification, by returning or throwing. */
    public interface Reaction {
        Reaction ACCEPT = received -> {};

        void to(Received received) throws RejectedNotificationException;
    }

    /** Shared, since a group of its own would take two quiet seconds to end after each test. */
    @SuppressWarnings("deprecation") // the kind of group that Pushy knows
    private static final EventLoopGroup LOOPS =
            new io.netty.channel.nio.NioEventLoopGroup(1, new DefaultThreadFactory("apple", true));

    public final List<Received> received = new CopyOnWriteArrayList<>();
    final List<X509Certificate> clients = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final MockApnsServer server;
    private final int port;

    public MockApple(TestTls tls, int port, Reaction reaction) {
        this(tls, port, null, reaction);
    }

    /** @param client whose certificate is asked for and believed */
    MockApple(TestTls tls, int port, @Nullable X509Certificate client, Reaction reaction) {
        try {
            MockApnsServerBuilder builder = new MockApnsServerBuilder()
                    .setEventLoopGroup(LOOPS)
                    .setServerCredentials(new X509Certificate[] {tls.certificate()}, tls.key(), null)
                    .setHandlerFactory(session -> {
                        int connection = connections.incrementAndGet();
                        try {
                            clients.add((X509Certificate) session.getPeerCertificates()[0]);
                        } catch (SSLPeerUnverifiedException e) {
                            assert client == null;
                        }
                        return (headers, payload) -> react(connection, headers, payload, reaction);
                    });
            if (client != null) {
                builder.setTrustedServerCertificateChain(client);
            }
            this.server = builder.build();
            this.port = server.start(port).join();
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void react(int connection, Http2Headers headers, @Nullable ByteBuf payload, Reaction reaction)
            throws RejectedNotificationException {
        String text = payload == null ? "" : payload.toString(StandardCharsets.UTF_8);
        Received one = new Received(connection, headers, text);
        Wiretap.hears(headers + "\n" + text);
        received.add(one);
        reaction.to(one);
    }

    public int port() {
        return port;
    }

    /** Says GOAWAY to all and answers what it has. */
    @Override
    public void close() {
        server.shutdown().join();
    }
}
