// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import org.jspecify.annotations.Nullable;

/** XEP-0359: the id an archive gave a message, and whose archive that is. */
public record StanzaId(String id, Jid by) {
    public static final Name NAME = Name.of(Ns.STANZA_ID, "stanza-id");

    public Element element() {
        return Element.of(NAME).attr("id", id).attr("by", by.toString());
    }

    /** Null if the element is not complete or its {@code by} is no address. */
    public static @Nullable StanzaId parse(Element element) {
        String id = element.attr("id");
        String by = element.attr("by");
        if (id == null || by == null) {
            return null;
        }
        try {
            return new StanzaId(id, Jid.parse(by));
        } catch (JidException e) {
            return null;
        }
    }

    /** The first stanza-id of that entity, null without one. */
    public static @Nullable StanzaId find(Payload payload, Jid by) {
        for (Element element : payload.all(NAME)) {
            StanzaId stanzaId = parse(element);
            if (stanzaId != null && stanzaId.by.equals(by)) {
                return stanzaId;
            }
        }
        return null;
    }

    /**
     * The payload without what claims to be a stanza-id of that entity, compared as prepared addresses; what
     * is malformed goes too, since somebody may read it more leniently.
     */
    public static Payload strip(Payload payload, Jid by) {
        return payload.without(NAME, element -> {
            StanzaId stanzaId = parse(element);
            return stanzaId == null || stanzaId.by.equals(by);
        });
    }
}
