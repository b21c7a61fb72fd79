// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.sync.delivery.ArchivedElements;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.MissedCall;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes conversations as clients get them: always whole, since a client replaces what it had. */
final class ConversationElements {
    static final String SYNCHRONIZATION = SynchronizationView.NAMESPACE;
    static final Name CONVERSATION = Name.of(SYNCHRONIZATION, "conversation");

    /** In canonical bytes elements have no prefixes, and text has no such characters. */
    private static final String TAKEN_FOR_ONE = "<conversation";

    private static final String REWRITE = "https://xabber.com/protocol/rewrite";
    private static final Name RETRACT = Name.of(SYNCHRONIZATION, "retract");
    private static final Name CALL = Name.of(SYNCHRONIZATION, "call");
    private static final Name UNREAD = Name.of(SYNCHRONIZATION, "unread");
    private static final Name DISPLAYED = Name.of(SYNCHRONIZATION, "displayed");
    private static final Name DELIVERED = Name.of(SYNCHRONIZATION, "delivered");
    private static final Name UNREAD_MENTION = Name.of(SYNCHRONIZATION, "unread-mention");
    private static final Name LAST_MESSAGE = Name.of(SYNCHRONIZATION, "last-message");

    private final LogReader log;
    private final RosterView roster;
    private @Nullable LiveCalls calls;

    ConversationElements(LogReader log, RosterView roster) {
        this.log = log;
        this.roster = roster;
    }

    void show(LiveCalls calls) {
        this.calls = calls;
    }

    /** A stamp, version or position on the wire: 16 digits, or 0 for none. */
    static String number(long stamp) {
        return stamp == 0 ? "0" : ArchiveId.format(stamp);
    }

    /**
     * @param account the owner of the rows, and {@code jid} its address
     * @param maxBytes of last messages, all together
     */
    ConversationWriter writer(Reader reader, OwnerKey account, BareJid jid, Instant now, long maxBytes) {
        return new Writer(reader, account, jid, now, maxBytes);
    }

    private final class Writer implements ConversationWriter {
        private final Reader reader;
        private final OwnerKey account;
        private final BareJid jid;
        private final Instant now;
        private long bytesLeft;

        private Writer(Reader reader, OwnerKey account, BareJid jid, Instant now, long maxBytes) {
            this.reader = reader;
            this.account = account;
            this.jid = jid;
            this.now = now;
            this.bytesLeft = maxBytes;
        }

        @Override
        public Element write(ConversationKey key, ConversationHead head, boolean withLastMessage) {
            ElementBuilder conversation = Element.builder(CONVERSATION)
                    .attr("jid", key.peer().toString())
                    .attr("type", key.type().wire())
                    .attr("status", head.status().name().toLowerCase(Locale.ROOT))
                    .attr("stamp", number(head.orderStamp()))
                    .attr("thread", "")
                    .attr("pinned", Long.toString(head.pin()));
            if (head.status() == Status.DELETED) {
                return conversation.build();
            }
            if (head.isMuted(now)) {
                conversation.attr("mute", Long.toString(head.mutedUntil()));
            }
            boolean isChat = key.type() == ConversationType.CHAT;
            Presence request = isChat ? roster.request(key.peer(), jid, account, reader) : null;
            if (request != null) {
                // A client takes a conversation without it for one whose request was answered.
                Forwarded.stanza(conversation, request);
            }
            conversation.child(metadata(REWRITE)
                    .child(Element.of(RETRACT).attr("version", number(head.rewriteVersion())))
                    .build());
            if (isChat || key.type() == ConversationType.GROUP) {
                conversation.child(call(isChat ? key.peer() : null));
            }
            return conversation.child(state(head, withLastMessage)).build();
        }

        private Element call(@Nullable BareJid peer) {
            ElementBuilder metadata = metadata(Ns.JINGLE_MESSAGE);
            Message offer = calls == null || peer == null ? null : calls.liveOffer(reader, account, peer, now);
            if (offer != null) {
                metadata.child(
                        Forwarded.stanza(Element.builder(CALL), genuine(offer)).build());
            }
            return metadata.build();
        }

        private Element state(ConversationHead head, boolean withLastMessage) {
            ConversationHead.Positions positions = head.positions();
            ElementBuilder metadata = metadata(SYNCHRONIZATION)
                    .child(Element.of(UNREAD)
                            .attr("count", Long.toString(head.unread()))
                            .attr("after", number(positions.read())))
                    .child(Element.of(DISPLAYED).attr("id", number(positions.displayed())))
                    .child(Element.of(DELIVERED).attr("id", number(positions.delivered())));
            if (head.unreadMention() != 0) {
                metadata.child(Element.of(UNREAD_MENTION).attr("id", number(head.unreadMention())));
            }
            boolean isWanted = withLastMessage && head.lastMessage() != 0;
            LogEntry last = !isWanted ? null : log.entry(reader, account, head.lastMessage());
            if (last != null && last.message().payload().size() <= bytesLeft) {
                bytesLeft -= last.message().payload().size();
                Message message =
                        shown(last.message(), jid).withAdditions(ArchivedElements.of(head.lastMessage(), jid));
                metadata.child(
                        Forwarded.stanza(Element.builder(LAST_MESSAGE), message).build());
            }
            return metadata.build();
        }
    }

    private static Message shown(Message message, BareJid account) {
        Message addressed = message.to() == null ? message.withTo(account) : message;
        return genuine(MissedCall.forXabber(addressed));
    }

    /**
     * Some clients take every element named conversation for one of the answer, of whatever namespace and wherever it is. A
     * peer could tell them anything by it.
     */
    private static Message genuine(Message message) {
        Payload payload = message.payload();
        String xml = new String(payload.bytes(), StandardCharsets.UTF_8);
        return xml.contains(TAKEN_FOR_ONE)
                ? message.withPayload(Payload.of(payload.children().stream()
                        .filter(child -> !child.toString().contains(TAKEN_FOR_ONE))
                        .toList()))
                : message;
    }

    private static ElementBuilder metadata(String node) {
        return Element.builder(SynchronizationView.METADATA).attr("node", node);
    }
}
