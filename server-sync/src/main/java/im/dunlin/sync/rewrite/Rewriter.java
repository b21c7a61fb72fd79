// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.modules.carbons.CarbonsView;
import im.dunlin.core.modules.presence.PresenceView;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Row;
import im.dunlin.sync.archive.WaitingMessages;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.StandardRewrites;
import im.dunlin.sync.log.XabberStreams;
import org.jspecify.annotations.Nullable;

/**
 * Does what was requested to one archive. The change is written as the message by which a standard client would have made it
 * (XEP-0308, XEP-0424): that is what the account's standard clients are sent, and find in the archive later.
 */
final class Rewriter {
    private static final Name SENT = Name.of(Ns.CARBONS, "sent");
    private static final Name FALLBACK = Name.of("urn:xmpp:fallback:0", "fallback");
    private static final Name STORE = Name.of(Ns.HINTS, "store");
    private static final String FOR_OTHERS = "/me retracted a previous message, but it's unsupported by your client.";

    private final ConversationLog log;
    private final StandardRewrites standard;
    private final PresenceView presence;
    private final CarbonsView carbons;
    private final WaitingMessages waiting;

    Rewriter(ConversationLog log, PresenceView presence, CarbonsView carbons, WaitingMessages waiting) {
        this.log = log;
        this.standard = new StandardRewrites(log);
        this.presence = presence;
        this.carbons = carbons;
        this.waiting = waiting;
    }

    /** Gives a message other content. @return the message that tells of it; null if none can */
    @Nullable
    Message replace(Turn turn, Row<Long, LogEntry> row, Payload content) {
        Element replace = Element.of(StandardRewrites.REPLACE)
                .attrIfPresent("id", row.value().stanzaId());
        return change(turn, row, content.with(replace));
    }

    /** Takes a message back, in the name of its author. @return the message that tells of it; null if none can */
    @Nullable
    Message retract(Turn turn, Row<Long, LogEntry> row) {
        Element retract = Element.of(StandardRewrites.RETRACT)
                .attrIfPresent("id", row.value().stanzaId());
        return change(
                turn,
                row,
                Payload.of(
                        retract,
                        Element.of(FALLBACK).attr("for", Ns.RETRACTION),
                        Element.of(Message.BODY, FOR_OTHERS),
                        Element.of(STORE)));
    }

    /** Takes somebody else's message out of this archive. Nobody else could say that it was retracted, so nothing says it. */
    void forget(Turn turn, Row<Long, LogEntry> row) {
        log.retract(turn, row.key(), null, turn.stamp(), 0);
    }

    private @Nullable Message change(Turn turn, Row<Long, LogEntry> row, Payload payload) {
        Message original = row.value().message();
        Header header = original.header().withId(turn.randomId()).withLang(null);
        Message change = Message.of(header, original.type(), payload);
        if (original.id() == null) {
            // Standard clients could not know which message is meant.
            standard.apply(turn, 0, change, row);
            return null;
        }
        Way way = row.value().outbound() ? Way.OUTBOUND : Way.INBOUND;
        long id = log.append(turn, way, change, change.traits(), row);
        standard.apply(turn, id, change, row);
        Message identified = change.adding(new StanzaId(ArchiveId.format(id), turn.jid()).element());
        boolean isTold = false;
        for (ClientSession session : presence.available(turn)) {
            if (!XabberStreams.isOne(turn, session)) {
                isTold |= tell(turn, session, way, identified);
            }
        }
        boolean isOfPeer = way == Way.INBOUND && !row.value().isOwn(turn.jid());
        if (isOfPeer && !isTold) {
            // As if the peer had sent it: it waits like any message that came while nobody was there.
            waiting.waits(turn, id);
        }
        return identified;
    }

    /** @return whether the session was given it as a message of its own */
    private boolean tell(Turn turn, ClientSession session, Way way, Message change) {
        if (way == Way.INBOUND) {
            if (presence.priority(session, turn) >= 0) {
                turn.send(session, change);
                return true;
            }
        } else if (carbons.isEnabled(session, turn)) {
            Payload copy = Payload.of(Element.of(SENT).child(Forwarded.of(change, null)));
            turn.send(session, Message.of(new Header(session.jid(), turn.jid(), null, null), change.type(), copy));
        }
        return false;
    }
}
