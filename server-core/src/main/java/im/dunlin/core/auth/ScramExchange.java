// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static im.dunlin.core.auth.SaslCondition.ACCOUNT_DISABLED;
import static im.dunlin.core.auth.SaslCondition.INVALID_AUTHZID;
import static im.dunlin.core.auth.SaslCondition.MALFORMED_REQUEST;
import static im.dunlin.core.auth.SaslCondition.NOT_AUTHORIZED;

import im.dunlin.core.auth.SaslStep.Challenge;
import im.dunlin.core.auth.SaslStep.Failure;
import im.dunlin.core.auth.SaslStep.NeedCredentials;
import im.dunlin.core.auth.SaslStep.Success;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SCRAM (RFC 5802 sections 5 to 7).
 *
 * <p>client-first → credentials → server-first → client-final → server-final. Everything in client-first that has
 * nothing to do with the password is judged before the account is looked at; in client-final everything is judged
 * together, so that nothing tells which part was wrong.
 */
final class ScramExchange implements SaslExchange {
    private static final int NONCE_OCTETS = 24;

    private enum Awaiting {
        CLIENT_FIRST,
        CREDENTIALS,
        CLIENT_FINAL,
        NOTHING
    }

    private final ScramHash hash;
    private final boolean plus;
    private final SaslOffer offer;
    private final UnknownAccounts unknown;
    private final SecureRandom random;

    private Awaiting awaiting = Awaiting.CLIENT_FIRST;
    private @Nullable Proceeding proceeding;

    /** What client-final is judged by. */
    private record Proceeding(
            BareJid account,
            @Nullable Credentials credentials,
            ScramKey key,
            String channelBinding,
            String nonce,
            String authMessageStart) {}

    ScramExchange(ScramHash hash, boolean plus, SaslOffer offer, UnknownAccounts unknown, SecureRandom random) {
        this.hash = hash;
        this.plus = plus;
        this.offer = offer;
        this.unknown = unknown;
        this.random = random;
    }

    @Override
    public SaslStep begin(byte @Nullable [] initialResponse) {
        return initialResponse == null ? new Challenge(new byte[0]) : respond(initialResponse);
    }

    @Override
    public SaslStep respond(byte[] response) {
        Awaiting now = awaiting;
        awaiting = Awaiting.NOTHING;
        return switch (now) {
            case CLIENT_FIRST -> clientFirst(response);
            case CLIENT_FINAL -> clientFinal(response);
            case CREDENTIALS, NOTHING -> throw new IllegalStateException("no message is due");
        };
    }

    private SaslStep clientFirst(byte[] octets) {
        ScramClientFirst message = ScramClientFirst.parse(octets);
        if (message == null) {
            return new Failure(MALFORMED_REQUEST, "not a client-first-message", false);
        }
        if (message.hasMandatoryExtension()) {
            return new Failure(NOT_AUTHORIZED, "extensions-not-supported", false);
        }
        String channelBinding = expectedChannelBinding(message);
        if (channelBinding == null) {
            return bindingFailure(message);
        }
        BareJid account;
        try {
            account = BareJid.of(message.username(), offer.domain());
        } catch (JidException e) {
            return new Failure(NOT_AUTHORIZED, "invalid-username-encoding", false);
        }
        if (!Authzid.permits(message.authzid(), account)) {
            return new Failure(INVALID_AUTHZID, "the account may only act as itself", false);
        }
        awaiting = Awaiting.CREDENTIALS;
        return new NeedCredentials(account, credentials -> serverFirst(message, channelBinding, account, credentials));
    }

