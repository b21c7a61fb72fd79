// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;

/**
 * What one host's connections with other servers are made with, each made when it is first needed. Both sides show their
 * certificates; what they prove is judged afterwards ({@link PeerCertificates}). Any thread.
 */
final class ServerContexts {
    /** Who connects, and how TLS begins. */
    enum Kind {
        INCOMING,
        OUTGOING,
        /** With the protocol of XEP-0368, by which the port may be shared. */
        OUTGOING_DIRECT
    }

    private final LoadedCertificate certificate;
    private final TlsProvider provider;
    private final Map<Kind, SslContext> contexts = new EnumMap<>(Kind.class);
    private boolean released;

    ServerContexts(LoadedCertificate certificate, TlsProvider provider) {
        this.certificate = certificate;
        this.provider = provider;
    }

    synchronized SslContext get(Kind kind) {
        if (released) {
            throw new IllegalStateException("a certificate that was replaced");
        }
        return contexts.computeIfAbsent(kind, this::make);
    }

    private SslContext make(Kind kind) {
        boolean incoming = kind == Kind.INCOMING;
        SslContextBuilder builder = incoming
                ? SslContextBuilder.forServer(certificate.key(), certificate.chain())
                        .clientAuth(ClientAuth.OPTIONAL)
                : SslContextBuilder.forClient()
                        .keyManager(certificate.key(), certificate.chain())
                        // The name to be proved is the domain's, not that of the machine.
                        .endpointIdentificationAlgorithm(null);
        if (kind != Kind.OUTGOING) {
            builder.applicationProtocolConfig(Alpn.select(List.of(Alpn.SERVER)));
        }
        try {
            return builder.sslProvider(provider.netty())
                    .keyStoreType("JKS")
                    .trustManager(AnyCertificate.INSTANCE)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(HostContext.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("a certificate that serves clients serves servers", e);
        }
    }

    /** Gives the provider's memory back once the last connection is closed. */
    synchronized void release() {
        released = true;
        contexts.values().forEach(ReferenceCountUtil::release);
        contexts.clear();
    }
}
