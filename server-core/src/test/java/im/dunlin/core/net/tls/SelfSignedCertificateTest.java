// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfSignedCertificateTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path directory;

    @Test
    void madeCertificateCanBeUsed() throws Exception {
        Instant now = Instant.now();
        HostCertificate files = SelfSignedCertificate.in(directory, "localhost", now, RANDOM);

        LoadedCertificate loaded = LoadedCertificate.load(files, now);

        assertThat(loaded.leaf().getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(loaded.leaf().getSubjectAlternativeNames()).hasSize(2);
        assertThat(loaded.end()).isAfter(now.plus(Duration.ofDays(3000)));
    }

    @Test
    void onlyTheOwnerReadsTheKeyAndNothingElseIsLeft() throws IOException {
        HostCertificate files = SelfSignedCertificate.in(directory, "localhost", Instant.now(), RANDOM);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.key())))
                .isEqualTo("rw-------");
        try (Stream<Path> all = Files.list(directory)) {
            assertThat(all).containsExactlyInAnyOrder(files.chain(), files.key());
        }
    }

    @Test
    void existingCertificateIsKept() throws IOException {
        HostCertificate files = SelfSignedCertificate.in(directory, "localhost", Instant.now(), RANDOM);
        String before = Files.readString(files.chain());

        SelfSignedCertificate.in(directory, "localhost", Instant.now(), RANDOM);

        assertThat(files.chain()).hasContent(before);
    }

    @Test
    void halfAPairIsMadeAnew() throws Exception {
        HostCertificate files = SelfSignedCertificate.in(directory, "localhost", Instant.now(), RANDOM);
        Files.delete(files.chain());
        Files.writeString(files.key().resolveSibling("localhost.key.new"), "left behind");

        SelfSignedCertificate.in(directory, "localhost", Instant.now(), RANDOM);

        assertThat(LoadedCertificate.load(files, Instant.now()).leaf()).isNotNull();
    }

    @Test
    void internationalDomainIsSpelledInItsALabel() throws Exception {
        HostCertificate files = SelfSignedCertificate.in(directory, "straße.example", Instant.now(), RANDOM);

        assertThat(files.chain()).hasFileName("xn--strae-oqa.example.crt");
        assertThat(LoadedCertificate.load(files, Instant.now()).names().cover("straße.example"))
                .isTrue();
    }
}
