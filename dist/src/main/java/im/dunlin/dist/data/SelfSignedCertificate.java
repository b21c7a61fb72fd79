// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.data;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate for a host that has none configured, kept in two PEM files, so that a client which accepted it once sees
 * the same one again.
 */
public record SelfSignedCertificate(Path certificate, Path key) {
    /** Some clients refuse longer ones even when their user trusts them. */
    private static final Duration VALIDITY = Duration.ofDays(820);

    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    /** id-on-xmppAddr (RFC 6120 section 13.7.1.4). */
    private static final ASN1ObjectIdentifier XMPP_ADDR = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

    /** The host's certificate, made when there is none or the one there ends soon. */
    public static SelfSignedCertificate keptIn(Path directory, String host, Instant now) throws IOException {
        Files.createDirectories(directory);
        SelfSignedCertificate files =
                new SelfSignedCertificate(directory.resolve(host + ".pem"), directory.resolve(host + ".key.pem"));
        if (!Files.exists(files.certificate) || !Files.exists(files.key) || files.endsBefore(now.plus(RENEW_BEFORE))) {
            files.make(host, now);
        }
        return files;
    }

    private boolean endsBefore(Instant time) throws IOException {
        return read().getNotAfter().toInstant().isBefore(time);
    }

    /** SHA-256 over the certificate, as clients show it. */
    public String fingerprint() throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(read().getEncoded());
            return HexFormat.ofDelimiter(":").formatHex(digest).toUpperCase(Locale.ROOT);
        } catch (GeneralSecurityException e) {
            throw new IOException(certificate + ": " + e.getMessage(), e);
        }
    }

    private X509Certificate read() throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (GeneralSecurityException e) {
            throw new IOException(certificate + ": " + e.getMessage(), e);
        }
    }

    private void make(String host, Instant now) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair pair = generator.generateKeyPair();
            X509CertificateHolder made = sign(host, pair, now);
            // The key first: a certificate without its key would be served by nobody, and never be made again.
            write(key, "PRIVATE KEY", pair.getPrivate().getEncoded());
            write(certificate, "CERTIFICATE", made.getEncoded());
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IOException("cannot make a certificate for " + host + ": " + e.getMessage(), e);
        }
    }

    private static X509CertificateHolder sign(String host, KeyPair pair, Instant now)
            throws IOException, OperatorCreationException {
        X500Name name =
                new X500NameBuilder().addRDN(BCStyle.CN, commonName(host)).build();
        GeneralName[] names = {
            new GeneralName(GeneralName.dNSName, host),
            new GeneralName(GeneralName.otherName, new OtherName(XMPP_ADDR, new DERUTF8String(host)))
        };
        return new JcaX509v3CertificateBuilder(
                        name,
                        new BigInteger(127, new SecureRandom()).setBit(126),
                        // A client's clock may be a little behind.
                        Date.from(now.minus(Duration.ofHours(1))),
                        Date.from(now.plus(VALIDITY)),
                        name,
                        pair.getPublic())
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
    }

    /** RFC 5280 allows 64 characters; the name that counts is the alternative one. */
    private static String commonName(String host) {
        return host.length() <= 64 ? host : host.substring(0, 64);
    }

    private static void write(Path file, String label, byte[] der) throws IOException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(draft);
        Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n");
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
