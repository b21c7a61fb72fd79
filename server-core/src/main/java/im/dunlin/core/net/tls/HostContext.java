// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a host's new connections are made with: one certificate, one context of the TLS provider.
 *
 * @param secrets where its handshakes leave what {@code tls-exporter} is derived from; null if they do not
 * @param tickets by which its sessions are resumed; null if they are not
 * @param leaf the certificate that all its clients know, shown now or when their session began
 * @param end when the certificate, or one of its chain, ends
 * @param servers for connections with other servers
 */
record HostContext(
        SslContext context,
        @Nullable ExporterSecrets secrets,
        @Nullable TicketKeys tickets,
        X509Certificate leaf,
        CertificateNames names,
        Instant end,
        ServerContexts servers) {

    /** Forward secrecy and authenticated encryption; the hardware decides between AES and ChaCha20. */
    static final List<String> CIPHERS = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Builds the context and makes one handshake with it in memory, so that what is returned is known to work. */
    static HostContext of(
            LoadedCertificate certificate,
            TlsProvider provider,
            ExporterSecrets secrets,
            List<String> protocols,
            Instant now)
            throws SSLException {
        SslContext context = SslContextBuilder.forServer(certificate.key(), certificate.chain())
                .sslProvider(provider.netty())
                // The key only passes through this store, in memory: PKCS12 would derive a key to encrypt it with,
                // twice.
                .keyStoreType("JKS")
                .trustManager(NoClientCertificates.INSTANCE)
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(Alpn.select(protocols))
                // Tickets hold what is needed to resume a session, so none is kept; zero would mean the provider's
                // thousands.
                .sessionCacheSize(1)
                .build();
        try {
            TrialHandshake.run(context, provider);
        } catch (SSLException e) {
            ReferenceCountUtil.release(context);
            throw e;
        }
        boolean reported = context instanceof ReferenceCountedOpenSslContext boring && secrets.listenTo(boring);
        TicketKeys tickets = null;
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            tickets = new TicketKeys(sessions, new SecureRandom());
            tickets.rotate(now);
        }
        return new HostContext(
                context,
                reported ? secrets : null,
                tickets,
                certificate.leaf(),
                certificate.names(),
                certificate.end(),
                new ServerContexts(certificate, provider));
    }

    /** Gives the provider's memory back once the last connection is closed. */
    void release() {
        ReferenceCountUtil.release(context);
        servers.release();
    }
}
