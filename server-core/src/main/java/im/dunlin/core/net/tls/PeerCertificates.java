// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates of other servers are valid for which domains (RFC 6120 §13.7.2, RFC 9525). One for TLS servers will do for a
 * server that connects: many authorities issue no other, and it shows the one that it has (XEP-0178 §3). SRV-ID and XmppAddr count only
 * from the authorities that the operator has named: those of the web may be kept to domains that these names escape. Any thread, but none that must not wait: the authorities are read when they are first needed.
 */
public final class PeerCertificates {
    private static final int LEAST_RSA_BITS = 2_048;

    /** Server, client, and any (RFC 5280 §4.2.1.12). */
    private static final Set<String> TLS_USES = Set.of("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0");

    private final List<X509Certificate> trusted;
    private final InstantSource clock;
    private @Nullable Set<TrustAnchor> anchors;

    /**
     * @param trust PEM file of authorities besides those of the platform
     * @throws UnusableCertificateException if there is no certificate in it
     */
    public PeerCertificates(@Nullable Path trust, InstantSource clock) throws UnusableCertificateException {
        this.trusted = trust == null ? List.of() : PemFiles.authorities(trust);
        this.clock = clock;
    }

    /** What the peer showed in its handshake, its own first; empty if it showed none. On the handler's event loop. */
    public static List<X509Certificate> shownTo(SslHandler tls) {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            for (Certificate certificate : tls.engine().getSession().getPeerCertificates()) {
                chain.add((X509Certificate) certificate);
            }
        } catch (SSLPeerUnverifiedException e) {
            chain.clear();
        }
        return chain;
    }

    private synchronized Set<TrustAnchor> anchors() {
        if (anchors == null) {
            Set<TrustAnchor> all = new HashSet<>();
            ofPlatform().forEach(authority -> all.add(new TrustAnchor(authority, null)));
            all.addAll(anchors(trusted));
            anchors = all;
        }
        return anchors;
    }

    private static Set<TrustAnchor> anchors(List<X509Certificate> authorities) {
        return authorities.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toSet());
    }

    private static boolean isForTls(X509Certificate leaf) throws CertificateException {
        List<String> uses = leaf.getExtendedKeyUsage();
        return uses == null || uses.stream().anyMatch(TLS_USES::contains);
    }

    private static List<X509Certificate> ofPlatform() {
        List<X509Certificate> authorities = new ArrayList<>();
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore) null);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager x509) {
                    authorities.addAll(List.of(x509.getAcceptedIssuers()));
                }
            }
        } catch (KeyStoreException e) {
            // A platform without authorities trusts nobody.
            return List.of();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has authorities", e);
        }
        return authorities;
    }

    /** Why this chain does not prove that its owner speaks for the domain; null if it does. */
    public @Nullable String fault(List<X509Certificate> chain, String domain) {
        if (chain.isEmpty()) {
            return "no certificate";
        }
        X509Certificate leaf = chain.get(0);
        CertificateNames names = CertificateNames.of(leaf, "xmpp-server");
        if (!names.cover(domain)) {
            return "a certificate that does not cover " + domain;
        }
        if (leaf.getPublicKey() instanceof RSAPublicKey rsa && rsa.getModulus().bitLength() < LEAST_RSA_BITS) {
            return "a certificate with a short key";
        }
        try {
            Date now = Date.from(clock.instant());
            leaf.checkValidity(now);
            if (!isForTls(leaf)) {
                return "a certificate for something else than TLS";
            }
            Set<TrustAnchor> known = names.coverByDns(domain) ? anchors() : anchors(trusted);
            if (known.stream().noneMatch(anchor -> leaf.equals(anchor.getTrustedCert()))) {
                build(chain, known, now);
            }
            return null;
        } catch (CertPathBuilderException e) {
            return "a certificate of no authority that is trusted here";
        } catch (CertificateException e) {
            return "a certificate that is not valid now";
        } catch (GeneralSecurityException e) {
            return "a certificate that cannot be used: " + e.getMessage();
        }
    }

    private static void build(List<X509Certificate> chain, Set<TrustAnchor> trusted, Date now)
            throws GeneralSecurityException {
        X509CertSelector leaf = new X509CertSelector();
        leaf.setCertificate(chain.get(0));
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(trusted, leaf);
        parameters.setRevocationEnabled(false);
        parameters.setDate(now);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
        CertPathBuilder.getInstance("PKIX").build(parameters);
    }
}
