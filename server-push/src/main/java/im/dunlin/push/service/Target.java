// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import org.jspecify.annotations.Nullable;

/**
 * A device that registered for pushes. It names tokens and the secret, so its text form has none of them.
 *
 * @param publisher the domain that may publish to it
 * @param account who registered it
 * @param app of the configuration
 * @param token for what is shown; null once its provider said that it reaches nobody
 * @param callToken for calls, if the app has one
 * @param fingerprint by which the app knows the account; null for Tigase's, which are told it
 * @param channel by which the app knows the room whose messages it is woken for; null for those of the account
 * @param secret what a publish must know; null for Tigase's clients, which know the node alone
 * @param registered when the tokens were last sent, in microseconds
 */
record Target(
        Dialect dialect,
        String publisher,
        String account,
        String app,
        @Nullable String token,
        @Nullable String callToken,
        @Nullable String fingerprint,
        @Nullable String channel,
        @Nullable String secret,
        long registered) {

    /** Whose words the client used. The ordinals are on disk. */
    enum Dialect {
        CONVERSATIONS,
        TIGASE
    }

    static final ValueCodec<Target> VALUE = Values.versioned(
            1,
            (out, target) -> out.u8(target.dialect().ordinal())
                    .text(target.publisher())
                    .text(target.account())
                    .text(target.app())
                    .nullableText(target.token())
                    .nullableText(target.callToken())
                    .nullableText(target.fingerprint())
                    .nullableText(target.channel())
                    .nullableText(target.secret())
                    .fixed64(target.registered()),
            in -> new Target(
                    dialect(in.u8()),
                    in.text(),
                    in.text(),
                    in.text(),
                    in.nullableText(),
                    in.nullableText(),
                    in.nullableText(),
                    in.nullableText(),
                    in.nullableText(),
                    in.fixed64()));

    private static Dialect dialect(int ordinal) {
        if (ordinal >= Dialect.values().length) {
            throw new CorruptionException("dialect " + ordinal);
        }
        return Dialect.values()[ordinal];
    }

    Target withTokens(@Nullable String alert, @Nullable String call) {
        return new Target(dialect, publisher, account, app, alert, call, fingerprint, channel, secret, registered);
    }

    @Override
    public String toString() {
        return "device of " + account + " for " + app;
    }
}
