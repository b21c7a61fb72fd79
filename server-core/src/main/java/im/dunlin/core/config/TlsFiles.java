// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The certificate of a host: both files, or neither for a self-signed one. */
public record TlsFiles(
        @Setting(says = "PEM file: the certificate, then its chain. Read again when it changes.") @Nullable
        Path certificate,

        @Setting(says = "PEM file: the private key (PKCS#8, not encrypted).") @Nullable
        Path key)
        implements Checked {

    @Override
    public void check(Report report) {
        if ((certificate == null) != (key == null)) {
            report.wrong(
                    certificate == null ? "key" : "certificate",
                    "certificate and key belong together: " + (certificate == null ? "certificate" : "key")
                            + " is missing");
        }
    }
}
