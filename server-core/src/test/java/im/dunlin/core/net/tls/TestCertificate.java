// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.jspecify.annotations.Nullable;

/** Certificates as a test wants them, right or wrong. */
final class TestCertificate {
    private final List<GeneralName> names = new ArrayList<>();
    private String subject = "CN=test";
    private Instant from = Instant.now().minusSeconds(3600);
    private Instant to = Instant.now().plusSeconds(90L * 24 * 3600);
    private String keyType = "EC";
    private String signature = "SHA256withECDSA";

    record Made(X509Certificate certificate, KeyPair pair) {
        void write(HostCertificate files, X509Certificate... others) {
            writePem(files.key(), pkcs8(pair.getPrivate()));
            List<Object> chain = new ArrayList<>(List.of(certificate));
            chain.addAll(List.of(others));
            writePem(files.chain(), chain.toArray());
        }
    }

    private @Nullable KeyPurposeId use;

    static TestCertificate forHost(String host) {
        return new TestCertificate().dnsName(host);
    }

    static TestCertificate empty() {
        return new TestCertificate();
    }

    TestCertificate dnsName(String name) {
        names.add(new GeneralName(GeneralName.dNSName, new DERIA5String(name)));
        return this;
    }

    TestCertificate xmppAddr(String address) {
        return otherName("1.3.6.1.5.5.7.8.5", new DERUTF8String(address));
    }

    TestCertificate srvName(String name) {
        return otherName("1.3.6.1.5.5.7.8.7", new DERIA5String(name));
    }

    private TestCertificate otherName(String type, ASN1Encodable value) {
        names.add(new GeneralName(GeneralName.otherName, new OtherName(new ASN1ObjectIdentifier(type), value)));
        return this;
    }

    TestCertificate use(KeyPurposeId purpose) {
        use = purpose;
        return this;
    }

    TestCertificate subject(String name) {
        subject = name;
        return this;
    }

    TestCertificate valid(Instant since, Instant until) {
        from = since;
        to = until;
        return this;
    }

    TestCertificate signedWith(String type, String algorithm) {
        keyType = type;
        signature = algorithm;
        return this;
    }

    Made selfSigned() {
        KeyPair pair = keyPair(keyType);
        return new Made(sign(pair, subject, pair.getPrivate()), pair);
    }

    Made signedBy(Made issuer) {
        KeyPair pair = keyPair(keyType);
        return new Made(
                sign(
                        pair,
                        issuer.certificate().getSubjectX500Principal().getName(),
                        issuer.pair().getPrivate()),
                pair);
    }

    private X509Certificate sign(KeyPair pair, String issuer, PrivateKey with) {
        try {
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    new X500Name(issuer),
                    BigInteger.valueOf(System.nanoTime()),
                    Date.from(from),
                    Date.from(to),
                    new X500Name(subject),
                    SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()));
            if (!names.isEmpty()) {
                builder.addExtension(
                        Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(new GeneralName[0])));
            }
            if (use != null) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(use));
            }
            byte[] der = builder.build(new JcaContentSignerBuilder(signature).build(with))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    static KeyPair keyPair(String type) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
            if (!type.equals("Ed25519")) {
                generator.initialize(type.equals("EC") ? 256 : 2048);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static PemObject pkcs8(PrivateKey key) {
        return new PemObject("PRIVATE KEY", key.getEncoded());
    }

    static void writePem(Path file, Object... parts) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
            for (Object part : parts) {
                pem.writeObject(part);
            }
            pem.flush();
            Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
