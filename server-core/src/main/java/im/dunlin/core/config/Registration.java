// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.time.Duration;

/** Accounts that clients make themselves (XEP-0077). */
public record Registration(
        @Setting(says = "Whether a client may make an account.", byDefault = "false")
        boolean enabled,

        @Setting(says = "Time between two registrations from one address.", byDefault = "10m")
        Duration perAddress,

        @Setting(says = "Registrations an hour, all addresses together.", byDefault = "20", max = 1_000_000)
        int perHour) {}
