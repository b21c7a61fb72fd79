// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What a host's new connections are made with: one certificate, one context of the TLS provider.
 *
 * @param secrets where its handshakes leave what {@code tls-exporter} is derived from; null if they do not
 * @param end when the certificate, or one of its chain, ends
 */
record HostContext(SslContext context, @Nullable ExporterSecrets secrets, CertificateNames names, Instant end) {

    /** Forward secrecy and authenticated encryption; the hardware decides between AES and ChaCha20. */
    private static final List<String> CIPHERS = List.of(
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
            LoadedCertificate certificate, TlsProvider provider, ExporterSecrets secrets, List<String> protocols)
            throws SSLException {
        SslContext context = SslContextBuilder.forServer(certificate.key(), certificate.chain())
                .sslProvider(provider.netty())
                .protocols("TLSv1.3", "TLSv1.2")
                .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                .applicationProtocolConfig(Alpn.select(protocols))
                // Sessions are not resumed, so none need be kept; zero would mean the provider's thousands.
                .sessionCacheSize(1)
                .build();
        try {
            TrialHandshake.run(context, provider);
        } catch (SSLException e) {
            ReferenceCountUtil.release(context);
            throw e;
        }
        boolean reported = context instanceof ReferenceCountedOpenSslContext boring && secrets.listenTo(boring);
        return new HostContext(context, reported ? secrets : null, certificate.names(), certificate.end());
    }

    /** Gives the provider's memory back once the last connection is closed. */
    void release() {
        ReferenceCountUtil.release(context);
    }
}
