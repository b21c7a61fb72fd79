// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static im.dunlin.core.auth.SaslCondition.ACCOUNT_DISABLED;
import static im.dunlin.core.auth.SaslCondition.INVALID_AUTHZID;
import static im.dunlin.core.auth.SaslCondition.MALFORMED_REQUEST;
import static im.dunlin.core.auth.SaslCondition.NOT_AUTHORIZED;

import im.dunlin.core.auth.SaslStep.Challenge;
import im.dunlin.core.auth.SaslStep.Failure;
import im.dunlin.core.auth.SaslStep.NeedCredentials;
import im.dunlin.core.auth.SaslStep.NeedHash;
import im.dunlin.core.auth.SaslStep.Success;
import im.dunlin.core.auth.SaslStep.Upgrade;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * PLAIN (RFC 4616). The client shows its password, so keys that fall short of the policy are made anew on the occasion.
 */
final class PlainMechanism implements SaslMechanism {
    static final String NAME = "PLAIN";

    private final CredentialPolicy policy;
    private final UnknownAccounts unknown;
    private final SecureRandom random;

    PlainMechanism(CredentialPolicy policy, UnknownAccounts unknown, SecureRandom random) {
        this.policy = policy;
        this.unknown = unknown;
        this.random = random;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean needsChannelBinding() {
        return false;
    }

    @Override
    public SaslExchange begin(SaslOffer offer) {
        return new SaslExchange() {
            @Override
            public SaslStep begin(byte @Nullable [] initialResponse) {
                return initialResponse == null ? new Challenge(new byte[0]) : respond(initialResponse);
            }

            @Override
            public SaslStep respond(byte[] response) {
                return judge(response, offer.domain());
            }
        };
    }

    private SaslStep judge(byte[] message, String domain) {
        String text = StrictText.utf8(message);
        // authzid NUL authcid NUL passwd: the password cannot contain the separator, so there are never four.
        String[] fields = text == null ? new String[0] : text.split("\0", -1);
        if (fields.length != 3 || fields[1].isEmpty() || fields[2].isEmpty()) {
            return new Failure(MALFORMED_REQUEST, "not a PLAIN message", false);
        }
        BareJid account;
        try {
            account = BareJid.of(fields[1], domain);
        } catch (JidException e) {
            return new Failure(NOT_AUTHORIZED, "authentication failed", false);
        }
        String password = Credentials.preparedPassword(fields[2]);
        if (password == null) {
            return new Failure(NOT_AUTHORIZED, "authentication failed", false);
        }
        if (!Authzid.permits(fields[0], account)) {
            return new Failure(INVALID_AUTHZID, "the account may only act as itself", false);
        }
        return new NeedCredentials(account, credentials -> new NeedHash(() -> check(account, password, credentials)));
    }

    private SaslStep check(BareJid account, String password, @Nullable Credentials credentials) {
        ScramKey key = credentials == null ? unknown.key(account, policy.checkedFirst()) : credentials.keyFor(policy);
        boolean right = key.isOfPassword(password);
        if (!right || credentials == null) {
            return new Failure(NOT_AUTHORIZED, "authentication failed", true);
        }
        if (credentials.state() != AccountState.ACTIVE) {
            return new Failure(ACCOUNT_DISABLED, "the account is disabled", false);
        }
        if (credentials.satisfies(policy)) {
            return new Success(account, credentials.generation(), null, null, null);
        }
        Credentials better = Credentials.ofPassword(password, policy, random).withGeneration(credentials.generation());
        return new Success(account, credentials.generation(), null, new Upgrade(credentials, better), null);
    }
}
