// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.pubsub;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;

/** Errors with a condition of XEP-0060 beside that of the stanza. */
final class PubSubErrors {
    private static final String NS = Ns.PUBSUB + "#errors";
    private static final Name UNSUPPORTED = Name.of(NS, "unsupported");

    private PubSubErrors() {}

    static StanzaError error(Condition condition, String application) {
        return StanzaError.of(condition).withApplication(Element.of(Name.of(NS, application)));
    }

    static StanzaException of(Condition condition, String application) {
        return error(condition, application).toException();
    }

    static StanzaException badRequest(String application) {
        return of(Condition.BAD_REQUEST, application);
    }

    /** @param feature the part after {@code http://jabber.org/protocol/pubsub#} */
    static StanzaException unsupported(String feature) {
        return StanzaError.featureNotImplemented()
                .withApplication(Element.of(UNSUPPORTED).attr("feature", feature))
                .toException();
    }

    static StanzaException itemNotFound() {
        return StanzaError.itemNotFound().toException();
    }

    static StanzaException forbidden() {
        return StanzaError.forbidden().toException();
    }
}
