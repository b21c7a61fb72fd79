// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.displayed;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Setup;
import im.dunlin.core.module.Stage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.displayed.DisplayedChats;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ChangeObserver.Cause;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.Markers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the displayed chats of XEP-0490 and the read positions of conversations one thing: an item that a client publishes moves
 * the position, and a displayed marker (XEP-0333) that a client sends publishes the item.
 *
 * <p>Nothing goes round: what an item moves publishes nothing, and what publishes an item has moved the position.
 */
public final class ReadPositionsModule {
    private static final Logger logger = LoggerFactory.getLogger(ReadPositionsModule.class);

    private static final Name OCCUPANT = Name.of(Ns.MUC_USER, "x");

    private final ConversationLog log;
    private final Markers markers;
    private final DisplayedChats chats;

    public ReadPositionsModule(Setup setup) {
        log = setup.require(ConversationLog.class);
        markers = new Markers(log);
        chats = setup.require(DisplayedChats.class);
        chats.observe(this::displayed);
        log.observe(this::changed);
        setup.message(Stage.RECORD, this::record);
    }

    /** Which conversation with the peer is meant, the entry says: an item names the peer alone. */
    private void displayed(BareJid chat, StanzaId upTo, Turn turn) {
        Long id = upTo.by().equals(turn.jid()) ? ArchiveId.parse(upTo.id()) : null;
        LogEntry entry = id == null ? null : log.entry(turn, id);
        if (id != null && entry != null && entry.peer(turn.jid()).equals(chat)) {
            log.readSilently(turn, entry.key(turn.jid()), id);
        }
    }

    private Verdict record(Passage passage, Turn turn) {
        BareJid peer = passage.peer();
        if (passage.way() == Way.OUTBOUND && passage.traits().isMarker() && !peer.equals(turn.jid())) {
            Row<Long, LogEntry> read = markers.read(turn, peer, passage.message());
            // What an occupant of a room wrote to this one alone is no place in the chat of the room.
            if (read != null && !read.value().message().payload().has(OCCUPANT)) {
                publish(peer, read.key(), turn);
            }
        }
        return Verdict.PASS;
    }

    /** Whoever deletes a conversation is done with what is in it. */
    private void changed(Turn turn, ConversationKey key, ConversationHead head, Cause cause) {
        if (cause == Cause.STATE && head.status() == Status.DELETED && head.lastMessage() != 0) {
            publish(key.peer(), head.lastMessage(), turn);
        }
    }

    private void publish(BareJid chat, long id, Turn turn) {
        try {
            chats.displayed(chat, new StanzaId(ArchiveId.format(id), turn.jid()), turn);
        } catch (StanzaException e) {
            // A marker must not come back because the account has too many nodes.
            logger.debug("{} has no room for an item: {}", turn.jid(), e.error().condition());
        }
    }
}
