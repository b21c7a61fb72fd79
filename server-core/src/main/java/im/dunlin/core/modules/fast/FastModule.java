// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.fast;

import im.dunlin.core.auth.AccountState;
import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.auth.TlsChannel;
import im.dunlin.core.config.Setting;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.fast.Token.Slots;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0484: Fast Authentication Streamlining Tokens.
 *
 * <pre>
 * fast-tokens   slot · number · device → the tokens of the device, at most two
 * </pre>
 *
 * <p>A token is good for one account, one device and one mechanism. A password that changes, and an account that goes, take all
 * of them along, except that of the device that changed it. A wrong proof is slowed down as a wrong password is.
 *
 * <p>Early data of TLS is not taken here, so a count is not asked for; one that is given must be greater than the last.
 */
public final class FastModule implements LoginPart, TokensView {
    /** Its name in the configuration. */
    public static final String KEY = "fast";

    private static final String NS = "urn:xmpp:fast:0";
    private static final Name FAST = Name.of(NS, "fast");
    private static final Name MECHANISM = Name.of(NS, "mechanism");
    private static final Name REQUEST_TOKEN = Name.of(NS, "request-token");
    private static final Name TOKEN = Name.of(NS, "token");

    /** Devices of an account that have tokens; another one takes the place of that whose tokens expire first. */
    static final int MAX_DEVICES = 100;

    static final TableSpec<String, Slots> TOKENS = new TableSpec<>("fast-tokens", Shape.POINT, Keys.TEXT, Slots.CODEC);

    /** What a device without tokens is judged by, so that the work is the same. */
    private static final Token NO_TOKEN = new Token("", HashedToken.NONE, 0, 0, 0);

    /** How long tokens are good, and where. */
    public record Options(
            @Setting(says = "How long a token is good.", byDefault = "21d", min = 60)
            Duration lifetime,

            @Setting(says = "The age at which a token that is used is replaced.", byDefault = "1d")
            Duration renewAfter,

            @Setting(
                    says = "Whether clients that cannot bind to the TLS connection, those in browsers, get tokens. Such"
                            + " a token is no weaker than a password sent inside TLS.",
                    byDefault = "true")
            boolean unbound) {}

    private final Setup setup;
    private final Accounts accounts;
    private final Table<String, Slots> tokens;
    private final byte[] secret;

    public FastModule(Setup setup) {
        this.setup = setup;
        accounts = setup.require(Accounts.class);
        tokens = setup.table(TOKENS);
        secret = setup.secret("fast");
        setup.implementing(484, "0.2.0").provide(TokensView.class, this).loginInline(this);
        accounts.whenPasswordChanges(this::passwordChanged);
    }

    private Options options(String domain) {
        return setup.config().host(domain).options(KEY, Options.class);
    }

    @Override
    public int count(Turn turn) {
        return turn.scan(tokens, Range.all(), Direction.FORWARD, MAX_DEVICES + 1)
                .size();
    }

    @Override
    public boolean has(String device, Turn turn) {
        Slots slots = turn.get(tokens, device);
        return slots != null && slots.expires() > Micros.of(turn.now());
    }

    @Override
    public void revoke(String device, Turn turn) {
        turn.delete(tokens, device);
    }

    @Override
    public void revokeAll(Turn turn) {
        turn.deleteAll(tokens);
    }

    private void passwordChanged(Turn turn, @Nullable ClientSession by) {
        String device = by == null ? null : turn.get(by, ClientSession.DEVICE);
        Slots kept = device == null ? null : turn.get(tokens, device);
        turn.deleteAll(tokens);
        if (device != null && kept != null) {
            turn.put(tokens, device, kept);
        }
    }

