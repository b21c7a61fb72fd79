// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mechanisms of a virtual host, and which of them a connection is offered: none without TLS, the -PLUS forms where
 * the connection can be bound. In order of strength, since clients without an opinion take the first they know:
 * SCRAM over SHA-512, SHA-256 and SHA-1 with channel binding, the same without, then PLAIN.
 */
public final class SaslMechanisms {
    /** The names that a configuration may list; the -PLUS forms come with their mechanism. */
    public static final List<String> NAMES = List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN");

    private static final List<ScramHash> STRONGEST_FIRST =
            List.of(ScramHash.SHA_512, ScramHash.SHA_256, ScramHash.SHA_1);

    private final CredentialPolicy policy;
    private final List<SaslMechanism> mechanisms;

    /** Those for connections that nothing can be bound to. */
    private final List<SaslMechanism> unbound;

    /**
     * @param enabled a selection of {@link #NAMES}
     * @param policy by which the host's credentials are made
     * @param secret at least 32 random octets, the same after a restart: what unknown accounts seem to have is derived
     *     from it
     * @throws IllegalArgumentException if a name is unknown or none is given
     */
    public SaslMechanisms(Set<String> enabled, CredentialPolicy policy, byte[] secret, SecureRandom random) {
        for (String name : enabled) {
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException(
                        "mechanisms: " + name + " (expected: some of " + String.join(", ", NAMES) + ")");
            }
        }
        if (enabled.isEmpty()) {
            throw new IllegalArgumentException("mechanisms: none (expected: at least one)");
        }
        this.policy = policy;
        List<SaslMechanism> mechanisms = new ArrayList<>();
        UnknownAccounts unknown = new UnknownAccounts(secret, policy.iterations());
        for (boolean plus : new boolean[] {true, false}) {
            for (ScramHash hash : STRONGEST_FIRST) {
                if (enabled.contains(hash.mechanism())) {
                    mechanisms.add(new ScramMechanism(hash, plus, unknown, random));
                }
            }
        }
        if (enabled.contains(PlainMechanism.NAME)) {
            mechanisms.add(new PlainMechanism(policy, unknown, random));
        }
        this.mechanisms = List.copyOf(mechanisms);
        this.unbound = mechanisms.stream()
                .filter(mechanism -> !mechanism.needsChannelBinding())
                .toList();
    }

    /**
     * What to offer on a stream.
     *
     * @param domain the virtual host
     * @param channel the TLS connection below the stream; null if there is none, and then nothing is offered
     */
    public SaslOffer offer(String domain, @Nullable TlsChannel channel) {
        if (channel == null) {
            return new SaslOffer(domain, null, List.of(), policy);
        }
        return new SaslOffer(domain, channel, channel.bindingTypes().isEmpty() ? unbound : mechanisms, policy);
    }
}
