// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslExchange;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.dispatch.Logins;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.LoginPart;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.ConfigVersion;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0388: authentication by SASL with whatever else the client wants in the same request. The stream does not restart; what is
 * asked for beside the authentication is done by {@link Logins} when it has succeeded, and its answers stand in {@code
 * <success/>}.
 */
public final class Sasl2 implements StreamFeature {
    private static final Name AUTHENTICATION = Name.of(Ns.SASL2, "authentication");
    private static final Name MECHANISM = Name.of(Ns.SASL2, "mechanism");
    private static final Name INLINE = Name.of(Ns.SASL2, "inline");
    private static final Name AUTHENTICATE = Name.of(Ns.SASL2, "authenticate");
    private static final Name INITIAL_RESPONSE = Name.of(Ns.SASL2, "initial-response");
    private static final Name USER_AGENT = Name.of(Ns.SASL2, "user-agent");
    private static final Name RESPONSE = Name.of(Ns.SASL2, "response");
    private static final Name ABORT = Name.of(Ns.SASL2, "abort");
    private static final Name CHALLENGE = Name.of(Ns.SASL2, "challenge");
    private static final Name SUCCESS = Name.of(Ns.SASL2, "success");
    private static final Name ADDITIONAL_DATA = Name.of(Ns.SASL2, "additional-data");
    private static final Name AUTHORIZATION_IDENTIFIER = Name.of(Ns.SASL2, "authorization-identifier");
    private static final Name FAILURE = Name.of(Ns.SASL2, "failure");
    private static final Name TEXT = Name.of(Ns.SASL2, "text");

    private static final Set<Name> EXCHANGE = Set.of(RESPONSE, ABORT);
    private static final Set<Name> BEFORE_TASK = Set.of(UpgradeTasks.NEXT, ABORT);
    private static final Set<Name> IN_TASK = Set.of(UpgradeTasks.TASK_DATA, ABORT);

    private static final SessionKey<Upgrading> UPGRADING = new SessionKey<>("sasl2.upgrading");

    private static final Element SM = Element.of(Name.of(Ns.STREAM_MANAGEMENT, "sm"));
    private static final Name BIND = Name.of(Ns.BIND2, "bind");
    private static final Name BIND_INLINE = Name.of(Ns.BIND2, "inline");
    private static final Name FEATURE = Name.of(Ns.BIND2, "feature");

    private static final SaslStep.Failure FROM_SOMEBODY_ELSE =
            new SaslStep.Failure(SaslCondition.INVALID_AUTHZID, "the stream is from somebody else", false);

    private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

    private final SaslNegotiation negotiation;
    private final ModuleRegistry modules;
    private final Logins logins;
    private final Sessions sessions;
    private final Accounts accounts;
    private final SecureRandom random = new SecureRandom();

    public Sasl2(SaslNegotiation negotiation, ModuleRegistry modules, Logins logins, Sessions sessions) {
        this.negotiation = negotiation;
        this.modules = modules;
        this.logins = logins;
        this.sessions = sessions;
        this.accounts = modules.provided(Accounts.class);
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
        return Set.of(AUTHENTICATE, RESPONSE, ABORT, UpgradeTasks.NEXT, UpgradeTasks.TASK_DATA);
    }

    /** XEP-0388 §2.3: whoever sends anything else meanwhile is disconnected. */
    @Override
    public Set<Name> awaited(Negotiation stream) {
        Upgrading upgrading = stream.remembered(UPGRADING);
        if (upgrading != null) {
            return upgrading.tasks.isUnderWay() ? IN_TASK : BEFORE_TASK;
        }
        return negotiation.awaitsResponse(stream, Request.class) ? EXCHANGE : Set.of();
    }

