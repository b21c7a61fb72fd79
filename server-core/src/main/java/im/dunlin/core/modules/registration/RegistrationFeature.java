// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Accounts.Outcome;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.auth.RegistrationThrottle;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Registration;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.jid.MixedScripts;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.registration.Registrations.Invitation;
import im.dunlin.core.modules.registration.Registrations.Invitations;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stream.IqFeature;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0077 §3.1.1: an account is made on a stream on which nobody has logged in; over TLS only, and only where it is on or by who
 * was invited.
 */
final class RegistrationFeature implements IqFeature {
    private static final Element OFFER = Element.of(Name.of("http://jabber.org/features/iq-register", "register"));

    private final String key;
    private final Setup setup;
    private final Accounts accounts;
    private final Passwords passwords;
    private final Map<String, RegistrationThrottle> throttles = new ConcurrentHashMap<>();
    private @Nullable Invitations invitations;

    /** @param key the module's, by which a host may have turned it off */
    RegistrationFeature(String key, Setup setup, Accounts accounts, Passwords passwords) {
        this.key = key;
        this.setup = setup;
        this.accounts = accounts;
        this.passwords = passwords;
    }

    void invitedBy(Invitations given) {
        invitations = given;
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
    public @Nullable Element advertise(Negotiation stream) {
        return isOpen(stream) || takesTokens(stream) ? OFFER : null;
    }

    @Override
    public Set<Name> requests() {
        return Set.of(RegistrationQuery.QUERY);
    }

    private boolean isOpen(Negotiation stream) {
        HostConfig host = setup.config().host(stream.domain());
        return host.registration().enabled() && host.hasModule(key);
    }

    private boolean takesTokens(Negotiation stream) {
        return invitations != null && invitations.areOn(stream.domain());
    }

    @Override
    public Step negotiate(Negotiation stream, Iq request) {
        Invitation invitation = stream.remembered(PreAuthFeature.INVITATION);
        if (!isOpen(stream) && invitation == null) {
            return refuse(
                    request,
                    takesTokens(stream)
                            ? StanzaError.notAllowed().withText("an invitation is needed")
                            : StanzaError.serviceUnavailable());
        }
        if (request.type() == Iq.Type.GET) {
            return reply(request.result(RegistrationQuery.form()));
        }
        try {
            Element query = request.request();
            if (query.has(RegistrationQuery.REMOVE)) {
                return refuse(request, StanzaError.unexpectedRequest("log in to remove an account"));
            }
            String username = RegistrationQuery.username(query);
            if (username == null) {
                return refuse(request, StanzaError.notAcceptable().withText("a user name is needed"));
            }
            String password = RegistrationQuery.password(query);
            BareJid account = BareJid.of(username, stream.domain());
            if (MixedScripts.areIn(Objects.requireNonNull(account.local()))) {
                return refuse(request, StanzaError.notAcceptable().withText("letters of different scripts"));
            }
            String only = invitation == null ? null : invitation.username();
            if (only != null && !only.equals(account.local())) {
                return refuse(request, StanzaError.notAcceptable().withText("the invitation is for " + only));
            }
            if (setup.config().isAdmin(account) && only == null) {
                return refuse(request, StanzaError.conflict());
            }
            if (only != null || invitations == null) {
                find(stream, request, account, password);
            } else {
                invitations.isKept(account, kept -> {
                    if (kept) {
                        stream.proceed(refuse(request, StanzaError.conflict()));
                    } else {
                        find(stream, request, account, password);
                    }
                });
            }
            return new Step.Pending();
        } catch (StanzaException e) {
            return refuse(request, e.error());
        } catch (JidException e) {
            return refuse(request, StanzaError.notAcceptable().withText("no user name: " + e.getMessage()));
        }
    }

    /** In a turn of the name: whether it is free, before anybody computes for it. */
    private void find(Negotiation stream, Iq request, BareJid account, String password) {
        Invitation invitation = stream.remembered(PreAuthFeature.INVITATION);
        if (invitation != null) {
            // Each is good for one account: nothing else need be bounded.
            if (!passwords.hash(
                    password,
                    keys -> invitation.register(account, keys, outcome -> stream.proceed(created(request, outcome))))) {
                stream.proceed(refuse(request, tooMany()));
            }
            return;
        }
        Registration limits = setup.config().host(stream.domain()).registration();
        RegistrationThrottle throttle =
                throttles.computeIfAbsent(stream.domain(), domain -> new RegistrationThrottle());
        setup.submit(account, turn -> {
            StanzaError error = throttle.admit(stream.remoteAddress(), limits, turn.now())
                    ? error(accounts.mayCreate(turn))
                    : tooMany();
            turn.afterwards(() -> {
                if (error != null) {
                    stream.proceed(refuse(request, error));
                } else if (!throttle.take(stream.remoteAddress(), limits)
                        || !passwords.hash(password, keys -> create(stream, request, account, keys))) {
                    stream.proceed(refuse(request, tooMany()));
                }
            });
        });
    }

    private static Step created(Iq request, @Nullable Outcome outcome) {
        StanzaError error = outcome == null
                ? StanzaError.notAllowed().withText("the invitation was used meanwhile")
                : error(outcome);
        return error == null ? reply(request.result()) : refuse(request, error);
    }

    private void create(Negotiation stream, Iq request, BareJid account, Credentials keys) {
        accounts.create(account, keys).whenComplete((outcome, failure) -> {
            StanzaError error = failure != null ? StanzaError.internalServerError() : error(outcome);
            stream.proceed(error == null ? reply(request.result()) : refuse(request, error));
        });
    }

    private static @Nullable StanzaError error(Outcome outcome) {
        return switch (outcome) {
            case DONE -> null;
            // A reserved name is as taken as any other; whose it was is nobody's business.
            case TAKEN, RESERVED -> StanzaError.conflict();
            case UNKNOWN, NO_ACCOUNT_NAME -> StanzaError.notAcceptable();
        };
    }

    private static StanzaError tooMany() {
        return StanzaError.resourceConstraint("too many registrations, try later");
    }

    static Step refuse(Iq request, StanzaError error) {
        return reply(RegistrationQuery.refusal(request, error));
    }

    static Step reply(Iq answer) {
        return new Step.Reply(IqFeature.element(answer));
    }
}
