// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import im.dunlin.core.net.tls.TestCertificate.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoadedCertificateTest {
    private static final String HOST = "montague.example";

    @TempDir
    private Path directory;

    private HostCertificate files;

    @BeforeEach
    void nameFiles() {
        files = new HostCertificate(HOST, directory.resolve("host.crt"), directory.resolve("host.key"));
    }

    @ParameterizedTest
    @CsvSource({"EC, SHA256withECDSA", "RSA, SHA256withRSA"})
    void keysOfAllKindsAreRead(String type, String signature) throws Exception {
        Made made = TestCertificate.forHost(HOST).signedWith(type, signature).selfSigned();
        made.write(files);

        assertThat(load().key()).isEqualTo(made.pair().getPrivate());
    }

    /** As {@code openssl ecparam -genkey} and {@code openssl genrsa -traditional} write them. */
    @Test
    void keysInTheFormsBeforePkcs8AreRead() throws Exception {
        Made ec = TestCertificate.forHost(HOST).selfSigned();
        ec.write(files);
        ECPrivateKey number = (ECPrivateKey) ec.pair().getPrivate();
        ASN1ObjectIdentifier p256 = X9ObjectIdentifiers.prime256v1;
        TestCertificate.writePem(
                files.key(),
                new PemObject("EC PARAMETERS", p256.getEncoded()),
                new PemObject(
                        "EC PRIVATE KEY",
                        new org.bouncycastle.asn1.sec.ECPrivateKey(256, number.getS(), p256).getEncoded()));
        assertThat(((ECPrivateKey) load().key()).getS()).isEqualTo(number.getS());

        Made rsa =
                TestCertificate.forHost(HOST).signedWith("RSA", "SHA256withRSA").selfSigned();
        rsa.write(files);
        TestCertificate.writePem(files.key(), rsa.pair().getPrivate());
        assertThat(Files.readString(files.key())).startsWith("-----BEGIN RSA PRIVATE KEY-----");
        assertThat(load().key()).isEqualTo(rsa.pair().getPrivate());
    }

    @Test
    void certificateAndKeyMayBeInOneFile() throws Exception {
        Made made = TestCertificate.forHost(HOST).selfSigned();
        TestCertificate.writePem(
                files.chain(), TestCertificate.pkcs8(made.pair().getPrivate()), made.certificate());
        files = new HostCertificate(HOST, files.chain(), files.chain());

        assertThat(load().leaf()).isEqualTo(made.certificate());
    }

    @Test
    void chainIsReadInOrder() throws Exception {
        Made root = TestCertificate.empty().subject("CN=root").selfSigned();
        Made middle = TestCertificate.empty().subject("CN=middle").signedBy(root);
        Made leaf = TestCertificate.forHost(HOST).signedBy(middle);
        leaf.write(files, middle.certificate(), root.certificate());

        assertThat(load().chain()).containsExactly(leaf.certificate(), middle.certificate(), root.certificate());
    }

    @Test
    void chainInTheWrongOrderIsRefused() {
        Made root = TestCertificate.empty().subject("CN=root").selfSigned();
        Made middle = TestCertificate.empty().subject("CN=middle").signedBy(root);
        TestCertificate.forHost(HOST).signedBy(middle).write(files, root.certificate(), middle.certificate());

        assertRefused(files.chain() + ": certificate 2 of the chain did not issue the one before it"
                + " (expected: the host's first, then each issuer)");
    }

    @Test
    void keyOfAnotherCertificateIsRefused() {
        TestCertificate.forHost(HOST).selfSigned().write(files);
        TestCertificate.writePem(
                files.key(), TestCertificate.pkcs8(TestCertificate.keyPair("EC").getPrivate()));

        assertRefused(files.key() + ": not the key of the certificate in " + files.chain());

        TestCertificate.writePem(
                files.key(),
                TestCertificate.pkcs8(TestCertificate.keyPair("RSA").getPrivate()));

        assertRefused(files.key() + ": not the key of the certificate in " + files.chain());
    }

    @Test
    void expiredCertificateIsRefused() {
        Instant end = Instant.parse("2020-01-01T00:00:00Z");
        TestCertificate.forHost(HOST)
                .valid(end.minus(Duration.ofDays(1)), end)
                .selfSigned()
                .write(files);

        assertRefused(files.chain() + ": the certificate expired at 2020-01-01T00:00:00Z");
    }

    @Test
    void certificateOfTheFutureIsRefused() {
        Instant start = Instant.parse("2200-01-01T00:00:00Z");
        TestCertificate.forHost(HOST)
                .valid(start, start.plus(Duration.ofDays(1)))
                .selfSigned()
                .write(files);

        assertRefused(files.chain() + ": the certificate is valid only from 2200-01-01T00:00:00Z");
    }

    @Test
    void certificateOfAnotherHostIsRefused() {
        TestCertificate.forHost("capulet.example").selfSigned().write(files);

        assertRefused(files.chain() + ": the certificate does not cover the host montague.example");
    }

    @Test
    void filesThatAreMissingOrNonsenseAreNamed() throws IOException {
        assertRefused(files.chain() + ": no such file");
        TestCertificate.forHost(HOST).selfSigned().write(files);
        Files.delete(files.key());
        assertRefused(files.key() + ": no such file");
        Files.writeString(files.key(), "hello");
        assertRefused(files.key() + ": no private key in it");
        Files.writeString(files.key(), "-----BEGIN PRIVATE KEY-----\naGVsbG8=\n-----END PRIVATE KEY-----\n");
        assertRefused(files.key() + ": not a PEM private key");
        Files.writeString(files.chain(), "");
        assertRefused(files.chain() + ": no certificate in it");
        Files.writeString(files.chain(), "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n");
        assertRefused(files.chain() + ": not a PEM certificate");
        Files.writeString(files.chain(), "x".repeat(256 * 1024 + 1));
        assertRefused(files.chain() + ": larger than 256 KiB");
    }

    /** It has no tls-server-end-point either, which every server must offer (XEP-0440). */
    @Test
    void keyOfAnotherKindIsRefused() {
        TestCertificate.forHost(HOST)
                .signedWith("Ed25519", "Ed25519")
                .selfSigned()
                .write(files);

        assertRefused(files.key()
                + ": a private key of a kind that clients cannot be relied on to know (expected: EC or RSA)");
    }

    @Test
    void encryptedKeyIsRefused() throws IOException {
        TestCertificate.forHost(HOST).selfSigned().write(files);
        AlgorithmIdentifier anyPassword = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_PBES2);
        TestCertificate.writePem(
                files.key(),
                new PemObject(
                        "ENCRYPTED PRIVATE KEY", new EncryptedPrivateKeyInfo(anyPassword, new byte[16]).getEncoded()));

        assertRefused(files.key()
                + ": the private key is encrypted; store it without a password, readable by the server only");
    }

    private LoadedCertificate load() throws UnusableCertificateException {
        return LoadedCertificate.load(files, Instant.now());
    }

    private void assertRefused(String line) {
        assertThatExceptionOfType(UnusableCertificateException.class)
                .isThrownBy(this::load)
                .withMessage(line);
    }
}
