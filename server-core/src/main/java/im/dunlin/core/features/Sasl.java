// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.features;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.SaslCondition;
import im.dunlin.core.auth.SaslStep;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamFeature;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;

/** RFC 6120 §6: authentication by SASL in the framing of 2004. */
public final class Sasl implements StreamFeature, SaslFraming {
    private static final Name MECHANISMS = Name.of(Ns.SASL, "mechanisms");
    private static final Name MECHANISM = Name.of(Ns.SASL, "mechanism");
    private static final Name AUTH = Name.of(Ns.SASL, "auth");
    private static final Name RESPONSE = Name.of(Ns.SASL, "response");
    private static final Name ABORT = Name.of(Ns.SASL, "abort");
    private static final Name CHALLENGE = Name.of(Ns.SASL, "challenge");
    private static final Name SUCCESS = Name.of(Ns.SASL, "success");
    private static final Name FAILURE = Name.of(Ns.SASL, "failure");
    private static final Name TEXT = Name.of(Ns.SASL, "text");

    private final SaslNegotiation negotiation;

    public Sasl(SaslNegotiation negotiation) {
        this.negotiation = negotiation;
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
    public Element advertise(Negotiation stream) {
        ElementBuilder offered = Element.builder(MECHANISMS);
        negotiation.offer(stream).mechanisms().forEach(mechanism -> offered.child(MECHANISM, mechanism));
        return offered.build();
    }

    @Override
    public Step negotiate(Negotiation stream, Element request) {
        String text = request.text();
        if (request.is(ABORT)) {
            return negotiation.abort(stream, this);
        }
        // Data that is there and empty is written as an equals sign (RFC 6120 §6.4.2).
        String data = text.equals("=") ? "" : text;
        if (request.is(RESPONSE)) {
            return negotiation.respond(stream, this, data);
        }
        String mechanism = request.attr("mechanism");
        return negotiation.begin(
                stream,
                this,
                mechanism == null ? null : negotiation.offer(stream).begin(mechanism),
                text.isEmpty() ? null : data);
    }

    @Override
    public Element challenge(byte[] data) {
        return Element.of(CHALLENGE, base64(data));
    }

    @Override
    public Element failure(SaslCondition condition, String text) {
        ElementBuilder failure = Element.builder(FAILURE).child(Element.of(Name.of(Ns.SASL, condition.element())));
        if (!text.isEmpty()) {
            failure.child(Element.of(TEXT, text).lang("en"));
        }
        return failure.build();
    }

    @Override
    public void judge(Negotiation stream, SaslStep.NeedTurn need) {
        throw new IllegalStateException("mechanisms that need a turn are parts of a login by SASL2");
    }

    @Override
    public Step succeeded(Negotiation stream, SaslStep.Success success) {
        stream.authenticatedAs(new Authenticated(success.account(), success.generation(), null));
        byte[] data = success.additionalData();
        Element answer = data == null ? Element.of(SUCCESS) : Element.of(SUCCESS, base64(data));
        return new Step.Reached(EnumSet.of(StreamTrait.AUTHENTICATED), answer, true, false);
    }

    private static String base64(byte[] data) {
        // Nothing to say is said with an equals sign, since no text would be no data (RFC 6120 §6.4.2).
        return data.length == 0 ? "=" : Base64.getEncoder().encodeToString(data);
    }
}
