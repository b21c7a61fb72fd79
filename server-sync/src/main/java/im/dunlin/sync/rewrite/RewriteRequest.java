// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Attribute;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.EditedPayload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request to edit or retract.
 *
 * @param id in the archive of whoever makes the request, as it was written
 * @param type null for one that no conversation has
 * @param symmetric whether the peer's archive changes too
 * @param conversation the peer; null where the request does not say
 * @param messageId the id that the message itself has, between two accounts of this server; null elsewhere
 * @param content of an edit; empty otherwise
 */
record RewriteRequest(
        Kind kind,
        String id,
        @Nullable ConversationType type,
        boolean symmetric,
        @Nullable BareJid conversation,
        @Nullable String messageId,
        Payload content) {

    enum Kind {
        RETRACT_MESSAGE("retract-message"),
        RETRACT_ALL("retract-all"),
        /** All messages of a member of a group; accounts have no members. */
        RETRACT_USER("retract-user"),
        REPLACE("replace");

        private final Name element;

        Kind(String local) {
            element = Name.of(RewriteModule.REWRITE, local);
        }

        Name element() {
            return element;
        }
    }

    /** Our own, and never seen outside: spares each message of a local peer the row that would find it by the peer's id. */
    private static final String MESSAGE_ID = "message-id";

    /** @throws im.dunlin.core.stanza.StanzaException {@code bad-request} if something is missing or makes no sense */
    static RewriteRequest parse(Element request) {
        Kind kind = kind(request);
        String type = request.requireAttr("type");
        boolean ofOne = kind == Kind.RETRACT_MESSAGE || kind == Kind.REPLACE;
        String id = ofOne ? request.requireAttr("id") : "";
        if (type.isEmpty() || ofOne && id.isEmpty()) {
            throw StanzaError.badRequest("type and id must not be empty").toException();
        }
        Jid conversation =
                kind == Kind.RETRACT_ALL ? request.requireJid("conversation") : request.optionalJid("conversation");
        return new RewriteRequest(
                kind,
                id,
                ConversationType.parse(type),
                request.optionalBoolean("symmetric", false),
                conversation == null ? null : conversation.bare(),
                request.attr(MESSAGE_ID),
                kind == Kind.REPLACE ? content(request) : Payload.EMPTY);
    }

    private static Kind kind(Element request) {
        for (Kind kind : Kind.values()) {
            if (request.is(kind.element)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no handler is declared for " + request.name());
    }

    /** Some clients declare a namespace for the message and some do not; then it and its content are in that of the request. */
    private static Payload content(Element request) {
        for (Element child : request.children()) {
            if (child.name().local().equals("message")) {
                List<Element> children = child.children().stream()
                        .filter(each -> !each.is(EditedPayload.REPLACED))
                        .map(RewriteRequest::inClientNamespace)
                        .toList();
                Payload content = EditedPayload.content(Payload.of(children));
                if (!Message.of(Header.EMPTY, Message.Type.CHAT, content)
                        .traits()
                        .hasContent()) {
                    throw StanzaError.badRequest("an edit that leaves nothing is a retraction")
                            .toException();
                }
                return content;
            }
        }
        throw StanzaError.badRequest("an edit has a message").toException();
    }

    private static Element inClientNamespace(Element element) {
        if (!element.name().namespace().equals(RewriteModule.REWRITE)) {
            return element;
        }
        ElementBuilder renamed =
                Element.builder(Name.of(Ns.CLIENT, element.name().local()));
        for (Attribute attribute : element.attributes()) {
            renamed.attr(attribute.prefix(), attribute.name(), attribute.value());
        }
        List<Element> children = element.children();
        return children.isEmpty()
                ? renamed.text(element.text()).build()
                : renamed.children(children.stream()
                                .map(RewriteRequest::inClientNamespace)
                                .toList())
                        .build();
    }

    /** The request as the peer's side gets it. @param messageId null for a peer on another server */
    static Element forPeer(Element request, @Nullable String messageId) {
        return messageId == null ? request : request.attr(MESSAGE_ID, messageId);
    }

    @Nullable
    Long archiveId() {
        return ArchiveId.parse(id);
    }
}
