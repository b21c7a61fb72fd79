// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects an {@link Element}. Not thread-safe. */
public final class ElementBuilder {
    private final Name name;
    private final List<Attribute> attributes;
    private final List<Object> nodes;

    ElementBuilder(Name name) {
        this(name, List.of(), List.of());
    }

    ElementBuilder(Name name, List<Attribute> attributes, List<Object> nodes) {
        this.name = name;
        this.attributes = new ArrayList<>(attributes);
        this.nodes = new ArrayList<>(nodes);
    }

    /** Sets an attribute without namespace. */
    public ElementBuilder attr(String local, String value) {
        return attr("", Name.of("", local), value);
    }

    public ElementBuilder attrIfPresent(String local, @Nullable String value) {
        return value == null ? this : attr(local, value);
    }

    /** Sets an attribute; the prefix is empty exactly without namespace. */
    public ElementBuilder attr(String prefix, Name name, String value) {
        if (prefix.isEmpty() != name.namespace().isEmpty()
                || prefix.equals("xml") != name.namespace().equals(Ns.XML)) {
            throw new IllegalArgumentException("prefix " + prefix + " for the attribute " + name);
        }
        attributes.removeIf(attribute -> attribute.name().equals(name));
        attributes.add(new Attribute(prefix, name, value));
        return this;
    }

    public ElementBuilder lang(@Nullable String lang) {
        return lang == null ? this : attr("xml", Element.XML_LANG, lang);
    }

    public ElementBuilder child(Element child) {
        nodes.add(child);
        return this;
    }

    public ElementBuilder child(Name name, String text) {
        return child(Element.of(name, text));
    }

    public ElementBuilder childIfPresent(@Nullable Element child) {
        return child == null ? this : child(child);
    }

    public ElementBuilder children(Iterable<Element> children) {
        children.forEach(nodes::add);
        return this;
    }

    /**
     * Adds stanzas as canonical bytes, each declaring {@code jabber:client}, which must not be the namespace of
     * this element: wrapped without being opened. The array is owned by the element from here on.
     */
    public ElementBuilder fragment(byte[] canonical) {
        nodes.add(new Fragment(canonical));
        return this;
    }

    public ElementBuilder text(String text) {
        if (!text.isEmpty()) {
            nodes.add(text);
        }
        return this;
    }

    public Element build() {
        return new Element(name, List.copyOf(attributes), List.copyOf(nodes));
    }
}
