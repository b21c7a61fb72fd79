// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;

/** A certificate of its own for a host on loopback. */
public record TestTls(X509Certificate certificate, PrivateKey key) {
    public static TestTls of(Path directory, String host) {
        try {
            HostCertificate files = SelfSignedCertificate.in(directory, host, Instant.now(), new SecureRandom());
            try (InputStream pem = Files.newInputStream(files.chain())) {
                X509Certificate certificate = (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(pem);
                String text = Files.readString(files.key()).replaceAll("-----[A-Z ]+-----|\\s", "");
                PrivateKey key = KeyFactory.getInstance("EC")
                        .generatePrivate(
                                new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
                return new TestTls(certificate, key);
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
