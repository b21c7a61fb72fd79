// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads canonical bytes, and only those: what it accepts, {@link CanonicalWriter} writes again byte for
 * byte. Anything else is a {@link CanonicalFormException}. Depth and attributes are bounded, and it does
 * not recurse.
 */
public final class CanonicalReader {
    /** The 64 levels a peer may send, and room for what the server wraps around them. */
    public static final int MAX_DEPTH = 80;

    private static final int MAX_ATTRIBUTES = 128;
    private static final String XMLNS = "http://www.w3.org/2000/xmlns/";

    private final byte[] xml;
    private final int limit;
    private final String context;
    private int at;

    /** Reads elements that stand where {@code jabber:client} is the namespace. */
    public CanonicalReader(byte[] xml) {
        this(xml, 0, xml.length, Ns.CLIENT);
    }

    CanonicalReader(byte[] xml, int from, int limit, String context) {
        this.xml = xml;
        this.at = from;
        this.limit = limit;
        this.context = context;
    }

    /** An element whose end tag has not come yet. */
    private static final class Open {
        final @Nullable Open parent;
        final int depth;
        final Name name;
        final List<Attribute> attributes;
        final List<Object> nodes = new ArrayList<>(2);

        Open(@Nullable Open parent, Name name, List<Attribute> attributes) {
            this.parent = parent;
            this.depth = parent == null ? 1 : parent.depth + 1;
            this.name = name;
            this.attributes = attributes;
        }

        Element element() {
            return new Element(name, attributes, List.copyOf(nodes));
        }
    }

    /**
     * The one element that the bytes are.
     *
     * @throws CanonicalFormException if they are anything else
     */
    public Element element() {
        checkText();
        Element element = read();
        if (at != limit) {
            throw wrong("the end");
        }
        return element;
    }

    /**
     * All elements that the bytes are; none for no bytes.
     *
     * @throws CanonicalFormException if they are anything else
     */
    public List<Element> elements() {
        checkText();
        List<Element> elements = new ArrayList<>(2);
        while (at < limit) {
            elements.add(read());
        }
        return elements;
    }

    /**
     * The table of contents over these bytes. Looks at the top only: what is wrong further inside shows when
     * that child is opened.
     */
    Payload contents() {
        Name[] names = new Name[4];
        int[] ends = new int[4];
        int count = 0;
        while (at < limit) {
            if (count == names.length) {
                names = Arrays.copyOf(names, count * 2);
                ends = Arrays.copyOf(ends, count * 2);
            }
            names[count] = peekName();
            skip();
            ends[count++] = at;
        }
        return new Payload(xml, Arrays.copyOf(names, count), Arrays.copyOf(ends, count));
    }

    private void checkText() {
        int checked = XmlText.check(xml, at, limit);
        if (checked != limit) {
            throw new CanonicalFormException("not UTF-8 text at byte " + (checked < 0 ? ~checked : checked));
        }
    }

    private Name peekName() {
        int start = at;
        expect('<');
        String local = name();
        String namespace = context;
        if (looksAt(" xmlns='")) {
            namespace = attributeValue();
        }
        at = start;
        return Name.of(namespace, local);
    }

    /** Moves behind the element here. Angle brackets stand for themselves nowhere else in canonical form. */
    private void skip() {
        int depth = 0;
        do {
            int tag = at;
            at = indexOf('>') + 1;
            if (tag + 1 < limit && xml[tag + 1] == '/') {
                depth--;
            } else if (xml[at - 2] != '/') {
                depth++;
            }
            if (depth > 0) {
                at = indexOf('<');
            }
        } while (depth > 0);
        if (depth < 0) {
            throw wrong("a start tag");
        }
    }

    private int indexOf(char c) {
        int i = at;
        while (i < limit && xml[i] != c) {
            i++;
        }
        if (i == limit) {
            at = limit;
            throw wrong("'" + c + "'");
        }
        return i;
    }

    private Element read() {
        Open open = null;
        while (true) {
            if (open != null && (at == limit || xml[at] != '<')) {
                open.nodes.add(text());
                continue;
            }
            Element complete;
            if (open != null && looksAt("</")) {
                if (open.nodes.isEmpty() || !looksAt(open.name.local())) {
                    throw wrong("the end of " + open.name.local());
                }
                expect('>');
                complete = open.element();
                open = open.parent;
            } else {
                Open child = startTag(open);
                if (looksAt("/>")) {
                    complete = child.element();
                } else {
                    expect('>');
                    open = child;
                    continue;
                }
            }
            if (open == null) {
                return complete;
            }
            open.nodes.add(complete);
        }
    }

    private Open startTag(@Nullable Open parent) {
        if (parent != null && parent.depth == MAX_DEPTH) {
            throw wrong("no more than " + MAX_DEPTH + " levels");
        }
        expect('<');
        String local = name();
        String around = parent == null ? context : parent.name.namespace();
        String namespace = around;
        if (looksAt(" xmlns='")) {
            namespace = attributeValue();
            if (namespace.equals(around) || isReserved(namespace)) {
                throw wrong("another namespace");
            }
        }
        return new Open(parent, Name.of(namespace, local), attributes());
    }

