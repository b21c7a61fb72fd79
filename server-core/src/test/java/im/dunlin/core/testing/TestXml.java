// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.xml.Attribute;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.io.StringReader;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Attr;
import org.w3c.dom.Node;
import org.w3c.dom.Text;
import org.xml.sax.InputSource;

/** Elements from text as people write it in tests, by another parser than the server's. */
public final class TestXml {
    private static final ThreadLocal<DocumentBuilder> BUILDERS = ThreadLocal.withInitial(() -> {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            return factory.newDocumentBuilder();
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException(e);
        }
    });

    private TestXml() {}

    /** The element that this text is; {@code jabber:client} is the default namespace. */
    public static Element parse(String xml) {
        return parse(xml, "<r xmlns='" + Ns.CLIENT + "'>");
    }

    /** The element that this text is between this start tag and its end, such as in a stream. */
    public static Element parse(String xml, String startTag) {
        String name = startTag.substring(1).split("[ >]", 2)[0];
        try {
            Node root = BUILDERS.get()
                    .parse(new InputSource(new StringReader(startTag + xml + "</" + name + ">")))
                    .getDocumentElement();
            return element((org.w3c.dom.Element) root.getFirstChild());
        } catch (Exception e) {
            throw new IllegalArgumentException(xml, e);
        }
    }

    /**
     * Why the element is not like the expected one, which it is with at least the attributes, text and children given, children
     * in any order among others.
     */
    public static @Nullable String difference(Element expected, Element actual) {
        if (!expected.name().equals(actual.name())) {
            return expected.name() + " is not " + actual.name();
        }
        for (Attribute attribute : expected.attributes()) {
            if (!attribute.value().equals(actual.attr(attribute.name()))) {
                return attribute + " is not " + actual.attr(attribute.name());
            }
        }
        if (expected.children().isEmpty()
                && !expected.text().isEmpty()
                && !expected.text().equals(actual.text())) {
            return expected.text() + " is not " + actual.text();
        }
        for (Element child : expected.children()) {
            if (actual.children().stream().noneMatch(candidate -> difference(child, candidate) == null)) {
                return "no " + child;
            }
        }
        return null;
    }

    private static Element element(org.w3c.dom.Element node) {
        ElementBuilder builder = Element.builder(
                Name.of(node.getNamespaceURI() == null ? "" : node.getNamespaceURI(), node.getLocalName()));
        for (int i = 0; i < node.getAttributes().getLength(); i++) {
            Attr attribute = (Attr) node.getAttributes().item(i);
            if ("lang".equals(attribute.getLocalName()) && Ns.XML.equals(attribute.getNamespaceURI())) {
                builder.lang(attribute.getValue());
            } else if (!attribute.getName().startsWith("xmlns")) {
                builder.attr(attribute.getName(), attribute.getValue());
            }
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof org.w3c.dom.Element element) {
                builder.child(element(element));
            } else if (child instanceof Text text) {
                builder.text(text.getData());
            }
        }
        return builder.build();
    }
}
