// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import java.util.List;
import java.util.function.Function;
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

    /**
     * Have the proof judged in a turn of the account, whether or not there is one of that name. The exchange ends with that: if the
     * peer is the account, its login may go on in the same turn. {@link AuthThrottle} is asked as for {@link NeedCredentials}.
     */
    record NeedTurn(BareJid account, Function<Turn, Verdict> judge) implements SaslStep {}

    /** Run this on a thread that may compute for a tenth of a second or more; it returns the next step. */
    record NeedHash(Supplier<SaslStep> work) implements SaslStep {}

    /** How an exchange ends. */
    sealed interface Verdict extends SaslStep {}

    /**
     * The peer is this account.
     *
     * @param generation of the account's password when it was judged ({@link Credentials#generation})
     * @param additionalData what the mechanism wants sent with the success, or null
     * @param upgrade credentials to be stored in place of the present ones, or null
     * @param settle runs in the turn of the login, before anything else; throws a stanza error if what was proven no longer
     *     holds; or null
     * @param lacking of what the account has no key and its client, which has just proven the password, can make one; strongest
     *     first
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Success(
            BareJid account,
            long generation,
            byte @Nullable [] additionalData,
            @Nullable Upgrade upgrade,
            @Nullable TurnBody settle,
            List<ScramHash> lacking)
            implements Verdict {
        public Success {
            lacking = List.copyOf(lacking);
        }

        /** Of a mechanism that is not about the password, or that has shown it. */
        public Success(
                BareJid account,
                long generation,
                byte @Nullable [] additionalData,
                @Nullable Upgrade upgrade,
                @Nullable TurnBody settle) {
            this(account, generation, additionalData, upgrade, settle, List.of());
        }
    }

    /**
     * The exchange has failed.
     *
     * @param text for the person who debugs the client; says nothing about the account
     * @param guess whether a password or proof was judged and found wrong: only this counts as a failed login (a
     *     channel-binding type that the server lacks does not, or old clients would be locked out)
     */
    record Failure(SaslCondition condition, String text, boolean guess) implements Verdict {}

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
