// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Which keys are made of a password, and how slowly.
 *
 * <p>One number of iterations serves all hashes on purpose: whoever steals the store attacks the cheapest key in it, so
 * a smaller number for SHA-1 would lower the price of all. The default of 100,000 costs the client about 0.05 s once
 * (clients keep the salted password), is ten times what XEP-0438 asks for, and stays below what clients in interpreted
 * languages give up on.
 *
 * @param hashes the mechanisms that an account can use; never empty
 * @param iterations PBKDF2 iterations of new keys, 4,096 (RFC 5802 section 5.1) to {@link ScramKey#MAX_ITERATIONS}
 */
public record CredentialPolicy(Set<ScramHash> hashes, int iterations) {
    public static final int DEFAULT_ITERATIONS = 100_000;
    public static final int MIN_ITERATIONS = 4_096;

    public static final CredentialPolicy DEFAULT =
            new CredentialPolicy(EnumSet.allOf(ScramHash.class), DEFAULT_ITERATIONS);

    public CredentialPolicy {
        if (hashes.isEmpty()) {
            throw new IllegalArgumentException("hashes: none (expected: at least one)");
        }
        if (iterations < MIN_ITERATIONS || iterations > ScramKey.MAX_ITERATIONS) {
            throw new IllegalArgumentException("iterations: " + iterations + " (expected: " + MIN_ITERATIONS + " to "
                    + ScramKey.MAX_ITERATIONS + ")");
        }
        hashes = Collections.unmodifiableSet(EnumSet.copyOf(hashes));
    }

    /** What is worth a key of its own where an account has none, strongest first: everything but SHA-1. */
    List<ScramHash> upgrades() {
        return hashes.stream()
                .filter(hash -> hash != ScramHash.SHA_1)
                .sorted(Comparator.comparing(ScramHash::length).reversed())
                .toList();
    }

    /** The hash against which a password is checked; the same choice for accounts that do not exist. */
    ScramHash checkedFirst() {
        return hashes.contains(ScramHash.SHA_256)
                ? ScramHash.SHA_256
                : hashes.iterator().next();
    }
}
