// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.util.Random;

/** Random trees, and random ways to write them down. */
public final class RandomXml {
    private static final String[] NAMESPACES = {Ns.CLIENT, "urn:a", "urn:b", "", "http://example.org/?a=b&c='d'"};
    private static final String[] NAMES = {"body", "x", "item", "äöü", "a-b.c", "_"};
    private static final String[] PREFIXES = {"p", "q", "xml", "r2"};
    private static final String[] TEXTS = {
        "",
        "plain",
        " ",
        "\n\t",
        "<&>'\"",
        "]]>",
        "\r",
        "äß€",
        "\uD83D\uDE00",
        "x\uD83D\uDE00y\uD800\uDC00",
        "&amp;",
        "a long text that goes on for a while, so that it does not fit anywhere at once. ".repeat(3)
    };

    private final Random random;

    public RandomXml(long seed) {
        random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(any(TEXTS));
        }
        return text.toString();
    }

    public Element element(int depth) {
        ElementBuilder element = Element.builder(Name.of(any(NAMESPACES), any(NAMES)));
        for (int i = random.nextInt(4); i > 0; i--) {
            if (random.nextInt(3) == 0) {
                // One namespace for each prefix, so that any combination can be written.
                String prefix = any(PREFIXES);
                String namespace = prefix.equals("xml") ? Ns.XML : "urn:prefix:" + prefix;
                element.attr(prefix, Name.of(namespace, any(NAMES)), text());
            } else {
                element.attr(any(NAMES), text());
            }
        }
        for (int i = depth == 0 ? 0 : random.nextInt(4); i > 0; i--) {
            if (random.nextBoolean()) {
                element.text(text());
            } else {
                element.child(element(depth - 1));
            }
        }
        return element.build();
    }

    /** The element as some client might write it, where {@code jabber:client} is the namespace. */
    public String loose(Element element) {
        StringBuilder out = new StringBuilder();
        loose(out, element);
        return out.toString();
    }

    private void loose(StringBuilder out, Element element) {
        String namespace = element.name().namespace();
        boolean prefixed = !namespace.isEmpty() && random.nextInt(3) == 0;
        String name = prefixed ? "n:" + element.name().local() : element.name().local();
        out.append('<').append(name);
        space(out, 1);
        String declaration = prefixed ? "xmlns:n" : "xmlns";
        attribute(out, declaration, namespace);
        for (String prefix : PREFIXES) {
            if (!prefix.equals("xml") && uses(element, prefix)) {
                attribute(out, "xmlns:" + prefix, "urn:prefix:" + prefix);
            }
        }
        for (Attribute attribute : element.attributes()) {
            String prefix = attribute.prefix();
            attribute(
                    out,
                    prefix.isEmpty()
                            ? attribute.name().local()
                            : prefix + ":" + attribute.name().local(),
                    attribute.value());
        }
        if (element.isEmpty() && random.nextBoolean()) {
            out.append("/>");
            return;
        }
        out.append('>');
        for (Object node : element.nodes()) {
            if (node instanceof Element child) {
                loose(out, child);
            } else {
                looseText(out, (String) node);
            }
        }
        out.append("</").append(name);
        space(out, 0);
        out.append('>');
    }

    private static boolean uses(Element element, String prefix) {
        return element.attributes().stream()
                .anyMatch(attribute -> attribute.prefix().equals(prefix));
    }

    private void space(StringBuilder out, int least) {
        for (int i = random.nextInt(3) == 0 ? 2 : least; i > 0; i--) {
            out.append(random.nextInt(4) == 0 ? '\n' : ' ');
        }
    }

    private void attribute(StringBuilder out, String name, String value) {
        space(out, 1);
        out.append(name);
        space(out, 0);
        out.append('=');
        space(out, 0);
        char quote = random.nextBoolean() ? '"' : '\'';
        out.append(quote);
        value.codePoints().forEach(c -> {
            if (c == '<' || c == '&' || c == quote || c < ' ' || random.nextInt(20) == 0) {
                reference(out, c);
            } else {
                out.appendCodePoint(c);
            }
        });
        out.append(quote);
    }

    private void looseText(StringBuilder out, String text) {
        if (random.nextInt(3) == 0 && !text.contains("]]>") && !text.contains("\r")) {
            out.append("<![CDATA[").append(text).append("]]>");
            return;
        }
        text.codePoints().forEach(c -> {
            if (c == '<' || c == '&' || c == '>' || c == '\r' || random.nextInt(20) == 0) {
                reference(out, c);
            } else {
                out.appendCodePoint(c);
            }
        });
    }

    private void reference(StringBuilder out, int c) {
        int way = random.nextInt(3);
        String named = switch (c) {
            case '<' -> "&lt;";
            case '>' -> "&gt;";
            case '&' -> "&amp;";
            case '\'' -> "&apos;";
            case '"' -> "&quot;";
            default -> null;
        };
        if (way == 0 && named != null) {
            out.append(named);
        } else if (way == 1) {
            out.append("&#").append(c).append(';');
        } else {
            out.append("&#x").append(Integer.toHexString(c)).append(';');
        }
    }
}
