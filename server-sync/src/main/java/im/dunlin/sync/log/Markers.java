// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Row;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Moves the positions of a conversation by what messages say of other messages: displayed markers (XEP-0333) and delivery
 * receipts (XEP-0184, and the marker of older versions of XEP-0333). Positions only move forward.
 */
public final class Markers {
    private static final Name CONVERSATION = Name.of("https://xabber.com/protocol/synchronization", "conversation");
    private static final Name DISPLAYED = Name.of(Ns.CHAT_MARKERS, "displayed");
    private static final Name RECEIVED = Name.of(Ns.CHAT_MARKERS, "received");
    private static final Name RECEIPT = Name.of(Ns.RECEIPTS, "received");

    private final ConversationLog log;

    public Markers(ConversationLog log) {
        this.log = log;
    }

    /**
     * @param message of type chat or normal
     * @param archived the id of the message in the archive; 0 if it is not archived
     */
    public void apply(Turn turn, Way way, BareJid peer, Message message, long archived) {
        if (peer.equals(turn.jid())) {
            return;
        }
        if (way == Way.OUTBOUND) {
            Row<Long, LogEntry> read = read(turn, peer, message);
            if (read != null) {
                ConversationKey key = conversation(turn, message, read.value());
                log.read(turn, key, read.key(), () -> log.numberOf(turn, key, archived));
            }
            return;
        }
        Element displayed = message.payload().first(DISPLAYED);
        Row<Long, LogEntry> seen = displayed == null ? null : marked(turn, peer, displayed, true);
        if (seen != null) {
            ConversationKey key = conversation(turn, message, seen.value());
            log.displayed(turn, key, seen.key(), () -> log.numberOf(turn, key, archived));
        }
        for (Name name : List.of(RECEIVED, RECEIPT)) {
            Element receipt = message.payload().first(name);
            Row<Long, LogEntry> arrived = receipt == null ? null : marked(turn, peer, receipt, true);
            if (arrived != null) {
                ConversationKey key = conversation(turn, message, arrived.value());
                log.delivered(turn, key, arrived.key(), () -> log.numberOf(turn, key, archived));
            }
        }
    }

    /** The entry of the peer's up to which the account says that it has read; null if it names none. */
    public @Nullable Row<Long, LogEntry> read(Turn turn, BareJid peer, Message message) {
        Element displayed = message.payload().first(DISPLAYED);
        return displayed == null ? null : marked(turn, peer, displayed, false);
    }

    /** That of the entry, unless the message says that another conversation with the same peer is meant. */
    private ConversationKey conversation(Turn turn, Message marker, LogEntry entry) {
        ConversationKey own = entry.key(turn.jid());
        Element hint = marker.payload().first(CONVERSATION);
        String wire = hint == null ? null : hint.attr("type");
        ConversationType type = wire == null ? null : ConversationType.parse(wire);
        ConversationKey meant = type == null ? own : new ConversationKey(own.peer(), type);
        return log.head(turn, meant) == null ? own : meant;
    }

    /** The entry that a marker names: by this account's archive id if the marker has it, else by the message's own ids. */
    private @Nullable Row<Long, LogEntry> marked(Turn turn, BareJid peer, Element marker, boolean outbound) {
        for (Element child : marker.children(StanzaId.NAME)) {
            StanzaId stanzaId = StanzaId.parse(child);
            Long id = stanzaId == null || !stanzaId.by().equals(turn.jid()) ? null : ArchiveId.parse(stanzaId.id());
            LogEntry entry = id == null ? null : log.entry(turn, id);
            // Peers write what they like here: only what passed between the two of us counts.
            if (id != null
                    && entry != null
                    && entry.outbound() == outbound
                    && entry.peer(turn.jid()).equals(peer)) {
                return new Row<>(turn.owner().key(), id, entry);
            }
            // The messages of a group are named by its own archive.
            if (stanzaId != null && stanzaId.by().equals(peer) && !outbound) {
                List<Row<Long, LogEntry>> found = log.find(turn, Way.INBOUND, peer, IdKind.FOREIGN, stanzaId.id());
                if (!found.isEmpty()) {
                    return found.get(0);
                }
            }
        }
        String text = marker.attr("id");
        if (text != null) {
            for (IdKind kind : List.of(IdKind.STANZA, IdKind.ORIGIN)) {
                List<Row<Long, LogEntry>> found =
                        log.find(turn, outbound ? Way.OUTBOUND : Way.INBOUND, peer, kind, text);
                if (!found.isEmpty()) {
                    return found.get(0);
                }
            }
        }
        return null;
    }
}
