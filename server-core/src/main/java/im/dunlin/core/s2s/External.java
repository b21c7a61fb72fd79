// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** SASL EXTERNAL between servers: "as my certificate says" (XEP-0178 §3, RFC 6120 §6). */
final class External {
    private static final String NAME = "EXTERNAL";
    private static final Name MECHANISMS = Name.of(Ns.SASL, "mechanisms");
    private static final Name MECHANISM = Name.of(Ns.SASL, "mechanism");

    static final Name AUTH = Name.of(Ns.SASL, "auth");
    static final Name SUCCESS = Name.of(Ns.SASL, "success");
    static final Name FAILURE = Name.of(Ns.SASL, "failure");

    /** Among a stream's features, where the certificate is valid for who the other server says it is. */
    static final Element OFFER = Element.of(MECHANISMS).child(MECHANISM, NAME);

    private External() {}

    static boolean isOffered(Element features) {
        Element mechanisms = features.first(MECHANISMS);
        return mechanisms != null
                && mechanisms.children(MECHANISM).stream()
                        .anyMatch(each -> each.text().equals(NAME));
    }

    static Element auth(DomainPair pair) {
        byte[] identity = pair.local().getBytes(StandardCharsets.UTF_8);
        return Element.of(AUTH).attr("mechanism", NAME).text(Base64.getEncoder().encodeToString(identity));
    }

    static boolean isMechanism(Element auth) {
        return NAME.equals(auth.attr("mechanism"));
    }

    /** Whether this is the identity of the other server, which it may leave out ({@code =}) as its stream says it. */
    static boolean isIdentity(Element auth, String remote) {
        String text = auth.text().strip();
        if (text.isEmpty() || text.equals("=")) {
            return true;
        }
        try {
            return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8).equals(remote);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static Element failure(String condition) {
        return Element.of(FAILURE).child(Element.of(Name.of(Ns.SASL, condition)));
    }
}
