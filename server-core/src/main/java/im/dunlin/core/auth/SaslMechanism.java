// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

/** A SASL mechanism that the server can offer. Stateless: one instance serves every stream. */
public interface SaslMechanism {

    /** The registered name, for example {@code SCRAM-SHA-256-PLUS}. */
    String name();

    /** Whether the mechanism can only be offered where the TLS channel can be bound. */
    boolean needsChannelBinding();

    /** Starts an exchange on the stream to which this was offered. */
    SaslExchange begin(SaslOffer offer);
}