    private static boolean isReserved(String namespace) {
        return namespace.equals(Ns.XML) || namespace.equals(XMLNS);
    }

    private List<Attribute> attributes() {
        if (at == limit || xml[at] != ' ') {
            return List.of();
        }
        List<Attribute> attributes = new ArrayList<>(4);
        Map<String, String> prefixes = Map.of();
        while (looksAt(" ")) {
            if (attributes.size() == MAX_ATTRIBUTES) {
                throw wrong("no more than " + MAX_ATTRIBUTES + " attributes");
            }
            String prefix = "";
            String namespace = "";
            String local = name();
            if (looksAt(":")) {
                prefix = local;
                local = name();
                if (prefix.equals("xmlns")) {
                    prefix = local;
                    namespace = declaration();
                    if (prefix.equals("xml") || prefixes.containsKey(prefix) || !looksAt(prefix) || !looksAt(":")) {
                        throw wrong("the attribute that the declaration is for");
                    }
                    prefixes = prefixes.isEmpty() ? new HashMap<>() : prefixes;
                    prefixes.put(prefix, namespace);
                    local = name();
                } else if (prefix.equals("xml")) {
                    namespace = Ns.XML;
                } else {
                    String declared = prefixes.get(prefix);
                    if (declared == null) {
                        throw wrong("a declared prefix");
                    }
                    namespace = declared;
                }
            }
            if (!looksAt("='")) {
                throw wrong("a value");
            }
            Attribute attribute = new Attribute(prefix, Name.of(namespace, local), attributeValue());
            for (Attribute before : attributes) {
                if (before.name().equals(attribute.name())) {
                    throw wrong("another attribute");
                }
            }
            if (prefix.isEmpty() && local.equals("xmlns")) {
                throw wrong("an attribute");
            }
            attributes.add(attribute);
        }
        return List.copyOf(attributes);
    }

    /** The rest of {@code xmlns:prefix='namespace' } up to the name after it. */
    private String declaration() {
        if (!looksAt("='")) {
            throw wrong("a value");
        }
        String namespace = attributeValue();
        if (namespace.isEmpty() || isReserved(namespace)) {
            throw wrong("a namespace");
        }
        expect(' ');
        return namespace;
    }

    private String name() {
        int start = at;
        while (at < limit && isNameByte(xml[at])) {
            at++;
        }
        String name = utf8(start);
        if (!XmlText.isName(name)) {
            throw wrong("a name");
        }
        return name;
    }

    private static boolean isNameByte(byte b) {
        return b < 0 || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '-' && b <= '9' && b != '/' || b == '_';
    }

    /** Up to the next tag, which there must be. */
    private String text() {
        String text = characters(false);
        if (at == limit) {
            throw wrong("an end tag");
        }
        return text;
    }

    /** From behind the opening quote to behind the closing one. */
    private String attributeValue() {
        String value = characters(true);
        expect('\'');
        return value;
    }

    private String characters(boolean inAttribute) {
        StringBuilder escaped = null;
        char end = inAttribute ? '\'' : '<';
        int start = at;
        while (at < limit && xml[at] != end) {
            byte b = xml[at];
            if (b == '>' || b == '\r' || inAttribute && (b == '<' || b == '\t' || b == '\n')) {
                throw wrong("an escape");
            }
            if (b == '&') {
                escaped = escaped == null ? new StringBuilder() : escaped;
                escaped.append(utf8(start));
                escaped.append(escape(inAttribute));
                start = at;
            } else {
                at++;
            }
        }
        String rest = utf8(start);
        return escaped == null ? rest : escaped.append(rest).toString();
    }

    private String utf8(int start) {
        return new String(xml, start, at - start, StandardCharsets.UTF_8);
    }

    private char escape(boolean inAttribute) {
        if (looksAt("&amp;")) {
            return '&';
        }
        if (looksAt("&lt;")) {
            return '<';
        }
        if (looksAt("&gt;")) {
            return '>';
        }
        if (looksAt("&#13;")) {
            return '\r';
        }
        if (inAttribute && looksAt("&apos;")) {
            return '\'';
        }
        if (inAttribute && looksAt("&#9;")) {
            return '\t';
        }
        if (inAttribute && looksAt("&#10;")) {
            return '\n';
        }
        throw wrong("an escape");
    }

    /** Steps over the text if it is here. */
    private boolean looksAt(String text) {
        int i = at;
        for (int c = 0; c < text.length(); c++) {
            char expected = text.charAt(c);
            if (expected >= 0x80) {
                return looksAt(text.getBytes(StandardCharsets.UTF_8));
            }
            if (i == limit || xml[i++] != expected) {
                return false;
            }
        }
        at = i;
        return true;
    }

    private boolean looksAt(byte[] text) {
        if (!Arrays.equals(xml, at, Math.min(limit, at + text.length), text, 0, text.length)) {
            return false;
        }
        at += text.length;
        return true;
    }

    private void expect(char c) {
        if (at == limit || xml[at] != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private CanonicalFormException wrong(String expected) {
        return new CanonicalFormException("at byte " + at + " was expected " + expected);
    }
}
