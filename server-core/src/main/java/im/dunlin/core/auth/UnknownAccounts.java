// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys for accounts that do not exist, so that a stranger meets the same challenge, the same work and the same failure
 * as with one that does. The salt of a name is the same each time it is asked for, also after a restart and on every
 * node that has the secret.
 */
final class UnknownAccounts {
    private static final int SALT_LENGTH = 16;

    private final byte[] secret;
    private final int iterations;

    UnknownAccounts(byte[] secret, int iterations) {
        if (secret.length < 32) {
            throw new IllegalArgumentException("secret: " + secret.length + " octets (expected: at least 32)");
        }
        this.secret = secret.clone();
        this.iterations = iterations;
    }

    ScramKey key(BareJid account, ScramHash hash) {
        byte[] salt = Arrays.copyOf(derive(ScramHash.SHA_256, "salt", account, hash), SALT_LENGTH);
        return new ScramKey(
                hash,
                iterations,
                salt,
                derive(hash, "stored key", account, hash),
                derive(hash, "server key", account, hash));
    }

    private byte[] derive(ScramHash with, String purpose, BareJid account, ScramHash of) {
        // No part can contain a zero octet, so no two inputs are the same.
        String input = purpose + '\0' + of.mechanism() + '\0' + account;
        return with.hmac(secret, input.getBytes(StandardCharsets.UTF_8));
    }
}
