// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.IqFeature;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** RFC 6120 §7: resource binding. */
public final class Bind implements IqFeature {
    private static final Name BIND = Name.of(Ns.BIND, "bind");
    private static final Name RESOURCE = Name.of(Ns.BIND, "resource");
    private static final Name JID = Name.of(Ns.BIND, "jid");
    private static final Element OFFER = Element.of(BIND);

    private final Sessions sessions;

    public Bind(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public Set<StreamTrait> needs() {
        return EnumSet.of(StreamTrait.SECURE, StreamTrait.AUTHENTICATED);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return EnumSet.of(StreamTrait.BOUND);
    }

    @Override
    public Element advertise(Negotiation stream) {
        return OFFER;
    }

    @Override
    public Set<Name> requests() {
        return Set.of(BIND);
    }

    @Override
    public Step negotiate(Negotiation stream, Iq request) {
        if (request.type() != Iq.Type.SET) {
            return new Step.Reply(IqFeature.element(request.error(StanzaError.badRequest())));
        }
        Authenticated who = Objects.requireNonNull(stream.authenticated());
        String resource = request.request().text(RESOURCE);
        sessions.bind(
                who, resource == null || resource.isEmpty() ? null : resource, stream.wire(), (session, error) -> {
                    if (session != null) {
                        // By the session's own way out and at once, so that nothing sent to the session comes before
                        // it.
                        stream.wire()
                                .write(request.result(Element.of(BIND)
                                        .child(JID, session.jid().toString())));
                    }
                    stream.loop().execute(() -> bound(stream, request, session, error));
                });
        return new Step.Pending();
    }

    private void bound(Negotiation stream, Iq request, @Nullable ClientSession session, @Nullable StanzaError error) {
        if (session == null) {
            StanzaError refusal = Objects.requireNonNullElse(error, StanzaError.internalServerError());
            stream.proceed(new Step.Reply(IqFeature.element(request.error(refusal))));
        } else if (!stream.isOpen()) {
            // The connection went while the session was made: it must not stay as a ghost.
            sessions.connectionLost(session, stream.wire());
        } else {
            stream.boundAs(session);
            stream.proceed(new Step.Reached(EnumSet.of(StreamTrait.BOUND), null, false, false));
        }
    }
}
