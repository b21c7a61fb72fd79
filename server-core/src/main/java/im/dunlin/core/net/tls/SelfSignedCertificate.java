// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
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
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** Makes the certificate of a host that has none yet, so that a first start needs no preparation. */
public final class SelfSignedCertificate {
    private static final Duration VALIDITY = Duration.ofDays(10 * 365);

    private SelfSignedCertificate() {}

    /**
     * The host's certificate in this directory, {@code HOST.crt} and {@code HOST.key}; made if one of them is missing.
     * The key is written first and readable by its owner only.
     *
     * @throws IOException if the directory cannot be written
     */
    public static HostCertificate in(Path directory, String host, Instant now, SecureRandom random) throws IOException {
        HostCertificate files = files(directory, host);
        if (!areThere(files)) {
            try {
                make(files, now, random);
            } catch (GeneralSecurityException | OperatorCreationException e) {
                throw new IllegalStateException("every Java platform has P-256", e);
            }
        }
        return files;
    }

    /** Whether the host's certificate is in this directory, so that {@link #in} writes nothing. */
    public static boolean isIn(Path directory, String host) {
        return areThere(files(directory, host));
    }

    private static boolean areThere(HostCertificate files) {
        return Files.exists(files.chain()) && Files.exists(files.key());
    }

    private static HostCertificate files(Path directory, String host) {
        String name = AsciiDomain.of(host);
        return new HostCertificate(host, directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }

    private static void make(HostCertificate files, Instant now, SecureRandom random)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        KeyPair pair = generator.generateKeyPair();
        String ascii = AsciiDomain.of(files.host());
        // Nobody compares this name, but it may not be longer.
        String commonName = ascii.substring(0, Math.min(64, ascii.length()));
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
        GeneralName[] names = {
            new GeneralName(GeneralName.dNSName, ascii),
            new GeneralName(
                    GeneralName.otherName, new OtherName(CertificateNames.XMPP_ADDR, new DERUTF8String(files.host())))
        };
        X509CertificateHolder certificate = new X509v3CertificateBuilder(
                        subject,
                        new BigInteger(127, random).setBit(126),
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(VALIDITY)),
                        subject,
                        SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded()))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
        write(files.key(), "PRIVATE KEY", pair.getPrivate().getEncoded());
        write(files.chain(), "CERTIFICATE", certificate.getEncoded());
    }

    /** The whole file or none: written beside it, synced, then renamed. */
    private static void write(Path file, String type, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter pem = new PemWriter(text)) {
            pem.writeObject(new PemObject(type, der));
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(unfinished);
        try (FileChannel out = FileChannel.open(
                unfinished,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            out.write(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
            out.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
