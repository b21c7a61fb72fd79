// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import org.jspecify.annotations.Nullable;

/** A component: a program that serves a domain of its own and connects to this server (XEP-0114). */
public record ComponentConfig(
        @Setting(
                says = "File of the secret that the component knows, at least 16 bytes; white space around it does not"
                        + " count.")
        @Nullable
        SecretFile secretFile,

        @Setting(
                says = "Bytes a second that it may send; above, the server reads more slowly.",
                byDefault = "1MiB",
                min = 1_024,
                max = 1 << 30,
                bytes = true)
        int bytesPerSecond,

        @Setting(
                says = "Stanzas a second that it may send; above, the server reads more slowly.",
                byDefault = "1000",
                min = 1,
                max = 1_000_000)
        int stanzasPerSecond,

        @Setting(
                says = "Bytes that wait for it; above, its stream ends.",
                byDefault = "16MiB",
                min = 64 << 10,
                max = 1 << 30,
                bytes = true)
        int queueBytes,

        @Setting(
                says = "Stanzas that wait for it; above, its stream ends.",
                byDefault = "20000",
                min = 100,
                max = 10_000_000)
        int queueStanzas)
        implements Checked {

    @Override
    public void check(Report report) {
        if (secretFile == null) {
            report.wrong("secretFile", "a component needs a secret");
        }
    }
}