    /** The value that the attribute c must have, or null if the client's wish about channel binding is refused. */
    private @Nullable String expectedChannelBinding(ScramClientFirst message) {
        byte[] binding;
        if (message.bindingFlag() == 'p') {
            binding = plus ? offer.channelBinding(message.bindingType()) : null;
        } else {
            // With y the client believes that we cannot bind: if we offered it, someone removed the offer on its way.
            boolean deceived = message.bindingFlag() == 'y' && offer.hasChannelBinding();
            binding = plus || deceived ? null : new byte[0];
        }
        if (binding == null) {
            return null;
        }
        ByteArrayOutputStream input = new ByteArrayOutputStream();
        input.writeBytes(message.gs2Header().getBytes(StandardCharsets.UTF_8));
        input.writeBytes(binding);
        return Base64.getEncoder().encodeToString(input.toByteArray());
    }

    private SaslStep bindingFailure(ScramClientFirst message) {
        String text = switch (message.bindingFlag()) {
            case 'p' -> plus ? "unsupported-channel-binding-type" : "channel-binding-not-supported";
            case 'y' -> "server-does-support-channel-binding";
            default -> "a -PLUS mechanism needs channel binding";
        };
        return new Failure(NOT_AUTHORIZED, text, false);
    }

    private SaslStep serverFirst(
            ScramClientFirst first, String channelBinding, BareJid account, @Nullable Credentials credentials) {
        if (awaiting != Awaiting.CREDENTIALS) {
            throw new IllegalStateException("no credentials are due");
        }
        ScramKey own = credentials == null ? null : credentials.key(hash);
        // An account without a key for this hash cannot be told from one that does not exist either.
        ScramKey key = own != null ? own : unknown.key(account, hash);
        byte[] random192 = new byte[NONCE_OCTETS];
        random.nextBytes(random192);
        Base64.Encoder base64 = Base64.getEncoder();
        String nonce = first.nonce() + base64.encodeToString(random192);
        StringBuilder serverFirst = new StringBuilder(256)
                .append("r=")
                .append(nonce)
                .append(",s=")
                .append(base64.encodeToString(key.salt()))
                .append(",i=")
                .append(key.iterations())
                .append(",h=")
                .append(base64.encodeToString(hash.hash(offer.downgradeProtectionInput())));
        String version = offer.tlsVersionDigits();
        if (version != null) {
            serverFirst.append(",t=").append(version);
        }
        proceeding = new Proceeding(
                account,
                own == null ? null : credentials,
                key,
                channelBinding,
                nonce,
                first.bare() + "," + serverFirst + ",");
        awaiting = Awaiting.CLIENT_FINAL;
        return new Challenge(serverFirst.toString().getBytes(StandardCharsets.UTF_8));
    }

    private SaslStep clientFinal(byte[] octets) {
        Proceeding due = proceeding;
        if (due == null) {
            throw new IllegalStateException("client-final before server-first");
        }
        ScramClientFinal message = ScramClientFinal.parse(octets);
        if (message == null) {
            return new Failure(MALFORMED_REQUEST, "not a client-final-message", false);
        }
        byte[] authMessage = (due.authMessageStart() + message.withoutProof()).getBytes(StandardCharsets.UTF_8);
        boolean bound = equalInConstantTime(message.channelBinding(), due.channelBinding());
        boolean fresh = equalInConstantTime(message.nonce(), due.nonce());
        boolean proved = due.key().isProvedBy(message.proof(), authMessage);
        Credentials credentials = due.credentials();
        if (!bound || !fresh || !proved || credentials == null) {
            return new Failure(NOT_AUTHORIZED, "authentication failed", true);
        }
        if (credentials.state() != AccountState.ACTIVE) {
            return new Failure(ACCOUNT_DISABLED, "the account is disabled", false);
        }
        byte[] signature = due.key().serverSignature(authMessage);
        String serverFinal = "v=" + Base64.getEncoder().encodeToString(signature);
        return new Success(
                due.account(),
                credentials.generation(),
                serverFinal.getBytes(StandardCharsets.UTF_8),
                null,
                null,
                offer.upgrades().stream()
                        .filter(wanted -> credentials.key(wanted) == null)
                        .toList());
    }

    private static boolean equalInConstantTime(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }
}
