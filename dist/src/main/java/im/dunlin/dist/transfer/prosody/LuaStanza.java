// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import im.dunlin.core.portable.PortableException;
import im.dunlin.core.portable.Position;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.XmlText;
import java.util.Map;
import java.util.Set;

/** An element as Prosody keeps it: a table with its name, its attributes, and as a sequence its text and children. */
final class LuaStanza {
    /** What Prosody itself adds to what it keeps in lists. */
    private static final Set<String> STAMPS = Set.of("stamp", "stamp_legacy");

    private LuaStanza() {}

    /**
     * The element.
     *
     * @param around the namespace where it has none of its own
     * @param isItem whether it was in a list
     */
    static Element element(LuaTable table, String around, boolean isItem, Position at) throws PortableException {
        String local = table.text("name");
        LuaTable attributes = table.table("attr");
        if (local == null || attributes == null || !XmlText.isName(local)) {
            throw new PortableException(at, "a table that is no element");
        }
        String own = attributes.text("xmlns");
        String namespace = own == null ? around : own;
        ElementBuilder element = Element.builder(Name.of(namespace, local));
        int prefixes = 0;
        for (Map.Entry<Object, Object> each : attributes.entries().entrySet()) {
            if (!(each.getKey() instanceof String key) || !(each.getValue() instanceof String value)) {
                throw new PortableException(at, "an attribute that is no text");
            }
            if (key.equals("xmlns") || isItem && STAMPS.contains(key)) {
                continue;
            }
            int cut = Math.max(key.indexOf('\u0001'), key.indexOf('|'));
            String name = key.startsWith("xml:") ? key.substring(4) : key.substring(cut + 1);
            if (!XmlText.isName(name)) {
                throw new PortableException(at, "an attribute without a name");
            }
            if (key.startsWith("xml:") || cut > 0 && key.substring(0, cut).equals(Ns.XML)) {
                element.attr("xml", Name.of(Ns.XML, name), value);
            } else if (cut > 0) {
                element.attr("p" + ++prefixes, Name.of(key.substring(0, cut), name), value);
            } else {
                element.attr(name, value);
            }
        }
        for (Object child : table.sequence()) {
            if (child instanceof LuaTable inner) {
                element.child(element(inner, namespace, false, at));
            } else if (child instanceof String text) {
                element.text(text);
            } else {
                throw new PortableException(at, "content that is neither text nor element");
            }
        }
        return element.build();
    }
}
