// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** T15. */
class CertificateNamesTest {

    @Test
    void dnsNameCoversItsDomain() {
        CertificateNames names = of(TestCertificate.forHost("Montague.example"));

        assertThat(names.cover("montague.example")).isTrue();
        assertThat(names.cover("orchard.montague.example")).isFalse();
        assertThat(names.cover("example")).isFalse();
    }

    @Test
    void wildcardStandsForOneLabel() {
        CertificateNames names = of(TestCertificate.forHost("*.montague.example"));

        assertThat(names.cover("orchard.montague.example")).isTrue();
        assertThat(names.cover("montague.example")).isFalse();
        assertThat(names.cover("a.orchard.montague.example")).isFalse();
        assertThat(names.cover(".montague.example")).isFalse();
    }

    @Test
    void wildcardElsewhereIsNoName() {
        CertificateNames names = of(TestCertificate.forHost("or*.montague.example")
                .dnsName("a.*.example")
                .dnsName("*"));

        assertThat(names.cover("orchard.montague.example")).isFalse();
        assertThat(names.cover("a.montague.example")).isFalse();
        assertThat(names.cover("example")).isFalse();
    }

    @Test
    void xmppAddrCoversItsDomain() {
        assertThat(of(TestCertificate.empty().xmppAddr("montague.example")).cover("montague.example"))
                .isTrue();
    }

    @Test
    void srvNameCoversItsDomainForItsServiceOnly() {
        TestCertificate certificate =
                TestCertificate.empty().srvName("_xmpp-client.montague.example").srvName("_imap.capulet.example");
        assertThat(of(certificate).cover("montague.example")).isTrue();
        assertThat(of(certificate).cover("capulet.example")).isFalse();
        assertThat(CertificateNames.of(certificate.selfSigned().certificate(), "xmpp-server")
                        .cover("montague.example"))
                .isFalse();
    }

    @Test
    void internationalDomainIsCoveredByItsALabel() {
        assertThat(of(TestCertificate.forHost("xn--strae-oqa.example")).cover("straße.example"))
                .isTrue();
        assertThat(of(TestCertificate.empty().xmppAddr("straße.example")).cover("straße.example"))
                .isTrue();
    }

    @Test
    void commonNameIsNoName() {
        assertThat(of(TestCertificate.empty().subject("CN=montague.example")).cover("montague.example"))
                .isFalse();
        assertThat(of(TestCertificate.empty().subject("OU=\"CN=montague.example,\""))
                        .cover("montague.example"))
                .isFalse();
    }

    @Test
    void nameWithAZeroOctetIsNoName() {
        CertificateNames names = of(TestCertificate.forHost("montague.example\0.evil.example"));

        assertThat(names.cover("montague.example")).isFalse();
        assertThat(names.cover("montague.example\0.evil.example")).isFalse();
    }

    @Test
    void endlessListsAreNotSearched() {
        TestCertificate certificate = TestCertificate.forHost("montague.example");
        for (int i = 0; i < 256; i++) {
            certificate.dnsName("host" + i + ".example");
        }

        assertThat(of(certificate).cover("montague.example")).isFalse();
    }

    private static CertificateNames of(TestCertificate certificate) {
        return CertificateNames.of(certificate.selfSigned().certificate(), "xmpp-client");
    }
}
