// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import org.jspecify.annotations.Nullable;

/**
 * What Xabber's clients read in a push: not a text, but where the account's archive has it.
 *
 * @param type what its push service is told
 * @param element what only the client reads
 */
record XabberContent(String type, Element element) {
    private static final Name STANZA_ID = Name.of(Ns.STANZA_ID, "stanza-id");
    private static final Name DISPLAYED = Name.of(Ns.CHAT_MARKERS, "displayed");
    private static final Name PRESENCE = Name.of(Ns.CLIENT, "presence");

    /** Null for what these clients have no words for. */
    static @Nullable XabberContent of(Notice notice, Recipient recipient) {
        if (notice instanceof Notice.Call call) {
            return new XabberContent("call", Proposal.message(call));
        }
        if (notice instanceof Notice.Read read && !read.archiveIds().isEmpty()) {
            ElementBuilder displayed = Element.builder(DISPLAYED);
            read.archiveIds().forEach(id -> displayed.child(stanzaId(id, recipient.account())));
            return new XabberContent("displayed", displayed.build());
        }
        if (notice instanceof Notice.CallEnd end) {
            // A missed call is a message to them: their word for calls starts the app, and only a call may do that.
            String id = end.isMissed() ? end.archiveId() : null;
            return id == null ? null : new XabberContent("message", stanzaId(id, recipient.account()));
        }
        return notice instanceof Notice.Message message ? message(message, recipient) : null;
    }

    private static @Nullable XabberContent message(Notice.Message message, Recipient recipient) {
        if (message.kind() == Notice.Message.Kind.SUBSCRIPTION) {
            return new XabberContent(
                    "subscribe",
                    Element.of(PRESENCE)
                            .attr("type", "subscribe")
                            .attr("from", message.sender().toString()));
        }
        String id = message.archiveId();
        if (id == null) {
            return null;
        }
        String type = switch (message.kind()) {
            case INVITATION -> "invite";
            case EDIT -> "update";
            default -> "message";
        };
        return new XabberContent(type, stanzaId(id, recipient.account()));
    }

    static Element stanzaId(String id, BareJid by) {
        return Element.of(STANZA_ID).attr("by", by.toString()).attr("id", id);
    }
}
