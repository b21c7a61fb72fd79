// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Names of the format (XEP-0227 §4). */
final class Format {
    static final String NS = "urn:xmpp:pie:0";

    static final Name SERVER = Name.of(NS, "server-data");
    static final Name HOST = Name.of(NS, "host");
    static final Name USER = Name.of(NS, "user");
    static final Name OFFLINE = Name.of(NS, "offline-messages");
    static final Name ARCHIVE = Name.of(NS + "#mam", "archive");

    private static final Name ITEMS = Name.of(Ns.PUBSUB, "items");

    /** Children of {@code <user/>} that may be large: they come in pieces, as does what has items of a node. */
    private static final Set<Name> CONTAINERS = Set.of(
            OFFLINE,
            ARCHIVE,
            Name.of("jabber:iq:roster", "query"),
            Name.of("jabber:iq:private", "query"),
            Name.of(Ns.PUBSUB, "pubsub"),
            Name.of(Ns.PUBSUB_OWNER, "pubsub"));

    private Format() {}

    /**
     * Whether an element is opened rather than read whole.
     *
     * @param depth of it below {@code <user/>}, beginning with 0
     */
    static boolean isContainer(Name name, int depth) {
        return depth == 0 && CONTAINERS.contains(name) || depth == 1 && name.equals(ITEMS);
    }

    /** The element as bytes, standing where that namespace is the default. */
    static byte[] bytes(Element element, String around) {
        CanonicalWriter writer = new CanonicalWriter(around);
        element.writeTo(writer);
        return writer.toByteArray();
    }

    /** A start tag, of an element without content. */
    static byte[] startTag(Element empty, String around) {
        String tag = new String(bytes(empty, around), StandardCharsets.UTF_8);
        return (tag.substring(0, tag.length() - 2) + ">\n").getBytes(StandardCharsets.UTF_8);
    }

    static byte[] endTag(Name name) {
        return ("</" + name.local() + ">\n").getBytes(StandardCharsets.UTF_8);
    }
}
