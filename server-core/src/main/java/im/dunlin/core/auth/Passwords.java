// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** Makes credentials of passwords where tenths of a second may be spent on it: neither on a lane nor on an event loop. */
public final class Passwords {
    private final CredentialPolicy policy;
    private final SecureRandom random;
    private final Executor outside;

    /** @param outside refuses when too much waits */
    public Passwords(CredentialPolicy policy, SecureRandom random, Executor outside) {
        this.policy = policy;
        this.random = random;
        this.outside = outside;
    }

    /**
     * Makes credentials of an active account.
     *
     * @param password {@linkplain Credentials#preparedPassword prepared}
     * @param then called on an outside thread
     * @return false if too much waits already; nothing is made then
     */
    public boolean hash(String password, Consumer<Credentials> then) {
        try {
            outside.execute(() -> then.accept(Credentials.ofPassword(password, policy, random)));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }
}
