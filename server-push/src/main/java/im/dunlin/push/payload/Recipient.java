// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a notice is written for: what an encoder has to know of a registration.
 *
 * @param account whose device it is
 * @param node the registration's name, which the device knows
 * @param secret of the registration; conversations are hidden by it
 * @param key without one nothing can be encrypted
 * @param locale of texts that the server writes; null to let the app translate
 * @param isPlainTextWanted the account asked that a device without a key gets texts in the clear
 */
public record Recipient(
        BareJid account,
        String node,
        byte[] secret,
        @Nullable ClientKey key,
        Set<Capability> capabilities,
        @Nullable Locale locale,
        boolean isPlainTextWanted) {
    public Recipient {
        if (secret.length == 0) {
            throw new IllegalArgumentException("without a secret nothing is hidden");
        }
        capabilities = Set.copyOf(capabilities);
    }

    /** Whether texts and names may stand in the clear. */
    boolean mayReadPlainly() {
        return key == null && isPlainTextWanted;
    }

    boolean can(Capability capability) {
        return capabilities.contains(capability);
    }

    /** The node is a secret of the device's (it may be its token), and so are the keys. */
    @Override
    public String toString() {
        return "a device of " + account;
    }
}
