// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.AuthThrottle;
import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.SaslMechanisms;
import im.dunlin.core.auth.SaslOffer;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.auth.StrictText;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stream.Announcement;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * RFC 6120 §6: authentication by SASL in the framing of 2004.
 *
 * <p>Drives a {@link SaslExchange}: credentials are read on the account's lane, passwords hashed on an outside thread, and the
 * stream reads nothing meanwhile. Whatever goes wrong is told in the same words for accounts that exist and that do not.
 */
public final class Sasl implements StreamFeature {
    private static final Name MECHANISMS = Name.of(Ns.SASL, "mechanisms");
    private static final Name MECHANISM = Name.of(Ns.SASL, "mechanism");
    private static final Name AUTH = Name.of(Ns.SASL, "auth");
    private static final Name RESPONSE = Name.of(Ns.SASL, "response");
    private static final Name ABORT = Name.of(Ns.SASL, "abort");
    private static final Name CHALLENGE = Name.of(Ns.SASL, "challenge");
    private static final Name SUCCESS = Name.of(Ns.SASL, "success");
    private static final Name FAILURE = Name.of(Ns.SASL, "failure");
    private static final Name TEXT = Name.of(Ns.SASL, "text");

    private static final Name BINDING_TYPES = Name.of("urn:xmpp:sasl-cb:0", "sasl-channel-binding");
    private static final Name BINDING_TYPE = Name.of("urn:xmpp:sasl-cb:0", "channel-binding");

    private static final SessionKey<Attempts> ATTEMPTS = new SessionKey<>("sasl.attempts");

    /** What a stream has tried, and the exchange that is under way. On the event loop. */
    private static final class Attempts {
        final SaslOffer offer;

        @Nullable
        SaslExchange exchange;

        @Nullable
        BareJid account;

        int exchanges;
        int failures;

        Attempts(SaslOffer offer) {
            this.offer = offer;
        }
    }

    private final SaslMechanisms mechanisms;
    private final CredentialSource credentials;
    private final AuthThrottle throttle;
    private final int failuresPerStream;

    public Sasl(SaslMechanisms mechanisms, CredentialSource credentials, AuthThrottle throttle, int failuresPerStream) {
        this.mechanisms = mechanisms;
        this.credentials = credentials;
        this.throttle = throttle;
        this.failuresPerStream = failuresPerStream;
    }

    @Override
    public Set<StreamTrait> needs() {
        return EnumSet.of(StreamTrait.SECURE);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return EnumSet.of(StreamTrait.AUTHENTICATED);
    }

