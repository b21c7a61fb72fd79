// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * What clients of {@code urn:xmpp:push2:0} read in a push: the stanza, as far as it matters, forwarded within an envelope
 * (XEP-0420). A text that does not fit is cut; the archive's id is there in any case.
 */
final class Push2Content {
    /** One record has room for a byte more. */
    static final int MAX_BYTES = 2_559;

    private static final String SCE = "urn:xmpp:sce:1";
    private static final Name ENVELOPE = Name.of(SCE, "envelope");
    private static final Name CONTENT = Name.of(SCE, "content");
    private static final Name FORWARDED = Name.of(Ns.FORWARD, "forwarded");
    private static final Name MESSAGE = Name.of(Ns.CLIENT, "message");
    private static final Name PRESENCE = Name.of(Ns.CLIENT, "presence");

    private Push2Content() {}

    /** Null for what was no stanza, or has no room. */
    static byte @Nullable [] of(Notice notice, Recipient recipient, int most) {
        if (notice instanceof Notice.Call call) {
            byte[] offer = fitting(Proposal.message(call), most);
            return offer == null ? fitting(Proposal.message(call.withoutOffer()), most) : offer;
        }
        if (!(notice instanceof Notice.Message message)) {
            return null;
        }
        if (message.kind() == Notice.Message.Kind.SUBSCRIPTION) {
            return fitting(
                    Element.of(PRESENCE)
                            .attr("type", "subscribe")
                            .attr("from", message.sender().toString()),
                    most);
        }
        String text = message.text();
        if (text == null || message.isEncrypted()) {
            return fitting(stanza(message, recipient, null), most);
        }
        byte[] whole = text.length() > most ? null : fitting(stanza(message, recipient, text), most);
        if (whole != null) {
            return whole;
        }
        String cut = Cut.toFit(text, most, shorter -> fitting(stanza(message, recipient, shorter), most) != null);
        return fitting(stanza(message, recipient, cut.isEmpty() ? null : cut), most);
    }

    private static Element stanza(Notice.Message message, Recipient recipient, @Nullable String text) {
        ElementBuilder stanza = Element.builder(MESSAGE)
                .attr("from", message.sender().toString())
                .attr("type", message.nick() == null ? "chat" : "groupchat");
        if (text != null) {
            stanza.child(Message.BODY, text);
        }
        if (message.archiveId() != null) {
            stanza.child(XabberContent.stanzaId(message.archiveId(), recipient.account()));
        }
        return stanza.build();
    }

    private static byte @Nullable [] fitting(Element stanza, int most) {
        CanonicalWriter writer = new CanonicalWriter("");
        Element.of(ENVELOPE)
                .child(Element.of(CONTENT).child(Element.of(FORWARDED).child(stanza)))
                .writeTo(writer);
        byte[] bytes = writer.toByteArray();
        return bytes.length <= most ? bytes : null;
    }
}
