// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.security.SecureRandom;

/** SCRAM (RFC 5802) over one hash, with or without channel binding. */
final class ScramMechanism implements SaslMechanism {
    private final ScramHash hash;
    private final boolean plus;
    private final UnknownAccounts unknown;
    private final SecureRandom random;

    ScramMechanism(ScramHash hash, boolean plus, UnknownAccounts unknown, SecureRandom random) {
        this.hash = hash;
        this.plus = plus;
        this.unknown = unknown;
        this.random = random;
    }

    @Override
    public String name() {
        return plus ? hash.mechanism() + "-PLUS" : hash.mechanism();
    }

    @Override
    public boolean needsChannelBinding() {
        return plus;
    }

    @Override
    public SaslExchange begin(SaslOffer offer) {
        return new ScramExchange(hash, plus, offer, unknown, random);
    }
}