    @Override
    public Set<Name> requests() {
        return Set.of(AUTH, RESPONSE, ABORT);
    }

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        ElementBuilder offered = Element.builder(MECHANISMS);
        for (String mechanism : attempts(stream).offer.mechanisms()) {
            offered.child(MECHANISM, mechanism);
        }
        return offered.build();
    }

    /** What was offered is settled when it is first asked for: the exchange vouches for exactly that (XEP-0474). */
    private Attempts attempts(Negotiation stream) {
        Attempts attempts = stream.remembered(ATTEMPTS);
        if (attempts == null) {
            attempts = new Attempts(mechanisms.offer(stream.domain(), stream.tls()));
            stream.remember(ATTEMPTS, attempts);
        }
        return attempts;
    }

    /** XEP-0440: which channel bindings the -PLUS mechanisms of this very connection can use. */
    public StreamFeature channelBindingTypes() {
        return new Announcement(needs(), forbids(), stream -> {
            List<String> types = attempts(stream).offer.bindingTypes();
            if (types.isEmpty()) {
                return null;
            }
            ElementBuilder offered = Element.builder(BINDING_TYPES);
            types.forEach(type -> offered.child(Element.of(BINDING_TYPE).attr("type", type)));
            return offered.build();
        });
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        Attempts attempts = attempts(stream);
        if (request.is(AUTH)) {
            return begin(stream, attempts, request);
        }
        SaslExchange exchange = attempts.exchange;
        if (exchange == null) {
            return failed(attempts, SaslCondition.MALFORMED_REQUEST, "no exchange is under way", stream, false);
        }
        if (request.is(ABORT)) {
            return failed(attempts, SaslCondition.ABORTED, "", stream, false);
        }
        byte[] response = StrictText.base64(request.text());
        return response == null
                ? failed(attempts, SaslCondition.INCORRECT_ENCODING, "base64 is wanted", stream, false)
                : step(stream, attempts, exchange.respond(response));
    }

    private Step begin(Negotiation stream, Attempts attempts, Element auth) {
        if (++attempts.exchanges > AuthThrottle.EXCHANGES_PER_STREAM) {
            return new Step.Close(null, StreamError.of(StreamError.Condition.POLICY_VIOLATION));
        }
        String mechanism = auth.attr("mechanism");
        SaslExchange exchange = mechanism == null ? null : attempts.offer.begin(mechanism);
        if (exchange == null) {
            return failed(attempts, SaslCondition.INVALID_MECHANISM, "that was not offered", stream, false);
        }
        attempts.exchange = exchange;
        attempts.account = null;
        String text = auth.text();
        byte[] initial = null;
        if (text.equals("=")) {
            // An initial response that is there and empty (RFC 6120 §6.4.2).
            initial = new byte[0];
        } else if (!text.isEmpty()) {
            initial = StrictText.base64(text);
            if (initial == null) {
                return failed(attempts, SaslCondition.INCORRECT_ENCODING, "base64 is wanted", stream, false);
            }
        }
        return step(stream, attempts, exchange.begin(initial));
    }

    /** Turns a step of the exchange into one of the stream. On the event loop. */
    private Step step(Negotiation stream, Attempts attempts, SaslStep step) {
        if (step instanceof SaslStep.Challenge challenge) {
            return new Step.Reply(Element.of(CHALLENGE, base64(challenge.data())));
        }
        if (step instanceof SaslStep.NeedCredentials need) {
            attempts.account = need.account();
            Duration delay = throttle.admit(stream.remoteAddress(), need.account());
            if (delay == null) {
                return failed(attempts, SaslCondition.TEMPORARY_AUTH_FAILURE, "too many failures", stream, false);
            }
            Runnable read = () -> credentials.read(
                    need.account(),
                    found -> stream.loop().execute(() -> {
                        if (stream.isOpen()) {
                            stream.proceed(step(stream, attempts, need.resume().with(found)));
                        }
                    }));
            if (delay.isZero()) {
                read.run();
            } else {
                stream.later(delay, read);
            }
            return new Step.Pending();
        }
        if (step instanceof SaslStep.NeedHash need) {
            try {
                stream.outside().execute(() -> {
                    SaslStep next = need.work().get();
                    stream.loop().execute(() -> {
                        if (stream.isOpen()) {
                            stream.proceed(step(stream, attempts, next));
                        }
                    });
                });
            } catch (RejectedExecutionException e) {
                return failed(attempts, SaslCondition.TEMPORARY_AUTH_FAILURE, "try again later", stream, false);
            }
            return new Step.Pending();
        }
        if (step instanceof SaslStep.Success success) {
            return succeeded(stream, success);
        }
        SaslStep.Failure failure = (SaslStep.Failure) step;
        return failed(attempts, failure.condition(), failure.text(), stream, failure.guess());
    }

    private Step succeeded(Negotiation stream, SaslStep.Success success) {
        throttle.succeeded(stream.remoteAddress(), success.account());
        if (success.upgrade() != null) {
            credentials.upgrade(success.account(), success.upgrade());
        }
        stream.remember(ATTEMPTS, null);
        stream.authenticatedAs(success.account());
        byte[] data = success.additionalData();
        Element answer = data == null ? Element.of(SUCCESS) : Element.of(SUCCESS, base64(data));
        return new Step.Reached(EnumSet.of(StreamTrait.AUTHENTICATED), answer, true, false);
    }

    private Step failed(Attempts attempts, SaslCondition condition, String text, Negotiation stream, boolean guess) {
        attempts.exchange = null;
        if (guess && attempts.account != null) {
            throttle.failed(stream.remoteAddress(), attempts.account);
        }
        ElementBuilder failure = Element.builder(FAILURE).child(Element.of(Name.of(Ns.SASL, condition.element())));
        if (!text.isEmpty()) {
            failure.child(Element.of(TEXT, text).lang("en"));
        }
        if (guess && ++attempts.failures >= failuresPerStream) {
            return new Step.Close(failure.build(), StreamError.of(StreamError.Condition.POLICY_VIOLATION));
        }
        return new Step.Reply(failure.build());
    }

    private static String base64(byte[] data) {
        // Nothing to say is said with an equals sign, since no text would be no data (RFC 6120 §6.4.2).
        return data.length == 0 ? "=" : Base64.getEncoder().encodeToString(data);
    }
}
