// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** A certificate chain and its key, read and found to be usable. */
record LoadedCertificate(List<X509Certificate> chain, PrivateKey key, CertificateNames names) {

    /** Reads both files and checks what can be checked without a client: key, chain, time and name. */
    static LoadedCertificate load(HostCertificate files, Instant now) throws UnusableCertificateException {
        List<X509Certificate> chain = PemFiles.chain(files.chain());
        PrivateKey key = PemFiles.key(files.key());
        LoadedCertificate loaded = new LoadedCertificate(chain, key, CertificateNames.of(chain.get(0), "xmpp-client"));
        if (!loaded.keyMatches()) {
            throw new UnusableCertificateException(
                    files.key() + ": not the key of the certificate in " + files.chain());
        }
        loaded.checkOrder(files);
        loaded.checkTime(files, now);
        if (!loaded.names().cover(files.host())) {
            throw new UnusableCertificateException(
                    files.chain() + ": the certificate does not cover the host " + files.host());
        }
        return loaded;
    }

    X509Certificate leaf() {
        return chain.get(0);
    }

    /** When the first certificate of the chain ends. */
    Instant end() {
        return chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }

    private boolean keyMatches() {
        try {
            Signature signature =
                    Signature.getInstance(key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
            byte[] probe = {1, 2, 3, 4};
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(leaf().getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private void checkOrder(HostCertificate files) throws UnusableCertificateException {
        for (int i = 1; i < chain.size(); i++) {
            X509Certificate issuer = chain.get(i);
            try {
                chain.get(i - 1).verify(issuer.getPublicKey());
            } catch (GeneralSecurityException e) {
                throw new UnusableCertificateException(
                        files.chain() + ": certificate " + (i + 1)
                                + " of the chain did not issue the one before it (expected: the host's first, then each issuer)");
            }
        }
    }

    private void checkTime(HostCertificate files, Instant now) throws UnusableCertificateException {
        for (X509Certificate certificate : chain) {
            Instant from = certificate.getNotBefore().toInstant();
            Instant to = certificate.getNotAfter().toInstant();
            if (now.isAfter(to)) {
                throw new UnusableCertificateException(files.chain() + ": the certificate expired at " + to);
            }
            if (now.isBefore(from)) {
                throw new UnusableCertificateException(files.chain() + ": the certificate is valid only from " + from);
            }
        }
    }
}
