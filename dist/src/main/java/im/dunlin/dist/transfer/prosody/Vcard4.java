// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.transfer.prosody;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.util.Map;

/** The card that Prosody keeps in a node (RFC 6351), for those who ask for it in the old form (XEP-0054). */
final class Vcard4 {
    static final String NODE = "urn:xmpp:vcard4";

    private static final String OLD = "vcard-temp";

    /** Properties of one text. */
    private static final Map<String, String> TEXTS = Map.of(
            "fn", "FN",
            "nickname", "NICKNAME",
            "title", "TITLE",
            "role", "ROLE",
            "url", "URL",
            "bday", "BDAY",
            "note", "DESC",
            "uid", "UID");

    private static final Map<String, String> NAMES = Map.of(
            "surname", "FAMILY", "given", "GIVEN", "additional", "MIDDLE", "prefix", "PREFIX", "suffix", "SUFFIX");

    private Vcard4() {}

    /** Without what has no place in the old form; the image is in nodes of its own. */
    static Element toTemp(Element card) {
        ElementBuilder old = Element.builder(Name.of(OLD, "vCard"));
        for (Element property : card.children()) {
            String name = property.name().local();
            String text = text(property);
            String same = TEXTS.get(name);
            if (same != null && !text.isBlank()) {
                old.child(Name.of(OLD, same), text);
            } else if (name.equals("n")) {
                name(property, old);
            } else if (name.equals("email") && !text.isBlank()) {
                old.child(Element.of(Name.of(OLD, "EMAIL")).child(Name.of(OLD, "USERID"), text));
            } else if (name.equals("tel") && !text.isBlank()) {
                old.child(
                        Element.of(Name.of(OLD, "TEL")).child(Name.of(OLD, "NUMBER"), text.replaceFirst("^tel:", "")));
            } else if (name.equals("org") && !text.isBlank()) {
                old.child(Element.of(Name.of(OLD, "ORG")).child(Name.of(OLD, "ORGNAME"), text));
            }
        }
        return old.build();
    }

    private static void name(Element property, ElementBuilder old) {
        ElementBuilder parts = Element.builder(Name.of(OLD, "N"));
        for (Element part : property.children()) {
            String name = NAMES.get(part.name().local());
            if (name != null && !part.text().isBlank()) {
                parts.child(Name.of(OLD, name), part.text());
            }
        }
        Element whole = parts.build();
        if (!whole.isEmpty()) {
            old.child(whole);
        }
    }

    /** A value stands in an element that says what kind it is of. */
    private static String text(Element property) {
        Element value = property.firstChild();
        return value == null ? property.text() : value.text();
    }
}
