// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;

/** A feature whose request comes as an iq, from before there were nonzas for everything: resource binding, registration. */
public interface IqFeature extends StreamFeature {
    /** Handles an iq of type get or set whose payload is one of {@link #requests}; answers are whole iq elements. */
    Step negotiate(Negotiation stream, Iq request);

    /** The payload alone at the top of the stream is no request. */
    @Override
    default Step negotiate(Negotiation stream, Element request) {
        return new Step.Close(null, StreamError.of(StreamError.Condition.UNSUPPORTED_STANZA_TYPE));
    }

    /** An answer as it stands in the stream, for {@link Step.Reply}. */
    static Element element(Iq answer) {
        CanonicalWriter writer = new CanonicalWriter();
        answer.writeTo(writer);
        return writer.toPayload().children().get(0);
    }
}
