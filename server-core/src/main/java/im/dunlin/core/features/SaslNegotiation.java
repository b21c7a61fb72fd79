// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Accounts;
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
import im.dunlin.core.stream.StreamFeature.Step;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Authentication by SASL, however it is written into the stream: what {@link Sasl} and {@link Sasl2} share, so that a client
 * gains no attempt by changing between them.
 *
 * <p>Drives a {@link SaslExchange}: credentials are read on the account's lane, passwords hashed on an outside thread, and the
 * stream reads nothing meanwhile. Whatever goes wrong is told in the same words for accounts that exist and that do not.
 */
public final class SaslNegotiation {
    private static final Logger log = LoggerFactory.getLogger(SaslNegotiation.class);

    private static final Name BINDING_TYPES = Name.of("urn:xmpp:sasl-cb:0", "sasl-channel-binding");
    private static final Name BINDING_TYPE = Name.of("urn:xmpp:sasl-cb:0", "channel-binding");

    private static final SessionKey<Attempts> ATTEMPTS = new SessionKey<>("sasl.attempts");

    /** What a stream has tried, and the exchange that is under way. On the event loop. */
    private static final class Attempts {
        final SaslOffer offer;

        @Nullable
        SaslExchange exchange;

        @Nullable
        SaslFraming framing;

        @Nullable
        BareJid account;

        int exchanges;
        int failures;

        Attempts(SaslOffer offer) {
            this.offer = offer;
        }
    }

    private final Function<String, SaslMechanisms> mechanisms;
    private final Accounts accounts;
    private final AuthThrottle throttle;
    private final int failuresPerStream;

    /** @param mechanisms those of a host */
    public SaslNegotiation(
            Function<String, SaslMechanisms> mechanisms,
            Accounts accounts,
            AuthThrottle throttle,
            int failuresPerStream) {
        this.mechanisms = mechanisms;
        this.accounts = accounts;
        this.throttle = throttle;
        this.failuresPerStream = failuresPerStream;
    }

    /** What was offered is settled when it is first asked for: the exchange vouches for exactly that (XEP-0474). */
    private Attempts attempts(Negotiation stream) {
        Attempts attempts = stream.remembered(ATTEMPTS);
        if (attempts == null) {
            attempts = new Attempts(mechanisms.apply(stream.domain()).offer(stream.domain(), stream.tls()));
            stream.remember(ATTEMPTS, attempts);
        }
        return attempts;
    }

    /** The mechanisms that this stream is offered, strongest first. */
    SaslOffer offer(Negotiation stream) {
        return attempts(stream).offer;
    }

    /** XEP-0440: which channel bindings the -PLUS mechanisms of this very connection can use. */
    public StreamFeature channelBindingTypes() {
        return new Announcement(EnumSet.of(StreamTrait.SECURE), EnumSet.of(StreamTrait.AUTHENTICATED), stream -> {
            List<String> types = offer(stream).bindingTypes();
            if (types.isEmpty()) {
                return null;
            }
            ElementBuilder offered = Element.builder(BINDING_TYPES);
            types.forEach(type -> offered.child(Element.of(BINDING_TYPE).attr("type", type)));
            return offered.build();
        });
    }

    // ---- what the client sends
    // ---------------------------------------------------------------------------------------

    /**
     * Begins an exchange; one that is under way ends.
     *
     * @param exchange null if there is no such mechanism here
     * @param initial base64 of the initial response; null if there is none
     */
    Step begin(Negotiation stream, SaslFraming framing, @Nullable SaslExchange exchange, @Nullable String initial) {
        Attempts attempts = attempts(stream);
        attempts.account = null;
        if (exchange == null) {
            return refuse(stream, framing, SaslCondition.INVALID_MECHANISM, "that was not offered");
        }
        if (++attempts.exchanges > AuthThrottle.EXCHANGES_PER_STREAM) {
            return new Step.Close(null, StreamError.of(StreamError.Condition.POLICY_VIOLATION));
        }
        attempts.framing = framing;
        attempts.exchange = exchange;
        byte[] response = null;
        if (initial != null) {
            response = StrictText.base64(initial);
            if (response == null) {
                return failed(stream, SaslCondition.INCORRECT_ENCODING, "base64 is wanted");
            }
        }
        return step(stream, attempts, exchange.begin(response));
    }

    /** Refuses a request to begin that cannot be understood; it counts as an exchange. */
    Step refuse(Negotiation stream, SaslFraming framing, SaslCondition condition, String text) {
        Attempts attempts = attempts(stream);
        if (++attempts.exchanges > AuthThrottle.EXCHANGES_PER_STREAM) {
            return new Step.Close(null, StreamError.of(StreamError.Condition.POLICY_VIOLATION));
        }
        attempts.framing = framing;
        return failed(stream, condition, text);
    }

