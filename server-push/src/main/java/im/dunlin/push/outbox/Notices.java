// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.policy.Decision;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Row;
import im.dunlin.sync.calls.Call;
import im.dunlin.sync.calls.CallLedger;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a push says, from what the account knows when it is sent. */
final class Notices {
    private static final Name PROPOSE = Name.of(Ns.JINGLE_MESSAGE, "propose");
    private static final Name DESCRIPTION = Name.of("urn:xmpp:jingle:apps:rtp:1", "description");

    /** Messages among which the end of a call is looked for. */
    private static final int MOST_LOOKED_AT = 20;

    /** Conversations whose unread messages are added up; the badge of whoever has more is too low. */
    private static final int MOST_UNREAD = 200;

    private final ConversationLog log;
    private final LogReader reader;
    private final CallLedger ledger;

    Notices(ConversationLog log, CallLedger ledger) {
        this.log = log;
        this.reader = log.reader();
        this.ledger = ledger;
    }

    /** Null if nothing is left to say. */
    @Nullable
    Notice of(Place place, Pending pending, Decision.Kind kind, Turn turn) {
        return switch (place.matter()) {
            case MESSAGE -> message(place, pending, kind, turn);
            case CALL -> call(place, kind, turn);
            case CALL_END -> callEnd(place, pending, turn);
            case READ -> new Notice.Read(pending.createdAt(), BareJid.of(place.name()), pending.details(), badge(turn));
        };
    }

    /** When it is not worth sending any more. */
    Instant expires(Place place, Pending pending, Turn turn) {
        if (place.isCall()) {
            Call call = ledger.find(turn, place.name());
            return call == null ? Instant.EPOCH : call.ringsUntil();
        }
        return pending.createdAt().plus(place.matter() == Place.Matter.READ ? Notice.Read.FRESH : Notice.SEEN_WITHIN);
    }

    private @Nullable Notice message(Place place, Pending pending, Decision.Kind kind, Turn turn) {
        BareJid peer = BareJid.of(place.name());
        boolean isMention = kind == Decision.Kind.MENTION;
        if (pending.archiveId() == 0) {
            return new Notice.Message(
                    pending.kind(),
                    pending.createdAt(),
                    peer,
                    peer,
                    null,
                    null,
                    false,
                    null,
                    null,
                    badge(turn),
                    isMention || pending.kind() == Notice.Message.Kind.CHAT,
                    pending.count() > 1);
        }
        LogEntry entry = log.entry(turn, pending.archiveId());
        if (entry == null || !entry.isKept()) {
            return null;
        }
        Message message = entry.message();
        Jid from = message.from();
        boolean isGroup = pending.kind() == Notice.Message.Kind.GROUP;
        return new Notice.Message(
                pending.kind(),
                pending.createdAt(),
                peer,
                from == null ? peer : from.bare(),
                isGroup && from != null ? from.resource() : null,
                Content.text(message),
                MessageTraits.of(message).isEncrypted(),
                ArchiveId.format(pending.archiveId()),
                entry.stanzaId(),
                badge(turn),
                isMention || !isGroup,
                pending.count() > 1);
    }

    /** Of somebody unknown it is shown that they called, and nothing rings. */
    private @Nullable Notice call(Place place, Decision.Kind kind, Turn turn) {
        Call call = ledger.find(turn, place.name());
        FullJid caller = call == null ? null : call.peerDevice();
        if (call == null || caller == null) {
            return null;
        }
        Instant created = Micros.toInstant(call.start());
        if (kind != Decision.Kind.CALL) {
            return new Notice.Message(
                    Notice.Message.Kind.CHAT,
                    created,
                    call.peer(),
                    call.peer(),
                    null,
                    null,
                    false,
                    call.archiveId(),
                    null,
                    badge(turn),
                    true,
                    false);
        }
        return new Notice.Call(created, call.ringsUntil(), caller, call.sid(), call.media(), offer(call));
    }

    /** The offer itself where its media do not say all of it. */
    private static @Nullable String offer(Call call) {
        Message offer = call.offer();
        Element propose = offer == null ? null : offer.payload().first(PROPOSE);
        return propose == null || isPlain(propose) ? null : propose.toString();
    }

    private static boolean isPlain(Element propose) {
        return propose.children().stream().allMatch(child -> child.is(DESCRIPTION) && child.isEmpty());
    }

    private @Nullable Notice callEnd(Place place, Pending pending, Turn turn) {
        Call call = ledger.find(turn, place.name());
        Notice.CallEnd.Reason reason = pending.ended();
        if (call == null || reason == null) {
            return null;
        }
        FullJid caller = call.peerDevice();
        return new Notice.CallEnd(
                pending.createdAt(),
                caller == null ? call.peer() : caller,
                call.sid(),
                pending.details(),
                reason,
                recordOf(call, turn));
    }

    /** Under which id the archive tells that nobody answered: by the caller's last word, or by a record of the server's. */
    private @Nullable String recordOf(Call call, Turn turn) {
        try (LogReader.Entries entries = reader.entries(
                turn.reader(), turn.owner().key(), call.peer(), call.start(), Long.MAX_VALUE, Direction.BACKWARD)) {
            int looked = 0;
            for (Row<Long, LogEntry> row = entries.next();
                    row != null && looked < MOST_LOOKED_AT;
                    row = entries.next()) {
                looked++;
                if (tellsTheEnd(row.value().message(), call.sid())) {
                    return ArchiveId.format(row.key());
                }
            }
        }
        return null;
    }

    private static boolean tellsTheEnd(Message message, String sid) {
        if (!message.traits().isCall()) {
            return false;
        }
        return message.payload().children().stream()
                .anyMatch(
                        child -> !child.is(PROPOSE) && (sid.equals(child.attr("id")) || sid.equals(child.attr("sid"))));
    }

    /** What is unread in conversations that are not muted. */
    private int badge(Turn turn) {
        long count = 0;
        for (Row<ConversationKey, ConversationHead> row :
                reader.unread(turn.reader(), turn.owner().key(), 0, Long.MAX_VALUE, Direction.BACKWARD, MOST_UNREAD)) {
            count += row.value().isMuted(turn.now()) ? 0 : row.value().unread();
        }
        return (int) Math.min(count, Integer.MAX_VALUE);
    }
}
