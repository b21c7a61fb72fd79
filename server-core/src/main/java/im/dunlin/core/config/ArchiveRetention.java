// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.time.Duration;

/** How long an account's archive is kept; what comes first counts, and the oldest goes first. */
public record ArchiveRetention(
        @Setting(says = "Age after which a message goes; 0s: never.", byDefault = "365d")
        Duration age,

        @Setting(
                says = "Bytes of one account's archive above which its oldest messages go; 0: no bound.",
                byDefault = "1GiB",
                bytes = true)
        long quotaBytes) {}
