// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one stream was offered to authenticate with. Only a mechanism of this list can be begun, and what the SCRAM
 * attribute h vouches for (XEP-0474) is exactly this.
 */
public final class SaslOffer {
    private final String domain;
    private final @Nullable TlsChannel channel;
    private final List<SaslMechanism> mechanisms;
    private final List<String> bindingTypes;
    private final CredentialPolicy policy;

    SaslOffer(String domain, @Nullable TlsChannel channel, List<SaslMechanism> mechanisms, CredentialPolicy policy) {
        this.domain = domain;
        this.channel = channel;
        this.mechanisms = List.copyOf(mechanisms);
        this.policy = policy;
        this.bindingTypes = channel != null && hasChannelBinding() ? channel.bindingTypes() : List.of();
    }

    /** The domain whose accounts may log in on this stream. */
    public String domain() {
        return domain;
    }

    /** The mechanisms' names, strongest first; empty where authentication is not possible yet. */
    public List<String> mechanisms() {
        return mechanisms.stream().map(SaslMechanism::name).toList();
    }

    /**
     * The channel-binding types to announce in {@code <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'/>} (XEP-0440);
     * empty exactly if no -PLUS mechanism is offered, and then the element is left out.
     */
    public List<String> bindingTypes() {
        return bindingTypes;
    }

    /**
     * Of what the server keeps keys, and takes them from clients of accounts that have none (XEP-0480), strongest first. The same
     * for all accounts, so that it tells nothing of any; empty where authentication is not possible yet.
     */
    public List<ScramHash> upgrades() {
        return channel == null ? List.of() : policy.upgrades();
    }

    /** PBKDF2 iterations of new keys. */
    public int iterations() {
        return policy.iterations();
    }

    /**
     * Begins an exchange.
     *
     * @return null if the mechanism was not offered, which is {@link SaslCondition#INVALID_MECHANISM}
     */
    public @Nullable SaslExchange begin(String mechanism) {
        for (SaslMechanism offered : mechanisms) {
            if (offered.name().equals(mechanism)) {
                return offered.begin(this);
            }
        }
        return null;
    }

    boolean hasChannelBinding() {
        return mechanisms.stream().anyMatch(SaslMechanism::needsChannelBinding);
    }

    /** The value of an announced channel-binding type, else null. */
    byte @Nullable [] channelBinding(String type) {
        return channel != null && bindingTypes.contains(type) ? channel.binding(type) : null;
    }

    @Nullable
    String tlsVersionDigits() {
        return channel == null ? null : channel.versionDigits();
    }

    /** XEP-0474 section 5.1: what is hashed. */
    byte[] downgradeProtectionInput() {
        String input = String.join("\u001E", mechanisms().stream().sorted().toList());
        if (!bindingTypes.isEmpty()) {
            input += "\u001F"
                    + String.join("\u001E", bindingTypes.stream().sorted().toList());
        }
        return input.getBytes(StandardCharsets.UTF_8);
    }
}