    @Override
    public Element advertise(Negotiation stream) {
        ElementBuilder offered = Element.builder(AUTHENTICATION);
        negotiation.offer(stream).mechanisms().forEach(mechanism -> offered.child(MECHANISM, mechanism));
        ElementBuilder bindInline = Element.builder(BIND_INLINE);
        modules.bindFeatures(stream.domain())
                .forEach(feature -> bindInline.child(Element.of(FEATURE).attr("var", feature)));
        ElementBuilder inline =
                Element.builder(INLINE).child(SM).child(Element.of(BIND).child(bindInline.build()));
        modules.loginParts(stream.domain()).forEach(part -> inline.childIfPresent(part.advertise(stream)));
        offered.child(inline.build());
        UpgradeTasks.advertise(negotiation.offer(stream), offered);
        return offered.build();
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        if (request.is(AUTHENTICATE)) {
            return begin(stream, request);
        }
        Upgrading upgrading = stream.remembered(UPGRADING);
        if (upgrading != null) {
            return upgrading.step(stream, request);
        }
        Request none = new Request(request, null, null);
        return request.is(ABORT) ? negotiation.abort(stream, none) : negotiation.respond(stream, none, request.text());
    }

    private Step begin(Negotiation stream, Element authenticate) {
        Element agent = authenticate.first(USER_AGENT);
        String id = agent == null ? null : agent.attr("id");
        String device = id == null ? null : id.toLowerCase(Locale.ROOT);
        Request request = new Request(authenticate, device, ConfigVersion.mismatch(authenticate, stream));
        String mechanism = authenticate.attr("mechanism");
        if (mechanism == null) {
            return negotiation.refuse(stream, request, SaslCondition.MALFORMED_REQUEST, "a mechanism is wanted");
        }
        if (device != null && !UUID.matcher(device).matches()) {
            return negotiation.refuse(stream, request, SaslCondition.MALFORMED_REQUEST, "the id is no UUID");
        }
        if (request.mismatch != null) {
            return negotiation.refuse(stream, request, SaslCondition.ABORTED, "the features are other ones now");
        }
        SaslExchange exchange = negotiation.offer(stream).begin(mechanism);
        for (LoginPart part : modules.loginParts(stream.domain())) {
            exchange = exchange != null ? exchange : part.begin(mechanism, authenticate, device, stream);
        }
        return negotiation.begin(stream, request, exchange, authenticate.text(INITIAL_RESPONSE));
    }

    /** One {@code <authenticate/>}. */
    private final class Request implements SaslFraming {
        private final Element authenticate;
        private final @Nullable String device;
        private final @Nullable Element mismatch;

        Request(Element authenticate, @Nullable String device, @Nullable Element mismatch) {
            this.authenticate = authenticate;
            this.device = device;
            this.mismatch = mismatch;
        }

        @Override
        public Element challenge(byte[] data) {
            return Element.of(CHALLENGE, base64(data));
        }

        @Override
        public Element failure(SaslCondition condition, String text) {
            ElementBuilder failure = Element.builder(FAILURE).child(Element.of(Name.of(Ns.SASL, condition.element())));
            if (!text.isEmpty()) {
                failure.child(TEXT, text);
            }
            if (condition == SaslCondition.ABORTED) {
                failure.childIfPresent(mismatch);
            }
            return failure.build();
        }

        @Override
        public void judge(Negotiation stream, SaslStep.NeedTurn need) {
            boolean isFromOther = isFromOther(stream, need.account());
            logIn(stream, need.account(), turn -> {
                SaslStep.Verdict verdict = need.judge().apply(turn);
                return isFromOther && verdict instanceof SaslStep.Success ? FROM_SOMEBODY_ELSE : verdict;
            });
        }

        private static boolean isFromOther(Negotiation stream, BareJid account) {
            Jid from = stream.from();
            return from != null && !from.bare().equals(account);
        }

        @Override
        public Step succeeded(Negotiation stream, SaslStep.Success success) {
            if (isFromOther(stream, success.account())) {
                return negotiation.failed(stream, FROM_SOMEBODY_ELSE);
            }
            UpgradeTasks tasks = new UpgradeTasks(authenticate, success.lacking(), negotiation.offer(stream), random);
            if (tasks.isDone()) {
                return logIn(stream, success);
            }
            stream.remember(UPGRADING, new Upgrading(this, success, tasks));
            return new Step.Reply(tasks.goOn(success.additionalData()));
        }

        Step logIn(Negotiation stream, SaslStep.Success success) {
            logIn(stream, success.account(), turn -> success);
            return new Step.Pending();
        }

