// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.dispatch.Resumption;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0198: Stream Management, the part that is spoken on the stream. Counts and queues are the session's ({@link
 * im.dunlin.core.session.Outbound}), its life is {@link Sessions}'.
 *
 * <p>It is accepted in every stream, since what comes too early is to be answered with {@code <failed/>} (§3).
 */
public final class StreamManagement implements StreamFeature {
    private static final Name SM = Name.of(Ns.STREAM_MANAGEMENT, "sm");
    private static final Name ENABLE = Name.of(Ns.STREAM_MANAGEMENT, "enable");
    private static final Name RESUME = Name.of(Ns.STREAM_MANAGEMENT, "resume");
    private static final Name REQUEST = Name.of(Ns.STREAM_MANAGEMENT, "r");
    private static final Name ACKNOWLEDGEMENT = Name.of(Ns.STREAM_MANAGEMENT, "a");
    private static final Element OFFER = Element.of(SM);

    /** What was to be said is said already, in its place among the stanzas. */
    private static final Step DONE = new Step.Reached(EnumSet.noneOf(StreamTrait.class), null, false, false);

    private final Sessions sessions;

    public StreamManagement(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public Set<StreamTrait> needs() {
        return EnumSet.noneOf(StreamTrait.class);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return EnumSet.noneOf(StreamTrait.class);
    }

    @Override
    public @Nullable Element advertise(Negotiation stream) {
        ClientSession session = stream.session();
        return stream.account() != null
                        && (session == null || !session.outbound().isManaged())
                ? OFFER
                : null;
    }

    @Override
    public Set<Name> requests() {
        return Set.of(ENABLE, RESUME, REQUEST, ACKNOWLEDGEMENT);
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        ClientSession session = stream.session();
        if (request.is(ENABLE)) {
            return session == null
                    ? failed(StanzaError.Condition.UNEXPECTED_REQUEST)
                    : enable(session, stream, request);
        }
        if (request.is(RESUME)) {
            Authenticated who = stream.authenticated();
            return who == null || session != null
                    ? failed(StanzaError.Condition.UNEXPECTED_REQUEST)
                    : resume(who, stream, request);
        }
        if (session == null || !session.outbound().isManaged()) {
            return failed(StanzaError.Condition.UNEXPECTED_REQUEST);
        }
        if (request.is(REQUEST)) {
            sessions.acknowledge(session, stream.wire());
            return DONE;
        }
        return acknowledged(session, stream, request);
    }

    private static Step failed(StanzaError.Condition condition) {
        return new Step.Reply(Sessions.failed(condition));
    }

    private Step enable(ClientSession session, Negotiation stream, Element request) {
        sessions.enable(
                session,
                stream.wire(),
                request,
                failed -> stream.proceed(failed == null ? DONE : new Step.Reply(failed)));
        return new Step.Pending();
    }

    private Step resume(Authenticated who, Negotiation stream, Element request) {
        sessions.resume(who, request, stream.wire(), outcome -> stream.loop().execute(() -> resumed(outcome, stream)));
        return new Step.Pending();
    }

    private void resumed(Resumption outcome, Negotiation stream) {
        if (outcome instanceof Resumption.Resumed resumed) {
            if (stream.isOpen()) {
                stream.boundAs(resumed.session());
                stream.proceed(new Step.Reached(EnumSet.of(StreamTrait.BOUND), resumed.resumed(), false, false));
            } else {
                // This connection went as well before it had the session.
                sessions.connectionLost(resumed.session(), stream.wire());
            }
        } else if (outcome instanceof Resumption.Failed failed) {
            stream.wire().release();
            stream.proceed(new Step.Reply(failed.failed()));
        } else if (outcome instanceof Resumption.Impossible impossible) {
            stream.proceed(new Step.Close(null, impossible.error()));
        }
    }

    private static Step acknowledged(ClientSession session, Negotiation stream, Element request) {
        Long h = Sessions.count(request);
        if (h == null) {
            return new Step.Close(null, StreamError.of(StreamError.Condition.BAD_FORMAT));
        }
        return session.outbound().acknowledge(stream.wire(), h)
                ? DONE
                : new Step.Close(null, Sessions.tooHigh(h, session.outbound()));
    }
}