    /** Goes on with an exchange that was begun in the same framing. @param response base64 */
    Step respond(Negotiation stream, SaslFraming ifNone, String response) {
        Attempts attempts = attempts(stream);
        SaslExchange exchange = attempts.exchange;
        if (exchange == null || !isUnderWay(attempts, ifNone)) {
            return noneUnderWay(stream, attempts, ifNone);
        }
        byte[] data = StrictText.base64(response);
        return data == null
                ? failed(stream, SaslCondition.INCORRECT_ENCODING, "base64 is wanted")
                : step(stream, attempts, exchange.respond(data));
    }

    Step abort(Negotiation stream, SaslFraming ifNone) {
        Attempts attempts = attempts(stream);
        return isUnderWay(attempts, ifNone)
                ? failed(stream, SaslCondition.ABORTED, "")
                : noneUnderWay(stream, attempts, ifNone);
    }

    /** Whether an exchange in this framing is under way. */
    boolean awaitsResponse(Negotiation stream, Class<? extends SaslFraming> framing) {
        Attempts attempts = stream.remembered(ATTEMPTS);
        return attempts != null && attempts.exchange != null && framing.isInstance(attempts.framing);
    }

    private static boolean isUnderWay(Attempts attempts, SaslFraming framing) {
        return attempts.exchange != null
                && attempts.framing != null
                && attempts.framing.getClass() == framing.getClass();
    }

    private Step noneUnderWay(Negotiation stream, Attempts attempts, SaslFraming framing) {
        attempts.framing = framing;
        return failed(stream, SaslCondition.MALFORMED_REQUEST, "no exchange is under way");
    }

    // ---- what comes of it
    // --------------------------------------------------------------------------------------------

    /** Turns a step of the exchange into one of the stream. On the event loop. */
    private Step step(Negotiation stream, Attempts attempts, SaslStep step) {
        if (step instanceof SaslStep.Challenge challenge) {
            return new Step.Reply(framing(attempts).challenge(challenge.data()));
        }
        if (step instanceof SaslStep.NeedCredentials need) {
            return ask(
                    stream,
                    attempts,
                    need.account(),
                    () -> accounts.find(need.account())
                            .whenComplete((found, failed) ->
                                    goOn(stream, attempts, () -> need.resume().with(failed == null ? found : null))));
        }
        if (step instanceof SaslStep.NeedTurn need) {
            SaslFraming framing = framing(attempts);
            return ask(stream, attempts, need.account(), () -> framing.judge(stream, need));
        }
        if (step instanceof SaslStep.NeedHash need) {
            try {
                stream.outside().execute(() -> {
                    SaslStep next = need.work().get();
                    goOn(stream, attempts, () -> next);
                });
            } catch (RejectedExecutionException e) {
                return failed(stream, SaslCondition.TEMPORARY_AUTH_FAILURE, "try again later");
            }
            return new Step.Pending();
        }
        if (step instanceof SaslStep.Success success) {
            return succeeded(stream, attempts, success);
        }
        return failed(stream, (SaslStep.Failure) step);
    }

    /** Goes to the account, if an attempt at it may be judged now, and when. */
    private Step ask(Negotiation stream, Attempts attempts, BareJid account, Runnable question) {
        attempts.account = account;
        Duration delay = throttle.admit(stream.remoteAddress(), account);
        if (delay == null) {
            return failed(stream, SaslCondition.TEMPORARY_AUTH_FAILURE, "too many failures");
        }
        if (delay.isZero()) {
            question.run();
        } else {
            stream.later(delay, question);
        }
        return new Step.Pending();
    }

    private void goOn(Negotiation stream, Attempts attempts, Supplier<SaslStep> next) {
        stream.loop().execute(() -> {
            if (stream.isOpen()) {
                stream.proceed(step(stream, attempts, next.get()));
            }
        });
    }

    private static SaslFraming framing(Attempts attempts) {
        return Objects.requireNonNull(attempts.framing);
    }

    private Step succeeded(Negotiation stream, Attempts attempts, SaslStep.Success success) {
        attempts.exchange = null;
        proven(stream, success);
        if (success.upgrade() != null) {
            accounts.upgrade(success.account(), success.upgrade()).exceptionally(e -> {
                log.warn("The keys of {} could not be upgraded: {}", success.account(), e.getMessage());
                return null;
            });
        }
        return framing(attempts).succeeded(stream, success);
    }

    /** What went wrong before is forgotten. */
    void proven(Negotiation stream, SaslStep.Success success) {
        throttle.succeeded(stream.remoteAddress(), success.account());
    }

    /** Fails the exchange that is under way, for a reason that is no guess. */
    Step failed(Negotiation stream, SaslCondition condition, String text) {
        return failed(stream, new SaslStep.Failure(condition, text, false));
    }

    /** Fails the exchange that is under way. */
    Step failed(Negotiation stream, SaslStep.Failure why) {
        Attempts attempts = attempts(stream);
        attempts.exchange = null;
        if (why.guess() && attempts.account != null) {
            throttle.failed(stream.remoteAddress(), attempts.account);
        }
        Element failure = framing(attempts).failure(why.condition(), why.text());
        if (why.guess() && ++attempts.failures >= failuresPerStream) {
            return new Step.Close(failure, StreamError.of(StreamError.Condition.POLICY_VIOLATION));
        }
        return new Step.Reply(failure);
    }
}