        private void logIn(Negotiation stream, BareJid account, Function<Turn, SaslStep.Verdict> judge) {
            logins.login(
                    account,
                    device,
                    stream.wire(),
                    authenticate,
                    judge,
                    outcome -> stream.loop().execute(() -> done(stream, outcome)));
        }

        private void done(Negotiation stream, Logins.Outcome outcome) {
            if (outcome instanceof Logins.Outcome.Done done) {
                negotiation.proven(stream, done.proof());
                if (stream.isOpen()) {
                    stream.proceed(success(stream, done));
                } else if (done.session() != null) {
                    // The connection went while the session was made: it must not stay as a ghost.
                    sessions.connectionLost(done.session(), stream.wire());
                }
            } else if (outcome instanceof Logins.Outcome.Unproven unproven) {
                stream.wire().release();
                stream.proceed(negotiation.failed(stream, unproven.failure()));
            } else if (outcome instanceof Logins.Outcome.Refused refused) {
                stream.wire().release();
                stream.proceed(refused(stream, refused.error()));
            } else if (outcome instanceof Logins.Outcome.Impossible impossible) {
                stream.proceed(new Step.Close(null, impossible.error()));
            }
        }

        private Step success(Negotiation stream, Logins.Outcome.Done done) {
            Authenticated who = done.who();
            EnumSet<StreamTrait> reached = EnumSet.of(StreamTrait.AUTHENTICATED);
            ClientSession session = done.session();
            stream.authenticatedAs(who);
            if (session != null) {
                stream.boundAs(session);
                reached.add(StreamTrait.BOUND);
            }
            ElementBuilder answer = Element.builder(SUCCESS);
            byte[] data = done.proof().additionalData();
            if (data != null) {
                answer.child(ADDITIONAL_DATA, base64(data));
            }
            answer.child(
                    AUTHORIZATION_IDENTIFIER,
                    session == null ? who.account().toString() : session.jid().toString());
            answer.children(done.answers());
            // A resumed stream is where it was: it is told no features (XEP-0198 §9.2).
            return new Step.Reached(reached, answer.build(), false, !done.resumed());
        }

        private Step refused(Negotiation stream, StanzaError error) {
            return switch (error.condition()) {
                case RESOURCE_CONSTRAINT ->
                    negotiation.failed(stream, SaslCondition.TEMPORARY_AUTH_FAILURE, "too many sessions");
                case INTERNAL_SERVER_ERROR ->
                    negotiation.failed(stream, SaslCondition.TEMPORARY_AUTH_FAILURE, "try again later");
                default -> negotiation.failed(stream, SaslCondition.NOT_AUTHORIZED, "authentication failed");
            };
        }
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    /**
     * A login whose client makes keys first. XEP-0388 §4.8: who has been told to continue cannot begin again, so that what goes
     * wrong ends the stream.
     */
    private final class Upgrading {
        private final Request request;
        private final SaslStep.Success success;
        private final UpgradeTasks tasks;

        Upgrading(Request request, SaslStep.Success success, UpgradeTasks tasks) {
            this.request = request;
            this.success = success;
            this.tasks = tasks;
        }

        Step step(Negotiation stream, Element from) {
            if (from.is(ABORT)) {
                return ended(SaslCondition.ABORTED, "");
            }
            if (!tasks.isUnderWay()) {
                Element data = tasks.begin(from);
                return data == null
                        ? ended(SaslCondition.MALFORMED_REQUEST, "another task is due")
                        : new Step.Reply(data);
            }
            if (!tasks.finish(from)) {
                return ended(SaslCondition.MALFORMED_REQUEST, "not a salted password");
            }
            if (!tasks.isDone()) {
                return new Step.Reply(tasks.goOn(null));
            }
            stream.remember(UPGRADING, null);
            return request.logIn(
                    stream,
                    new SaslStep.Success(
                            success.account(),
                            success.generation(),
                            null,
                            null,
                            turn -> accounts.addKeys(turn, tasks.made())));
        }

        private Step ended(SaslCondition condition, String text) {
            return new Step.Close(
                    request.failure(condition, text), StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
        }
    }
}
