// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has to happen next in a {@link SaslExchange}. Whoever drives the exchange sends what is to be sent, fetches what
 * is to be fetched on the thread where that may be done, and carries on from there; until then the peer has nothing to
 * say, and a message from it ends the exchange.
 */
public sealed interface SaslStep {

    /** Send this and hand the peer's answer to {@link SaslExchange#respond}. May be empty. */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Challenge(byte[] data) implements SaslStep {}

    /**
     * Read the credentials of this account where its data is read, and resume with them. Here the driver asks
     * {@link AuthThrottle} whether an attempt on the account may be judged now.
     */
    record NeedCredentials(BareJid account, Resumption resume) implements SaslStep {}

    /** Run this on a thread that may compute for a tenth of a second or more; it returns the next step. */
    record NeedHash(Supplier<SaslStep> work) implements SaslStep {}

    /**
     * The peer is this account.
     *
     * @param additionalData what the mechanism wants sent with the success, or null
     * @param upgrade credentials to be stored in place of the present ones, or null
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Success(
            BareJid account,
            byte @Nullable [] additionalData,
            @Nullable Upgrade upgrade) implements SaslStep {}

    /**
     * The exchange has failed.
     *
     * @param text for the person who debugs the client; says nothing about the account
     * @param guess whether a password or proof was judged and found wrong: only this counts as a failed login (a
     *     channel-binding type that the server lacks does not, or old clients would be locked out)
     */
    record Failure(SaslCondition condition, String text, boolean guess) implements SaslStep {}

    /** Continues an exchange once the account's credentials have been read. */
    @FunctionalInterface
    interface Resumption {
        /**
         * Continues.
         *
         * @param credentials null if there is no such account
         */
        SaslStep with(@Nullable Credentials credentials);
    }

    /**
     * Better keys of the same password, made because the password was seen. To be written only if the stored
     * credentials still equal {@code seen}: the password may have been changed meanwhile.
     */
    record Upgrade(Credentials seen, Credentials replacement) {}
}
