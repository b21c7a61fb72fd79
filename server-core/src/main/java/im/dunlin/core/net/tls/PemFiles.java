// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/** Reads certificates and private keys from PEM files, and says in one line why it cannot. */
final class PemFiles {
    /** A chain with its root is some 10 KiB. */
    private static final long MAX_FILE = 256 * 1024;

    private static final int MAX_CHAIN = 8;
    private static final int MAX_AUTHORITIES = 500;

    private static final Map<ASN1ObjectIdentifier, String> KEY_TYPES =
            Map.of(PKCSObjectIdentifiers.rsaEncryption, "RSA", X9ObjectIdentifiers.id_ecPublicKey, "EC");

    private PemFiles() {}

    /** The host's certificate and its issuers. */
    static List<X509Certificate> chain(Path file) throws UnusableCertificateException {
        return certificates(file, MAX_CHAIN);
    }

    /** Authorities that are trusted. */
    static List<X509Certificate> authorities(Path file) throws UnusableCertificateException {
        return certificates(file, MAX_AUTHORITIES);
    }

    private static List<X509Certificate> certificates(Path file, int most) throws UnusableCertificateException {
        List<X509Certificate> chain = new ArrayList<>();
        try (PEMParser pem = new PEMParser(new StringReader(read(file)))) {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
                if (part instanceof X509CertificateHolder holder) {
                    if (chain.size() == most) {
                        throw new UnusableCertificateException(file + ": more than " + most + " certificates");
                    }
                    chain.add((X509Certificate)
                            factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
                }
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new UnusableCertificateException(file + ": not a PEM certificate");
        }
        if (chain.isEmpty()) {
            throw new UnusableCertificateException(file + ": no certificate in it");
        }
        return chain;
    }

    static PrivateKey key(Path file) throws UnusableCertificateException {
        try (PEMParser pem = new PEMParser(new StringReader(read(file)))) {
            for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
                if (part instanceof PrivateKeyInfo key) {
                    return decode(key, file);
                }
                if (part instanceof PEMKeyPair pair) {
                    return decode(pair.getPrivateKeyInfo(), file);
                }
                if (part instanceof PEMEncryptedKeyPair || part instanceof PKCS8EncryptedPrivateKeyInfo) {
                    throw new UnusableCertificateException(
                            file
                                    + ": the private key is encrypted; store it without a password, readable by the server only");
                }
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new UnusableCertificateException(file + ": not a PEM private key");
        }
        throw new UnusableCertificateException(file + ": no private key in it");
    }

    private static PrivateKey decode(PrivateKeyInfo key, Path file)
            throws UnusableCertificateException, GeneralSecurityException, IOException {
        String type = KEY_TYPES.get(key.getPrivateKeyAlgorithm().getAlgorithm());
        if (type == null) {
            throw new UnusableCertificateException(
                    file + ": a private key of a kind that clients cannot be relied on to know (expected: EC or RSA)");
        }
        return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    private static String read(Path file) throws UnusableCertificateException {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new UnusableCertificateException(file + ": larger than " + MAX_FILE / 1024 + " KiB");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new UnusableCertificateException(file + ": no such file");
        } catch (IOException e) {
            throw new UnusableCertificateException(file + ": cannot be read");
        }
    }
}
