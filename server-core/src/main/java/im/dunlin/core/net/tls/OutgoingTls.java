// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.time.Duration;
import javax.net.ssl.SSLException;

/** TLS of connections that we open to other servers. Any thread. */
public final class OutgoingTls {
    private final SslContext context;
    private final Duration handshake;

    /** @param handshake how long one may take */
    public OutgoingTls(TlsProvider provider, Duration handshake) {
        this.handshake = handshake;
        try {
            this.context = SslContextBuilder.forClient()
                    .sslProvider(provider.netty())
                    .trustManager(AnyCertificate.INSTANCE)
                    // The name to be proved is the domain's, which the engine does not know: PeerCertificates does.
                    .endpointIdentificationAlgorithm(null)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(HostContext.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("a provider that serves can connect", e);
        }
    }

    /** The handler of a connection to the server of this domain, whose name it indicates (RFC 6120 §5.4.3.1). */
    public SslHandler to(String domain, ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator, AsciiDomain.of(domain), -1);
        handler.setHandshakeTimeoutMillis(handshake.toMillis());
        return handler;
    }
}
