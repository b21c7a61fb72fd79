// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import org.jspecify.annotations.Nullable;

/** The elements of XEP-0220. */
final class Dialback {
    private static final String NS = "jabber:server:dialback";

    static final Name RESULT = Name.of(NS, "result");
    static final Name VERIFY = Name.of(NS, "verify");

    /** Among a stream's features; with it we say that we understand errors (§2.4). */
    static final Element FEATURE = Element.of(Name.of("urn:xmpp:features:dialback", "dialback"))
            .child(Element.of(Name.of("urn:xmpp:features:dialback", "errors")));

    private Dialback() {}

    /** "I am the originating domain, as this key shows." */
    static Element claim(DomainPair pair, String key) {
        return Element.of(RESULT)
                .attr("from", pair.local())
                .attr("to", pair.remote())
                .text(key);
    }

    /** "Is this key yours?" */
    static Element question(DomainPair pair, String streamId, String key) {
        return Element.of(VERIFY)
                .attr("from", pair.local())
                .attr("to", pair.remote())
                .attr("id", streamId)
                .text(key);
    }

    /** Answers a claim or a question that this pair's remote side has sent. */
    static Element answer(Element asked, DomainPair pair, boolean valid) {
        return answer(asked, pair).attr("type", valid ? "valid" : "invalid");
    }

    /** A claim or a question that cannot be answered (§2.4). */
    static Element error(Element asked, DomainPair pair, StanzaError error) {
        return answer(asked, pair).attr("type", "error").child(error.element());
    }

    private static Element answer(Element asked, DomainPair pair) {
        return Element.of(asked.name())
                .attr("from", pair.local())
                .attr("to", pair.remote())
                .attrIfPresent("id", asked.attr("id"));
    }

    /** The pair that an element of the remote side names; null if it does not name two domains. */
    static @Nullable DomainPair pair(Element element) {
        String local = domain(element.attr("to"));
        String remote = domain(element.attr("from"));
        return local == null || remote == null ? null : new DomainPair(local, remote);
    }

    private static @Nullable String domain(@Nullable String address) {
        try {
            Jid jid = address == null ? null : Jid.parse(address);
            return jid == null || jid.local() != null || !jid.equals(jid.bare()) ? null : jid.domain();
        } catch (JidException e) {
            return null;
        }
    }
}
