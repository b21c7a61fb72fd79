// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Streams to and from other servers (docs/adr/0020). TLS is always required. */
public record FederationConfig(
        @Setting(says = "false: no streams to other servers, for any host.", byDefault = "true")
        boolean enabled,

        @Setting(
                says =
                        "How other servers prove who they are. certificate: by one that is valid for their domain, on the"
                                + " stream or where their domain is asked; dialback: any certificate, and what DNS says.",
                byDefault = "certificate")
        Proof authentication,

        @Setting(says = "PEM file of authorities that are trusted besides those of the Java platform.") @Nullable
        Path trust,

        @Setting(says = "Other servers that are treated in ways of their own, by their domains.")
        Map<String, RemoteConfig> domains,

        @Setting(
                says = "For a stream to be found, opened and authenticated; then remote-server-timeout.",
                byDefault = "30s",
                min = 1,
                max = 600)
        Duration timeout,

        @Setting(
                says = "How long a message that a server cannot be given is tried again before its sender is told.",
                byDefault = "24h",
                min = 1,
                max = 30L * 86_400)
        Duration keepMessages,

        @Setting(says = "Silence after which a stream is closed.", byDefault = "30m", min = 1)
        Duration idle,

        @Setting(
                says = "Bytes that wait for one domain; what is more comes back with resource-constraint.",
                byDefault = "2MiB",
                min = 64 << 10,
                max = 1 << 30,
                bytes = true)
        int queueBytes,

        @Setting(
                says = "Stanzas that wait for one domain; what is more comes back with resource-constraint.",
                byDefault = "1000",
                min = 10,
                max = 1_000_000)
        int queueStanzas,

        @Setting(
                says = "Bytes a second of one stream of another server; above, the server reads more slowly.",
                byDefault = "256KiB",
                min = 1_024,
                max = 1 << 30,
                bytes = true)
        int bytesPerSecond,

        @Setting(
                says = "Stanzas a second of one stream of another server; above, the server reads more slowly.",
                byDefault = "500",
                min = 1,
                max = 1_000_000)
        int stanzasPerSecond,

        @Setting(
                says = "Streams from one domain; the one that has been silent for longest gives way.",
                byDefault = "4",
                min = 1,
                max = 1_000)
        int streamsPerDomain,

        @Setting(
                says = "Domains to which there are streams or for which something waits; stanzas for another one come"
                        + " back with resource-constraint.",
                byDefault = "5000",
                min = 1,
                max = 1_000_000)
        int mostDomains) {

    public FederationConfig {
        domains = RecordBinder.ordered(domains);
    }

    /** How another server proves who it is. */
    public enum Proof {
        CERTIFICATE,
        DIALBACK
    }
}
