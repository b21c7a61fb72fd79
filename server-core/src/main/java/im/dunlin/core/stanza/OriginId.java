// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import org.jspecify.annotations.Nullable;

/** XEP-0359 section 3.2: the id a sending client gave its message. */
public record OriginId(String id) {
    public static final Name NAME = Name.of(Ns.STANZA_ID, "origin-id");

    public Element element() {
        return Element.of(NAME).attr("id", id);
    }

    /** The id of the first origin-id that has one. */
    public static @Nullable String find(Payload payload) {
        Element element = payload.first(NAME);
        return element == null ? null : element.attr("id");
    }
}
