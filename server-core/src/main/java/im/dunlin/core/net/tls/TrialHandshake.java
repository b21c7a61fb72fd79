// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLException;

/** A handshake in memory between a server's context and a client that trusts anybody. */
final class TrialHandshake {
    /** A full handshake takes three. */
    private static final int MAX_FLIGHTS = 16;

    private TrialHandshake() {}

    /** @throws SSLException if it does not succeed */
    static void run(SslContext server, TlsProvider provider) throws SSLException {
        SslContext client = SslContextBuilder.forClient()
                .sslProvider(provider.netty())
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        SslHandler serverTls = server.newHandler(ByteBufAllocator.DEFAULT);
        SslHandler clientTls = client.newHandler(ByteBufAllocator.DEFAULT);
        EmbeddedChannel serverEnd = new EmbeddedChannel(serverTls);
        EmbeddedChannel clientEnd = new EmbeddedChannel(clientTls);
        try {
            for (int i = 0; i < MAX_FLIGHTS && !isDone(serverTls, clientTls); i++) {
                move(clientEnd, serverEnd);
                move(serverEnd, clientEnd);
            }
            if (!serverTls.handshakeFuture().isSuccess()
                    || !clientTls.handshakeFuture().isSuccess()) {
                throw new SSLException(
                        "a trial handshake failed", serverTls.handshakeFuture().cause());
            }
        } finally {
            clientEnd.finishAndReleaseAll();
            serverEnd.finishAndReleaseAll();
            ReferenceCountUtil.release(client);
        }
    }

    private static boolean isDone(SslHandler a, SslHandler b) {
        return a.handshakeFuture().isDone() && b.handshakeFuture().isDone();
    }

    private static void move(EmbeddedChannel from, EmbeddedChannel to) {
        for (Object bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            to.writeInbound(bytes);
        }
    }
}
