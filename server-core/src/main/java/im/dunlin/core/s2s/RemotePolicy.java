// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.FederationConfig;
import im.dunlin.core.config.FederationConfig.Proof;
import im.dunlin.core.config.RemoteConfig;
import org.jspecify.annotations.Nullable;

/** How each other server is treated. Any thread. */
final class RemotePolicy {
    private final FederationConfig config;

    RemotePolicy(FederationConfig config) {
        this.config = config;
    }

    /** Whether this domain must show a certificate that is valid for it. */
    boolean needsCertificate(String domain) {
        RemoteConfig remote = config.domains().get(domain);
        Proof own = remote == null ? null : remote.authentication();
        return (own == null ? config.authentication() : own) == Proof.CERTIFICATE;
    }

    /** Whether this domain may not send and is sent nothing. */
    boolean isBlocked(String domain) {
        RemoteConfig remote = config.domains().get(domain);
        return remote != null && remote.blocked();
    }

    /** Where the server of this domain is, if DNS is not to be asked: host and port. */
    @Nullable
    String addressOf(String domain) {
        RemoteConfig remote = config.domains().get(domain);
        return remote == null ? null : remote.address();
    }
}
