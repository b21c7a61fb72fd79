// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a certificate of another server speaks for. */
class PeerCertificatesTest {
    @TempDir
    Path directory;

    private final TestCertificate.Made authority =
            TestCertificate.empty().subject("CN=authority").selfSigned();
    private PeerCertificates certificates;

    @BeforeEach
    void trustAuthority() throws Exception {
        Path file = directory.resolve("authorities.pem");
        TestCertificate.writePem(file, authority.certificate());
        certificates = new PeerCertificates(file, InstantSource.system());
    }

    private @Nullable String fault(TestCertificate certificate, String domain) {
        return certificates.fault(List.of(certificate.signedBy(authority).certificate()), domain);
    }

    @Test
    void certificateOfATrustedAuthoritySpeaksForItsDomain() {
        assertThat(fault(TestCertificate.forHost("montague.example"), "montague.example"))
                .isNull();
        assertThat(fault(TestCertificate.empty().xmppAddr("montague.example"), "montague.example"))
                .isNull();
        assertThat(fault(TestCertificate.empty().srvName("_xmpp-server.montague.example"), "montague.example"))
                .isNull();
    }

    @Test
    void otherDomainsItDoesNotSpeakFor() {
        TestCertificate montague = TestCertificate.forHost("montague.example").subject("CN=capulet.example");

        assertThat(fault(montague, "capulet.example")).as("a common name").contains("does not cover");
        assertThat(fault(montague, "sub.montague.example")).contains("does not cover");
        assertThat(fault(montague, "example")).contains("does not cover");
        assertThat(fault(TestCertificate.empty().srvName("_xmpp-client.montague.example"), "montague.example"))
                .as("for clients only")
                .contains("does not cover");
        assertThat(fault(TestCertificate.forHost("*.montague.example"), "a.b.montague.example"))
                .contains("does not cover");
    }

    @Test
    void serviceNameStandsForNoOtherLabel() {
        assertThat(fault(TestCertificate.empty().srvName("_xmpp-server.*.example"), "montague.example"))
                .contains("does not cover");
    }

    /** Authorities issue certificates for mail and for programs under laxer rules. */
    @Test
    void certificateIsForTls() {
        TestCertificate montague = TestCertificate.forHost("montague.example");

        assertThat(fault(montague.use(KeyPurposeId.id_kp_clientAuth), "montague.example"))
                .isNull();
        assertThat(fault(montague.use(KeyPurposeId.id_kp_serverAuth), "montague.example"))
                .isNull();
        assertThat(fault(montague.use(KeyPurposeId.id_kp_codeSigning), "montague.example"))
                .contains("something else");
    }

    @Test
    void authorityMustBeTrusted() {
        TestCertificate.Made other = TestCertificate.forHost("montague.example").selfSigned();

        assertThat(certificates.fault(List.of(other.certificate()), "montague.example"))
                .contains("no authority");
        assertThat(certificates.fault(List.of(other.certificate(), authority.certificate()), "montague.example"))
                .contains("no authority");
    }

    @Test
    void timeMustBeRight() {
        Instant now = Instant.now();
        TestCertificate past =
                TestCertificate.forHost("montague.example").valid(now.minusSeconds(7200), now.minusSeconds(3600));

        assertThat(fault(past, "montague.example")).contains("not valid now");
    }

    @Test
    void certificateThatIsItselfTrustedNeedsNoAuthority() throws Exception {
        TestCertificate.Made pinned =
                TestCertificate.forHost("montague.example").selfSigned();
        Path file = directory.resolve("pinned.pem");
        TestCertificate.writePem(file, pinned.certificate());
        PeerCertificates pinning = new PeerCertificates(file, InstantSource.system());

        assertThat(pinning.fault(List.of(pinned.certificate()), "montague.example"))
                .isNull();
        assertThat(pinning.fault(List.of(pinned.certificate()), "capulet.example"))
                .contains("does not cover");
    }

    @Test
    void nothingShownProvesNothing() {
        assertThat(certificates.fault(List.of(), "montague.example")).isEqualTo("no certificate");
    }

    @Test
    void fileWithoutCertificatesIsRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("empty.pem"), "nothing");

        assertThatThrownBy(() -> new PeerCertificates(file, InstantSource.system()))
                .isInstanceOf(UnusableCertificateException.class);
    }
}
