// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.xml;

import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** XML as tests write it, in any form, read by the JDK's parser: the reference that ours is compared with. */
public final class Xml {
    private static final XMLInputFactory FACTORY = factory();

    private Xml() {}

    private static XMLInputFactory factory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        return factory;
    }

    /** An element that stands where {@code jabber:client} is the namespace. */
    public static Element element(String xml) {
        try {
            return document("<x xmlns='jabber:client'>" + xml + "</x>")
                    .children()
                    .get(0);
        } catch (XMLStreamException e) {
            throw new IllegalArgumentException(xml, e);
        }
    }

    /** The root element of a document. */
    public static Element document(String xml) throws XMLStreamException {
        XMLStreamReader reader = FACTORY.createXMLStreamReader(new StringReader(xml));
        Deque<ElementBuilder> open = new ArrayDeque<>();
        Element root = null;
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> open.push(start(reader));
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.SPACE, XMLStreamConstants.CDATA -> {
                    if (!open.isEmpty()) {
                        open.peek().text(reader.getText());
                    }
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    Element element = open.pop().build();
                    if (open.isEmpty()) {
                        root = element;
                    } else {
                        open.peek().child(element);
                    }
                }
                case XMLStreamConstants.END_DOCUMENT -> {
                    return root;
                }
                default -> throw new XMLStreamException("event " + reader.getEventType());
            }
        }
        return root;
    }

    private static ElementBuilder start(XMLStreamReader reader) {
        ElementBuilder element = Element.builder(name(reader.getNamespaceURI(), reader.getLocalName()));
        for (int i = 0; i < reader.getAttributeCount(); i++) {
            String prefix = reader.getAttributePrefix(i);
            element.attr(
                    prefix == null ? "" : prefix,
                    name(reader.getAttributeNamespace(i), reader.getAttributeLocalName(i)),
                    reader.getAttributeValue(i));
        }
        return element;
    }

    private static Name name(String namespace, String local) {
        return Name.of(namespace == null ? "" : namespace, local);
    }
}
