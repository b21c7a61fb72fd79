// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.sync.delivery.ArchivedElements;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogTables.Rewrite;
import im.dunlin.sync.log.RewriteObserver;
import im.dunlin.sync.log.XabberStreams;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Edits and retractions as headlines, to the sessions that understand them. */
final class Events implements RewriteObserver {
    private static final String NOTIFY = RewriteModule.REWRITE + "#notify";
    private static final Name REPLACE = Name.of(NOTIFY, "replace");
    private static final Name RETRACT = Name.of(NOTIFY, "retract-message");
    private static final Name RETRACT_ALL = Name.of(NOTIFY, "retract-all");
    private static final Name INVALIDATE = Name.of(NOTIFY, "invalidate");

    private final PresenceView presence;

    Events(PresenceView presence) {
        this.presence = presence;
    }

    @Override
    public void rewritten(Turn turn, long version, Rewrite rewrite, @Nullable LogEntry entry) {
        BareJid account = turn.jid();
        Message headline = null;
        for (ClientSession session : presence.available(turn)) {
            if (XabberStreams.isOne(turn, session)) {
                if (headline == null) {
                    Element event = event(account, version, rewrite, entry);
                    if (event == null) {
                        return;
                    }
                    headline = headline(account, account, event).withId(turn.randomId());
                }
                turn.send(session, headline);
            }
        }
    }

    /** To a client, events of its account come from its server; a group tells of its own messages, and of nothing else. */
    static Verdict withoutForged(Passage passage) {
        Message message = passage.message();
        if (passage.way() == Way.OUTBOUND || passage.peer().equals(passage.account())) {
            return Verdict.PASS;
        }
        Payload genuine = message.payload();
        for (Name name : Set.copyOf(genuine.names())) {
            if (name.namespace().equals(NOTIFY)) {
                genuine = genuine.without(name, event -> !isOfGroup(event, passage.peer()));
            }
        }
        if (genuine.isEmpty() && !message.payload().isEmpty()) {
            return Verdict.drop("nothing was left of it");
        }
        if (genuine != message.payload()) {
            passage.replace(message.withPayload(genuine));
        }
        return Verdict.PASS;
    }

    private static boolean isOfGroup(Element event, BareJid peer) {
        return ConversationType.GROUP.wire().equals(event.attr("type"))
                && peer.toString().equals(event.attr("conversation"));
    }

    static Message headline(BareJid account, Jid to, Element... content) {
        return Message.of(Header.to(to).withFrom(account), Message.Type.HEADLINE, Payload.of(content));
    }

    /**
     * Null for a conversation with a group: the group tells of its messages itself, by its own ids.
     *
     * @param entry as it is now; null where it is gone for good, and then there is no event for an edit of it
     */
    static @Nullable Element event(BareJid account, long version, Rewrite rewrite, @Nullable LogEntry entry) {
        if (rewrite.conversation().type().isGroup()) {
            return null;
        }
        return switch (rewrite.kind()) {
            case RETRACTED -> one(RETRACT, version, rewrite).build();
            case ALL_RETRACTED ->
                of(RETRACT_ALL, version, rewrite.conversation()).build();
            case REPLACED ->
                entry == null || !entry.isKept()
                        ? null
                        : Forwarded.stanza(one(REPLACE, version, rewrite), archived(account, rewrite.entry(), entry))
                                .build();
        };
    }

    /** Too much has happened in this conversation to be told: it is to be fetched anew. */
    static Element invalidate(long version, ConversationKey conversation) {
        return of(INVALIDATE, version, conversation).build();
    }

    private static ElementBuilder one(Name name, long version, Rewrite rewrite) {
        return of(name, version, rewrite.conversation()).attr("id", ArchiveId.format(rewrite.entry()));
    }

    private static ElementBuilder of(Name name, long version, ConversationKey conversation) {
        return Element.builder(name)
                .attr("conversation", conversation.peer().toString())
                .attr("type", conversation.type().wire())
                .attr("version", ArchiveId.format(version));
    }

    private static Message archived(BareJid account, long id, LogEntry entry) {
        return entry.message().withAdditions(ArchivedElements.of(id, account));
    }
}
