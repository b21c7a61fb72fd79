// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.synchronization;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.modules.roster.RosterView;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.delivery.ArchivedElements;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.Entries;
import im.dunlin.sync.log.MissedCall;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes conversations as clients get them: always whole, since a client replaces what it had. */
final class ConversationElements {
    static final String SYNCHRONIZATION = SynchronizationView.NAMESPACE;
    static final Name CONVERSATION = Name.of(SYNCHRONIZATION, "conversation");

    /** In canonical bytes elements have no prefixes, and text has no such characters. */
    private static final String TAKEN_FOR_ONE = "<conversation";

    private static final String REWRITE = "https://xabber.com/protocol/rewrite";
    private static final Name GROUP = Name.of(ConversationType.GROUP.wire(), "x");
    private static final Name RETRACT = Name.of(SYNCHRONIZATION, "retract");
    private static final Name CALL = Name.of(SYNCHRONIZATION, "call");
    private static final Name UNREAD = Name.of(SYNCHRONIZATION, "unread");
    private static final Name DISPLAYED = Name.of(SYNCHRONIZATION, "displayed");
    private static final Name DELIVERED = Name.of(SYNCHRONIZATION, "delivered");
    private static final Name UNREAD_MENTION = Name.of(SYNCHRONIZATION, "unread-mention");
    private static final Name LAST_MESSAGE = Name.of(SYNCHRONIZATION, "last-message");

    /** The account's own messages to a group, of which the group has not yet told that it has them. */
    private static final int NAMELESS = 20;

    private final LogReader log;
    private final RosterView roster;
    private @Nullable LiveCalls calls;
    private @Nullable GroupFacts groups;

    ConversationElements(LogReader log, RosterView roster) {
        this.log = log;
        this.roster = roster;
    }

    void show(LiveCalls calls) {
        this.calls = calls;
    }

    void show(GroupFacts groups) {
        this.groups = groups;
    }

    /** Whether it is a group that asks to be subscribed to. */
    static boolean isOfGroup(Presence request) {
        return request.payload().has(GROUP);
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
            boolean isGroup = key.type().isGroup();
            GroupFacts.Facts facts = isGroup && groups != null ? groups.of(reader, account, key) : null;
            Presence request = isChat || isGroup ? roster.request(key.peer(), jid, account, reader) : null;
            if (request != null && isOfGroup(request) == isGroup) {
                // A client takes a conversation without it for one whose request was answered.
                Forwarded.stanza(conversation, request);
            }
            conversation.child(metadata(REWRITE)
                    .child(Element.of(RETRACT).attr("version", version(key, head, facts)))
                    .build());
            if (isChat || isGroup) {
                conversation.child(call(isChat ? key.peer() : null));
            }
            if (isGroup) {
                conversation.child(metadata(key.type().wire())
                        .children(facts == null ? List.of() : facts.elements())
                        .build());
            }
            return conversation
                    .child(state(key, head, facts == null ? GroupFacts.Facts.NONE : facts, withLastMessage))
                    .build();
        }

        private Message lastMessage(LogEntry entry, long id) {
            List<Element> additions = new ArrayList<>(ArchivedElements.of(id, jid));
            String named = entry.type().isGroup() ? entry.foreignId() : null;
            BareJid peer = entry.peer(jid);
            if (named != null && StanzaId.find(entry.message().payload(), peer) == null) {
                additions.add(new StanzaId(named, peer).element());
            }
            return shown(entry.message(), jid).withAdditions(additions);
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

        /** A group counts its edits itself, and is asked for them. */
        private String version(ConversationKey key, ConversationHead head, GroupFacts.@Nullable Facts facts) {
            return key.type().isGroup()
                    ? Long.toString(facts == null ? 0 : facts.version())
                    : number(head.rewriteVersion());
        }

        /** Of a group's messages, clients know the ids that its own archive gives them. */
        private String position(ConversationKey key, ConversationHead head, long id) {
            if (!key.type().isGroup() || id == 0) {
                return number(id);
            }
            try (Entries entries = log.entries(reader, account, head, 0, id + 1, Direction.BACKWARD)) {
                Row<Long, LogEntry> row = entries.next();
                for (int i = 0; row != null && i < NAMELESS; i++) {
                    String named = row.value().foreignId();
                    if (named != null) {
                        return named;
                    }
                    row = entries.next();
                }
            }
            return number(0);
        }

        private Element state(
                ConversationKey key, ConversationHead head, GroupFacts.Facts facts, boolean withLastMessage) {
            ConversationHead.Positions positions = head.positions();
            ElementBuilder metadata = metadata(SYNCHRONIZATION)
                    .child(Element.of(UNREAD)
                            .attr("count", Long.toString(head.unread()))
                            .attr("after", position(key, head, positions.read())))
                    .child(Element.of(DISPLAYED).attr("id", position(key, head, positions.displayed())))
                    .child(Element.of(DELIVERED).attr("id", position(key, head, positions.delivered())));
            if (head.unreadMention() != 0) {
                metadata.child(Element.of(UNREAD_MENTION).attr("id", position(key, head, head.unreadMention())));
            }
            // Who is invited is no member, and sees the invitation.
            boolean isInvited = facts.invitation() != 0;
            long lastId = isInvited ? facts.invitation() : head.lastMessage();
            boolean isWanted = (withLastMessage || isInvited) && lastId != 0;
            LogEntry last = !isWanted ? null : log.entry(reader, account, lastId);
            if (last != null && last.isKept() && last.message().payload().size() <= bytesLeft) {
                bytesLeft -= last.message().payload().size();
                metadata.child(Forwarded.stanza(Element.builder(LAST_MESSAGE), lastMessage(last, lastId))
                        .build());
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
