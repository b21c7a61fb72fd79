// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import im.dunlin.core.modules.registration.Registrations.Invitation;
import im.dunlin.core.modules.registration.Registrations.Invitations;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.IqFeature;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** XEP-0445: a token that is shown before registration lets it happen where it would not, for this stream. */
final class PreAuthFeature implements IqFeature {
    /** The invitation that the stream has shown. */
    static final SessionKey<Invitation> INVITATION = new SessionKey<>("registration.invitation");

    private static final SessionKey<Integer> WRONG = new SessionKey<>("registration.wrong-tokens");
    private static final Element OFFER = Element.of(Name.of("urn:xmpp:ibr-token:0", "register"));
    private static final Name PREAUTH = Name.of("urn:xmpp:pars:0", "preauth");

    /** Nobody mistypes a link more often. */
    private static final int MAX_WRONG = 3;

    private static final int MAX_TOKEN_CHARS = 128;

    private final Invitations invitations;

    PreAuthFeature(Invitations invitations) {
        this.invitations = invitations;
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
        return invitations.areOn(stream.domain()) ? OFFER : null;
    }

    @Override
    public Set<Name> requests() {
        return Set.of(PREAUTH);
    }

    @Override
    public Step negotiate(Negotiation stream, Iq request) {
        if (!invitations.areOn(stream.domain())) {
            return RegistrationFeature.refuse(request, StanzaError.serviceUnavailable());
        }
        String token = request.request().attr("token");
        if (request.type() != Iq.Type.SET || token == null) {
            return RegistrationFeature.refuse(request, StanzaError.badRequest());
        }
        if (token.length() > MAX_TOKEN_CHARS) {
            return wrong(stream, request);
        }
        invitations.find(
                stream.domain(),
                token,
                found -> stream.later(Duration.ZERO, () -> {
                    if (found == null) {
                        stream.proceed(wrong(stream, request));
                    } else {
                        stream.remember(INVITATION, found);
                        stream.proceed(RegistrationFeature.reply(request.result()));
                    }
                }));
        return new Step.Pending();
    }

    private static Step wrong(Negotiation stream, Iq request) {
        int wrong = Objects.requireNonNullElse(stream.remembered(WRONG), 0) + 1;
        stream.remember(WRONG, wrong);
        StanzaError error = StanzaError.itemNotFound().withText("the invitation is invalid or has expired");
        Element answer = IqFeature.element(RegistrationQuery.refusal(request, error));
        return wrong < MAX_WRONG
                ? new Step.Reply(answer)
                : new Step.Close(answer, StreamError.of(StreamError.Condition.POLICY_VIOLATION));
    }
}
