// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import im.dunlin.core.auth.TlsChannel;
import org.jspecify.annotations.Nullable;

/** The mechanisms of one step that prove the knowledge of a token (SASL-HT), by what they bind it to. */
enum HashedToken {
    EXPR("HT-SHA-256-EXPR", "tls-exporter"),
    ENDP("HT-SHA-256-ENDP", "tls-server-end-point"),
    NONE("HT-SHA-256-NONE", null);

    private static final byte[] NOTHING = {};

    private final String mechanism;
    private final @Nullable String bindingType;

    HashedToken(String mechanism, @Nullable String bindingType) {
        this.mechanism = mechanism;
        this.bindingType = bindingType;
    }

    String mechanism() {
        return mechanism;
    }

    boolean isBound() {
        return bindingType != null;
    }

    /** What a proof on this connection has to include; null if the connection cannot be bound so. */
    byte @Nullable [] channelBinding(TlsChannel channel) {
        return bindingType == null ? NOTHING : channel.binding(bindingType);
    }

    static @Nullable HashedToken of(@Nullable String mechanism) {
        for (HashedToken known : values()) {
            if (known.mechanism.equals(mechanism)) {
                return known;
            }
        }
        return null;
    }
}
