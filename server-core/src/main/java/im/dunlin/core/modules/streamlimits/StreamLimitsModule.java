// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.streamlimits;

import im.dunlin.core.config.Limits;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.Set;

/**
 * XEP-0478: Stream Limits Advertisement. How long an element may be, which is less before the login, and after which silence the
 * server asks for a sign of life.
 */
public final class StreamLimitsModule implements StreamFeature {
    private static final String NS = "urn:xmpp:stream-limits:0";
    private static final Name LIMITS = Name.of(NS, "limits");

    private final Limits limits;

    public StreamLimitsModule(Setup setup) {
        limits = setup.config().limits();
        setup.implementing(478, "0.2.0").streamFeature(this);
    }

    @Override
    public Set<StreamTrait> needs() {
        return Set.of(StreamTrait.SECURE);
    }

    @Override
    public Set<StreamTrait> forbids() {
        return Set.of();
    }

    @Override
    public Element advertise(Negotiation stream) {
        boolean known = stream.traits().contains(StreamTrait.AUTHENTICATED);
        int bytes = known ? limits.stanza().bytes() : limits.beforeLogin().bytes();
        return Element.of(LIMITS)
                .child(Name.of(NS, "max-bytes"), Integer.toString(bytes))
                .child(
                        Name.of(NS, "idle-seconds"),
                        Long.toString(limits.timeouts().idle().toSeconds()));
    }

    @Override
    public Set<Name> requests() {
        return Set.of();
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        return new Step.Close(null, StreamError.of(StreamError.Condition.UNSUPPORTED_STANZA_TYPE));
    }
}
