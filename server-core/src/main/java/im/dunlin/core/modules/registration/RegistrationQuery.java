// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.registration;

import im.dunlin.core.auth.Credentials;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import org.jspecify.annotations.Nullable;

/** The {@code <query/>} of XEP-0077, asked and answered. */
final class RegistrationQuery {
    static final String NS = "jabber:iq:register";
    static final Name QUERY = Name.of(NS, "query");
    static final Name REMOVE = Name.of(NS, "remove");
    private static final Name REGISTERED = Name.of(NS, "registered");
    private static final Name INSTRUCTIONS = Name.of(NS, "instructions");
    private static final Name USERNAME = Name.of(NS, "username");
    private static final Name PASSWORD = Name.of(NS, "password");

    private RegistrationQuery() {}

    /** What is wanted of somebody without an account. */
    static Element form() {
        return Element.of(QUERY)
                .child(INSTRUCTIONS, "Choose a user name and a password.")
                .child(Element.of(USERNAME))
                .child(Element.of(PASSWORD));
    }

    /** What there is to say to somebody with one. */
    static Element registered(String username) {
        return Element.of(QUERY)
                .child(Element.of(REGISTERED))
                .child(USERNAME, username)
                .child(Element.of(PASSWORD));
    }

    /** The name as it was typed; null without one. */
    static @Nullable String username(Element query) {
        String name = query.text(USERNAME);
        return name == null || name.isBlank() ? null : name.strip();
    }

    /**
     * The password, prepared.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code not-acceptable} if there is none, or it cannot be one
     */
    static String password(Element query) {
        String typed = query.text(PASSWORD);
        String prepared = typed == null || typed.isEmpty() ? null : Credentials.preparedPassword(typed);
        if (prepared == null) {
            throw StanzaError.notAcceptable().withText("a password is needed").toException();
        }
        return prepared;
    }

    /** The refusal of a request, which may hold a password and is not repeated (§3.3). */
    static Iq refusal(Iq request, StanzaError error) {
        return request.withPayload(Payload.EMPTY).error(error);
    }
}
