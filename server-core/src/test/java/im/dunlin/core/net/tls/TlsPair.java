// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** A server's pipeline and a client of the Java platform, connected in memory. */
final class TlsPair implements AutoCloseable {
    final EmbeddedChannel server;
    final EmbeddedChannel client;
    final SslHandler clientTls;

    private TlsPair(EmbeddedChannel server, EmbeddedChannel client, SslHandler clientTls) {
        this.server = server;
        this.client = client;
        this.clientTls = clientTls;
    }

    static TlsPair connect(ChannelHandler serverSide, @Nullable String sni) {
        return connect(serverSide, sni, List.of(), "TLSv1.3", "TLSv1.2");
    }

    static TlsPair connect(
            ChannelHandler serverSide, @Nullable String sni, List<String> protocols, String... versions) {
        TlsPair pair = open(serverSide, sni, protocols, versions);
        pair.exchange();
        return pair;
    }

    /** Connected, but nothing has been carried yet. */
    static TlsPair open(ChannelHandler serverSide, @Nullable String sni, List<String> protocols, String... versions) {
        try {
            SslContextBuilder context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .protocols(versions);
            if (!protocols.isEmpty()) {
                context.applicationProtocolConfig(new ApplicationProtocolConfig(
                        ApplicationProtocolConfig.Protocol.ALPN,
                        ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                        ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                        protocols));
            }
            SslHandler clientTls = sni == null
                    ? context.build().newHandler(ByteBufAllocator.DEFAULT)
                    : context.build().newHandler(ByteBufAllocator.DEFAULT, sni, 5223);
            return of(serverSide, clientTls);
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    static TlsPair of(ChannelHandler serverSide, SslHandler clientTls) {
        return new TlsPair(new EmbeddedChannel(serverSide), new EmbeddedChannel(clientTls), clientTls);
    }

    /** Carries bytes until neither has more to say. */
    void exchange() {
        while (move(client, server) | move(server, client)) {}
    }

    /** Carries what the client has said; the server's answer stays where it is. */
    void clientSpeaks() {
        move(client, server);
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
        boolean moved = false;
        for (Object bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            if (!to.isOpen()) {
                ReferenceCountUtil.release(bytes);
                continue;
            }
            moved = true;
            try {
                to.writeInbound(bytes);
            } catch (DecoderException e) {
                // A refused handshake: what became of it is seen at the channels.
                to.runPendingTasks();
            }
        }
        return moved;
    }

    boolean isEstablished() {
        return clientTls.handshakeFuture().isSuccess() && TlsConnection.of(server) != null;
    }

    X509Certificate shownCertificate() {
        try {
            return (X509Certificate) clientTls.engine().getSession().getPeerCertificates()[0];
        } catch (SSLPeerUnverifiedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.close();
        server.close();
        client.releaseOutbound();
        server.releaseOutbound();
    }
}
