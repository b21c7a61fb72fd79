// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.security.SecureRandom;

/**
 * Where a test with random input begins: anew in each run, unless {@code -Ddunlin.seed} names a run that failed. CI names one
 * that its sources determine, so that what has passed passes again.
 */
public final class Seed {
    private Seed() {}

    public static long next() {
        return Long.getLong("dunlin.seed", new SecureRandom().nextLong());
    }
}
