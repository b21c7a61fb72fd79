// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.stanza.OriginId;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a message consists of after an edit: the new content, and the ids of the message that it was. */
public final class EditedPayload {
    private static final String REWRITE = "https://xabber.com/protocol/rewrite";
    /** When a message was edited. */
    public static final Name REPLACED = Name.of(REWRITE, "replaced");

    private static final Name TIME = Name.of("https://xabber.com/protocol/delivery", "time");
    private static final Name ARCHIVED = Name.of("urn:xmpp:mam:tmp", "archived");

    private static final Set<Name> IDENTITY = Set.of(OriginId.NAME, StanzaId.NAME);
    private static final Set<Name> OF_THE_EDIT =
            Set.of(OriginId.NAME, StanzaId.NAME, TIME, ARCHIVED, REPLACED, StandardRewrites.REPLACE);

    /** Hints for the server, and what servers say of messages and calls: a request has not passed who takes that out. */
    private static final Set<String> NOT_CONTENT =
            Set.of(Ns.HINTS, Ns.CALLS, Ns.JINGLE_MESSAGE, Ns.CARBONS, Ns.MAM, REWRITE + "#notify");

    private EditedPayload() {}

    /** @param edited when; it is noted in the payload, and clients show it */
    public static Payload of(Payload old, Payload content, Instant edited) {
        List<Element> children = new ArrayList<>(identity(old).children());
        children.addAll(content(content).children());
        children.add(Element.of(REPLACED).attr("stamp", MicroTime.format(edited)));
        return Payload.of(children);
    }

    /** The ids that others know a message by. */
    static Payload identity(Payload payload) {
        return payload.without(name -> !IDENTITY.contains(name));
    }

    /** What of an edit is content: not its own ids, and not what only the server says. */
    public static Payload content(Payload edit) {
        return edit.without(name -> OF_THE_EDIT.contains(name) || NOT_CONTENT.contains(name.namespace()));
    }
}
