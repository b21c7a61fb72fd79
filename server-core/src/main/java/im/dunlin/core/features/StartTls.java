// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.EnumSet;
import java.util.Set;

/** RFC 6120 §5: STARTTLS, always required: nothing else is offered before it, and a login before it is refused as such. */
public final class StartTls implements StreamFeature {
    private static final Name STARTTLS = Name.of(Ns.TLS, "starttls");
    private static final Element OFFER = Element.of(STARTTLS).child(Element.of(Name.of(Ns.TLS, "required")));
    private static final Element PROCEED = Element.of(Name.of(Ns.TLS, "proceed"));

    private static final Name AUTH = Name.of(Ns.SASL, "auth");
    private static final Element REFUSAL =
            Element.of(Name.of(Ns.SASL, "failure")).child(Element.of(Name.of(Ns.SASL, "encryption-required")));

    @Override
    public Set<StreamTrait> needs() {
        return Set.of();
    }

    @Override
    public Set<StreamTrait> forbids() {
        return EnumSet.of(StreamTrait.SECURE);
    }

    @Override
    public Element advertise(Negotiation stream) {
        return OFFER;
    }

    @Override
    public Set<Name> requests() {
        return Set.of(STARTTLS, AUTH);
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        return request.is(AUTH) ? new Step.Reply(REFUSAL) : new Step.BeginTls(PROCEED);
    }
}
