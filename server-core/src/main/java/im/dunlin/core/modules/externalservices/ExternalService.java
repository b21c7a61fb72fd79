// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.externalservices;

import im.dunlin.core.config.Setting;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One address of a STUN or TURN server. */
public record ExternalService(
        @Setting(says = "stun, or turn for relays; stuns and turns inside TLS.", byDefault = "stun")
        Type type,

        @Setting(says = "Its name or IP address.") @Nullable String host,

        @Setting(says = "Its port.", byDefault = "3478", min = 1, max = 65_535)
        int port,

        @Setting(says = "udp or tcp.", byDefault = "udp") Transport transport) {

    /** As the registry of the XEP and RFC 7064 and 7065 name them. */
    enum Type {
        STUN,
        STUNS,
        TURN,
        TURNS;

        /** Whether only who has credentials is served. */
        boolean isRestricted() {
            return this == TURN || this == TURNS;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What its packets travel in. */
    enum Transport {
        UDP,
        TCP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