    // ---- on the stream
    // -----------------------------------------------------------------------------------------------

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        List<HashedToken> offered = offered(stream);
        if (offered.isEmpty()) {
            return null;
        }
        ElementBuilder fast = Element.builder(FAST);
        offered.forEach(mechanism -> fast.child(MECHANISM, mechanism.mechanism()));
        return fast.build();
    }

    private List<HashedToken> offered(Negotiation stream) {
        List<HashedToken> offered = new ArrayList<>(3);
        TlsChannel channel = stream.tls();
        boolean unbound = options(stream.domain()).unbound();
        for (HashedToken mechanism : HashedToken.values()) {
            if (channel != null && mechanism.channelBinding(channel) != null && (mechanism.isBound() || unbound)) {
                offered.add(mechanism);
            }
        }
        return offered;
    }

    @Override
    public @Nullable SaslExchange begin(
            String mechanism, Element authenticate, @Nullable String device, Negotiation stream) {
        HashedToken wanted = HashedToken.of(mechanism);
        Element fast = authenticate.first(FAST);
        TlsChannel channel = stream.tls();
        byte[] binding = wanted == null || channel == null ? null : wanted.channelBinding(channel);
        if (wanted == null
                || binding == null
                || fast == null
                || device == null
                || !offered(stream).contains(wanted)) {
            return null;
        }
        Attempt attempt = new Attempt(wanted, device, binding, fast);
        return new TokenExchange(stream.domain(), attempt::judge);
    }

    // ---- a login with a token
    // ----------------------------------------------------------------------------------------

    /** One proof, and what it is judged by. */
    private final class Attempt {
        private final HashedToken mechanism;
        private final String device;
        private final byte[] binding;
        private final @Nullable Long count;
        private final boolean invalidate;
        private final boolean malformed;

        Attempt(HashedToken mechanism, String device, byte[] binding, Element fast) {
            this.mechanism = mechanism;
            this.device = device;
            this.binding = binding;
            Long given = null;
            boolean logOut = false;
            boolean wrong = false;
            try {
                given = fast.optionalLong("count", 0, Long.MAX_VALUE - 1);
                logOut = fast.optionalBoolean("invalidate", false);
            } catch (StanzaException e) {
                wrong = true;
            }
            this.count = given;
            this.invalidate = logOut;
            this.malformed = wrong;
        }

        SaslStep.Verdict judge(BareJid account, byte[] proof, Turn turn) {
            if (malformed) {
                return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, "not a count", false);
            }
            Slots slots = turn.exists() ? turn.get(tokens, device) : null;
            // The new one first; both in any case, and a stand-in where there is none.
            Token next = slots == null ? null : slots.next();
            Token current = slots == null ? null : slots.current();
            boolean isNext = isProof(proof, next, account);
            boolean isCurrent = isProof(proof, current, account);
            Token token = isNext ? next : isCurrent ? current : null;
            Credentials keys = accounts.find(turn);
            if (token == null || keys == null) {
                return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, "authentication failed", true);
            }
            if (keys.state() != AccountState.ACTIVE) {
                return new SaslStep.Failure(SaslCondition.ACCOUNT_DISABLED, "the account is disabled", false);
            }
            if (token.expires() <= Micros.of(turn.now())) {
                return new SaslStep.Failure(SaslCondition.CREDENTIALS_EXPIRED, "the token has expired", false);
            }
            if (isReplay(token)) {
                return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, "authentication failed", true);
            }
            byte[] answer = hash("Responder", token, account);
            return new SaslStep.Success(account, keys.generation(), answer, null, later -> used(token.id(), later));
        }

        private boolean isProof(byte[] proof, @Nullable Token token, BareJid account) {
            Token judged = token == null ? NO_TOKEN : token;
            boolean equal = MessageDigest.isEqual(proof, hash("Initiator", judged, account));
            return equal && token != null && token.mechanism() == mechanism;
        }

        private byte[] hash(String side, Token token, BareJid account) {
            ByteArrayOutputStream message = new ByteArrayOutputStream();
            message.writeBytes(side.getBytes(StandardCharsets.US_ASCII));
            message.writeBytes(binding);
            byte[] key = token.text(secret, account, device).getBytes(StandardCharsets.US_ASCII);
            return ScramHash.SHA_256.hmac(key, message.toByteArray());
        }

        private boolean isReplay(Token token) {
            return count != null && count <= token.count();
        }

        /** In the turn of the login, where no other login can come between: the token must still be there, and unused so. */
        private void used(String id, Turn turn) {
            Slots slots = turn.get(tokens, device);
            Token next = slots == null ? null : slots.next();
            Token current = slots == null ? null : slots.current();
            boolean isNext = next != null && next.id().equals(id);
            Token token = isNext ? next : current;
            if (token == null || !token.id().equals(id) || isReplay(token)) {
                throw StanzaError.notAuthorized().toException();
            }
            if (invalidate) {
                turn.delete(tokens, device);
                return;
            }
            Token counted = count == null ? token : token.counted(count);
            Slots now = new Slots(counted, isNext ? null : next);
            if (!now.equals(slots)) {
                turn.put(tokens, device, now);
            }
        }
    }

    // ---- new tokens
    // --------------------------------------------------------------------------------------------------

    @Override
    public @Nullable Element apply(Authenticated who, Element authenticate, Turn turn) {
        String device = who.device();
        HashedToken mechanism = device == null ? null : wanted(authenticate, device, turn);
        return device == null || mechanism == null ? null : issue(device, mechanism, turn);
    }

    /** The mechanism for which the device gets a new token, if it gets one. */
    private @Nullable HashedToken wanted(Element authenticate, String device, Turn turn) {
        Options options = options(turn.jid().domain());
        Element request = authenticate.first(REQUEST_TOKEN);
        if (request != null) {
            HashedToken mechanism = HashedToken.of(request.attr("mechanism"));
            return mechanism != null && (mechanism.isBound() || options.unbound()) ? mechanism : null;
        }
        // A token that was used is the current one from then on; one that was invalidated is gone.
        boolean byToken = authenticate.has(FAST) && HashedToken.of(authenticate.attr("mechanism")) != null;
        Slots slots = byToken ? turn.get(tokens, device) : null;
        Token used = slots == null ? null : slots.current();
        if (used == null) {
            return null;
        }
        Duration age = Duration.between(Micros.toInstant(used.issued()), turn.now());
        return age.compareTo(options.renewAfter()) >= 0 ? used.mechanism() : null;
    }

    private Element issue(String device, HashedToken mechanism, Turn turn) {
        Slots slots = turn.get(tokens, device);
        if (slots == null) {
            makeRoom(turn);
            slots = Slots.EMPTY;
        }
        Instant expiry = turn.now().plus(options(turn.jid().domain()).lifetime());
        Token token = new Token(turn.randomId(), mechanism, Micros.of(turn.now()), Micros.of(expiry), -1);
        turn.put(tokens, device, new Slots(slots.current(), token));
        return Element.of(TOKEN)
                .attr("token", token.text(secret, turn.jid(), device))
                .attr("expiry", Delay.format(expiry));
    }

    private void makeRoom(Turn turn) {
        List<Row<String, Slots>> devices = turn.scan(tokens, Range.all(), Direction.FORWARD, MAX_DEVICES);
        if (devices.size() == MAX_DEVICES) {
            Row<String, Slots> first = devices.get(0);
            for (Row<String, Slots> each : devices) {
                first = each.value().expires() < first.value().expires() ? each : first;
            }
            turn.delete(tokens, first.key());
        }
    }
}
