// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An XML element: name, attributes, text and children in their order. Immutable.
 *
 * <p>{@code Element.of(NAME).attr("id", id).child(item)} makes a new element at each step, which is fine
 * for the usual few; for many children use {@link #builder}. The {@code require…} and {@code optional…}
 * methods are where a peer's mistake becomes a stanza error, so that handlers stay straight.
 */
public final class Element {
    static final Name XML_LANG = Name.of(Ns.XML, "lang");

    private final Name name;
    private final List<Attribute> attributes;

    /** Each is a {@link String}, an {@link Element} or a {@link Fragment}. */
    private final List<Object> nodes;

    /** The lists are immutable, and the nodes of the three kinds. */
    Element(Name name, List<Attribute> attributes, List<Object> nodes) {
        this.name = name;
        this.attributes = attributes;
        this.nodes = nodes;
    }

    /** An empty element. */
    public static Element of(Name name) {
        return new Element(name, List.of(), List.of());
    }

    /** An element with text only. */
    public static Element of(Name name, String text) {
        return new Element(name, List.of(), text.isEmpty() ? List.of() : List.of(text));
    }

    public static ElementBuilder builder(Name name) {
        return new ElementBuilder(name);
    }

    /**
     * The element in canonical bytes, standing where {@code jabber:client} is the namespace.
     *
     * @throws CanonicalFormException if it is anything else
     */
    public static Element parse(byte[] canonical) {
        return new CanonicalReader(canonical).element();
    }

    // ---- what it is

    public Name name() {
        return name;
    }

    public boolean is(Name name) {
        return this.name.equals(name);
    }

    public List<Attribute> attributes() {
        return attributes;
    }

    /** The value of an attribute without namespace. */
    public @Nullable String attr(String local) {
        for (Attribute attribute : attributes) {
            if (attribute.name().is("", local)) {
                return attribute.value();
            }
        }
        return null;
    }

    public @Nullable String attr(Name name) {
        for (Attribute attribute : attributes) {
            if (attribute.name().equals(name)) {
                return attribute.value();
            }
        }
        return null;
    }

    /** The own {@code xml:lang}, not an inherited one. */
    public @Nullable String lang() {
        return attr(XML_LANG);
    }

    /** The text directly inside, joined; empty without any. */
    public String text() {
        if (nodes.size() == 1 && nodes.get(0) instanceof String text) {
            return text;
        }
        StringBuilder joined = new StringBuilder();
        for (Object node : nodes) {
            if (node instanceof String text) {
                joined.append(text);
            }
        }
        return joined.toString();
    }

    /** The text of the first child of that name, null without such a child. */
    public @Nullable String text(Name child) {
        Element element = first(child);
        return element == null ? null : element.text();
    }

    /** True without children and without text. */
    public boolean isEmpty() {
        return nodes.isEmpty();
    }

    public List<Element> children() {
        List<Element> children = new ArrayList<>(nodes.size());
        for (Object node : nodes) {
            if (node instanceof Element child) {
                children.add(child);
            } else if (node instanceof Fragment fragment) {
                children.addAll(fragment.elements());
            }
        }
        return children;
    }

    public List<Element> children(Name name) {
        List<Element> named = new ArrayList<>();
        for (Element child : children()) {
            if (child.is(name)) {
                named.add(child);
            }
        }
        return named;
    }

    public @Nullable Element first(Name name) {
        for (Object node : nodes) {
            if (node instanceof Element child) {
                if (child.is(name)) {
                    return child;
                }
            } else if (node instanceof Fragment) {
                List<Element> named = children(name);
                return named.isEmpty() ? null : named.get(0);
            }
        }
        return null;
    }

    public @Nullable Element firstChild() {
        for (Object node : nodes) {
            if (node instanceof Element child) {
                return child;
            } else if (node instanceof Fragment) {
                return children().get(0);
            }
        }
        return null;
    }

    public boolean has(Name child) {
        return first(child) != null;
    }

    // ---- what a peer must have written; each throws the stanza error for its handler

    /**
     * The value of an attribute that must be there.
     *
     * @throws StanzaException {@code bad-request} without it
     */
    public String requireAttr(String local) {
        String value = attr(local);
        if (value == null) {
            throw fault(name.local() + " needs the attribute " + local);
        }
        return value;
    }

    /**
     * The address in an attribute that must be there.
     *
     * @throws StanzaException {@code bad-request} without it, {@code jid-malformed} if it is no address
     */
    public Jid requireJid(String local) {
        return jid(local, requireAttr(local));
    }

    /**
     * The address in an attribute, null without it.
     *
     * @throws StanzaException {@code jid-malformed} if it is no address
     */
    public @Nullable Jid optionalJid(String local) {
        String value = attr(local);
        return value == null ? null : jid(local, value);
    }

    private Jid jid(String local, String value) {
        try {
            return Jid.parse(value);
        } catch (JidException e) {
            throw StanzaError.jidMalformed(local + ": " + e.getMessage()).toException();
        }
    }

    /**
     * The number in an attribute, null without it.
     *
     * @throws StanzaException {@code bad-request} if it is no number between the two, both included
     */
    public @Nullable Integer optionalInt(String local, int min, int max) {
        Long number = optionalLong(local, min, max);
        return number == null ? null : (Integer) number.intValue();
    }

    /** As {@link #optionalInt}, for larger numbers. */
    public @Nullable Long optionalLong(String local, long min, long max) {
        String value = attr(local);
        return value == null ? null : (Long) number(local, value, min, max);
    }

    /** As {@link #optionalInt}, of an attribute that must be there. */
    public int requireInt(String local, int min, int max) {
        return (int) number(local, requireAttr(local), min, max);
    }

    private long number(String local, String value, long min, long max) {
        try {
            long number = Long.parseLong(value.strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The answer below says what was expected.
        }
        throw fault(local + " must be a number from " + min + " to " + max);
    }

    /**
     * The xs:boolean in an attribute, {@code absent} without it.
     *
     * @throws StanzaException {@code bad-request} if it is neither true, false, 1 nor 0
     */
    public boolean optionalBoolean(String local, boolean absent) {
        String value = attr(local);
        if (value == null) {
            return absent;
        }
        return switch (value.strip()) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw fault(local + " must be true or false");
        };
    }

    /**
     * A child that must be there.
     *
     * @throws StanzaException {@code bad-request} without it
     */
    public Element requireChild(Name child) {
        Element element = first(child);
        if (element == null) {
            throw fault(name.local() + " needs the element " + child.local());
        }
        return element;
    }

    /**
     * The text of a child that must be there and not be empty.
     *
     * @throws StanzaException {@code bad-request} otherwise
     */
    public String requireText(Name child) {
        String text = requireChild(child).text();
        if (text.isEmpty()) {
            throw fault(child.local() + " must not be empty");
        }
        return text;
    }

    /**
     * The own text, which must not be empty.
     *
     * @throws StanzaException {@code bad-request} if it is
     */
    public String requireText() {
        String text = text();
        if (text.isEmpty()) {
            throw fault(name.local() + " must not be empty");
        }
        return text;
    }

    private static StanzaException fault(String text) {
        return StanzaError.badRequest(text).toException();
    }

    // ---- changed copies

    /** With this attribute set. */
    public Element attr(String local, String value) {
        return toBuilder().attr(local, value).build();
    }

    /** With this attribute set, unless there is no value. */
    public Element attrIfPresent(String local, @Nullable String value) {
        return value == null ? this : attr(local, value);
    }

    public Element lang(@Nullable String lang) {
        return toBuilder().lang(lang).build();
    }

    /** With this child as the last. */
    public Element child(Element child) {
        return toBuilder().child(child).build();
    }

    /** With a last child that has only text. */
    public Element child(Name name, String text) {
        return child(of(name, text));
    }

    public Element childIfPresent(@Nullable Element child) {
        return child == null ? this : child(child);
    }

    public Element children(Iterable<Element> children) {
        return toBuilder().children(children).build();
    }

    /** With this text as the last. */
    public Element text(String text) {
        return toBuilder().text(text).build();
    }

    public ElementBuilder toBuilder() {
        return new ElementBuilder(name, attributes, nodes);
    }

    /** Text as strings, children as elements or unopened fragments, in their order. */
    List<Object> nodes() {
        return nodes;
    }

    // ---- bytes

    /** Writes this element where the writer stands. */
    public void writeTo(CanonicalWriter writer) {
        writer.start(name);
        for (Attribute attribute : attributes) {
            writer.attr(
                    attribute.prefix(),
                    attribute.name().namespace(),
                    attribute.name().local(),
                    attribute.value());
        }
        for (Object node : nodes) {
            if (node instanceof String text) {
                writer.text(text);
            } else if (node instanceof Element child) {
                child.writeTo(writer);
            } else {
                writer.fragment((Fragment) node);
            }
        }
        writer.end();
    }

    /** Equal name, equal attributes in any order, equal content. */
    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Element element
                        && name.equals(element.name)
                        && attributes.size() == element.attributes.size()
                        && attributes.containsAll(element.attributes)
                        && content().equals(element.content());
    }

    @Override
    public int hashCode() {
        return 31 * name.hashCode() + content().hashCode();
    }

    /** The nodes with fragments opened and adjacent text joined. */
    private List<Object> content() {
        List<Object> content = new ArrayList<>(nodes.size());
        for (Object node : nodes) {
            int last = content.size() - 1;
            if (node instanceof String text && last >= 0 && content.get(last) instanceof String before) {
                content.set(last, before + text);
            } else if (node instanceof Fragment fragment) {
                content.addAll(fragment.elements());
            } else {
                content.add(node);
            }
        }
        return content;
    }

    /** Canonical XML, as it stands where {@code jabber:client} is the namespace. Not for logs. */
    @Override
    public String toString() {
        CanonicalWriter writer = new CanonicalWriter();
        writeTo(writer);
        return new String(writer.array(), 0, writer.size(), java.nio.charset.StandardCharsets.UTF_8);
    }
}
