// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.ScramKey;
import java.util.List;

/** How clients prove who they are. */
public record Authentication(
        @Setting(
                says = "SASL mechanisms, best first. A SCRAM mechanism includes its -PLUS form wherever the"
                        + " connection has a channel binding; PLAIN is offered inside TLS only.",
                byDefault = "scram-sha-512, scram-sha-256, scram-sha-1, plain")
        List<OfferedMechanism> mechanisms,

        @Setting(
                says = "Rounds of PBKDF2 for newly stored passwords; an older account is upgraded when its password"
                        + " is next seen.",
                byDefault = "100000",
                min = CredentialPolicy.MIN_ITERATIONS,
                max = ScramKey.MAX_ITERATIONS)
        int scramIterations)
        implements Checked {

    public Authentication {
        mechanisms = List.copyOf(mechanisms);
    }

    @Override
    public void check(Report report) {
        if (mechanisms.isEmpty()) {
            report.wrong("mechanisms", "at least one mechanism is needed, or nobody can log in");
        }
    }
}
