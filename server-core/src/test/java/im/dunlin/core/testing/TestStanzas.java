// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Stanzas from and to canonical XML, for tests. */
public final class TestStanzas {
    private TestStanzas() {}

    /** The stanza that this text is. */
    public static Stanza parse(String xml) {
        return Objects.requireNonNull(parse(TestXml.parse(xml)), xml);
    }

    public static Message message(String xml) {
        return (Message) parse(xml);
    }

    /** The stanza that this element is, or null if it is none. */
    static @Nullable Stanza parse(Element element) {
        if (!element.name().namespace().equals(Ns.CLIENT)) {
            return null;
        }
        Header header =
                new Header(jid(element.attr("to")), jid(element.attr("from")), element.attr("id"), element.lang());
        Payload payload = Payload.of(element.children());
        return switch (element.name().local()) {
            case "message" -> new Message(header, Message.Type.parse(element.attr("type")), payload, List.of());
            case "presence" ->
                new Presence(
                        header, Objects.requireNonNull(Presence.Type.parse(element.attr("type"))), payload, List.of());
            case "iq" ->
                new Iq(header, Objects.requireNonNull(Iq.Type.parse(element.attr("type"))), payload, List.of());
            default -> null;
        };
    }

    private static @Nullable Jid jid(@Nullable String text) {
        return text == null ? null : Jid.of(text);
    }

    /** The whole stanza as an element. */
    public static Element element(Stanza stanza) {
        CanonicalWriter writer = new CanonicalWriter();
        stanza.writeTo(writer);
        return writer.toPayload().children().get(0);
    }
}
