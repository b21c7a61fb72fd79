// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/** XEP-0297: a stanza inside another. */
public final class Forwarded {
    public static final Name NAME = Name.of(Ns.FORWARD, "forwarded");

    private Forwarded() {}

    /** The stanza inside forwarded; its payload bytes are copied, not opened. */
    public static Element of(Stanza stanza, @Nullable Delay delay) {
        ElementBuilder forwarded = Element.builder(NAME);
        if (delay != null) {
            forwarded.child(delay.element());
        }
        return stanza(forwarded, stanza).build();
    }

    /** Adds a stanza as a child, unopened, wherever a protocol carries one. */
    public static ElementBuilder stanza(ElementBuilder parent, Stanza stanza) {
        // Written where no namespace is known, so that it declares its own.
        CanonicalWriter writer = new CanonicalWriter("");
        stanza.writeTo(writer);
        return parent.fragment(writer.toByteArray());
    }
}
