// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.push.gateway.apns.ApnsProfile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Collections;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/** Reads files of keys, and says in one line, without the path, what is wrong with one. */
final class KeyFiles {
    private static final int MAX_BYTES = 64 * 1024;

    private KeyFiles() {}

    static byte[] read(Path file) throws UnusableKeyException {
        try {
            if (Files.getFileStore(file).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ)) {
                throw new UnusableKeyException(
                        file + " can be read by everybody on this machine (expected: by the server only, chmod 600)");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new UnusableKeyException(file + " is larger than " + MAX_BYTES / 1024 + " KiB");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new UnusableKeyException(file + ": there is no such file");
        } catch (IOException e) {
            throw new UnusableKeyException(file + " cannot be read");
        }
    }

    /** A PEM file with an EC key on P-256. */
    static ECPrivateKey p256(Path file) throws UnusableKeyException {
        String text = new String(read(file), StandardCharsets.ISO_8859_1);
        try (PEMParser pem = new PEMParser(new StringReader(text))) {
            for (Object part = pem.readObject(); part != null; part = pem.readObject()) {
                if (part instanceof PrivateKeyInfo key) {
                    return p256(key, file);
                }
                if (part instanceof PEMKeyPair pair) {
                    return p256(pair.getPrivateKeyInfo(), file);
                }
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | IllegalStateException e) {
            throw new UnusableKeyException(file + " holds no private key in PEM that can be read");
        }
        throw new UnusableKeyException(file + " holds no private key in PEM, without a password");
    }

    private static ECPrivateKey p256(PrivateKeyInfo key, Path file)
            throws UnusableKeyException, GeneralSecurityException, IOException {
        ASN1ObjectIdentifier kind = key.getPrivateKeyAlgorithm().getAlgorithm();
        if (!kind.equals(X9ObjectIdentifiers.id_ecPublicKey)
                || !X9ObjectIdentifiers.prime256v1.equals(
                        key.getPrivateKeyAlgorithm().getParameters())) {
            throw new UnusableKeyException(file + " holds a key of another kind (expected: EC on P-256)");
        }
        return (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    /** The first key of a PKCS #12 file, with its certificate. */
    static ApnsProfile.Credentials certificate(Path file, String password) throws UnusableKeyException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(new ByteArrayInputStream(read(file)), password.toCharArray());
            for (String alias : Collections.list(store.aliases())) {
                if (store.getKey(alias, password.toCharArray()) instanceof PrivateKey key
                        && store.getCertificate(alias) instanceof X509Certificate certificate) {
                    certificate.checkValidity();
                    return new ApnsProfile.Credentials.ClientCertificate(certificate, key);
                }
            }
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            throw new UnusableKeyException(file + " holds a certificate that is not valid now");
        } catch (IOException | GeneralSecurityException e) {
            throw new UnusableKeyException(file + " is no PKCS #12 file, or has another password");
        }
        throw new UnusableKeyException(file + " holds no key with a certificate");
    }

    /** The first line of a file. */
    static String password(Path file) throws UnusableKeyException {
        return new String(read(file), StandardCharsets.UTF_8)
                .lines()
                .findFirst()
                .orElse("");
    }
}
