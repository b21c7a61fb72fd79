// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.IdKind;
import im.dunlin.sync.log.LogEntry;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0227 §4.5: messages that wait. Other servers keep them beside the archive, or have none: here they are in it, behind what the
 * file has of it, unless the archive must not have them. What waits is unread.
 */
final class OfflinePart implements AccountPart {
    private static final Name OFFLINE = Name.of("urn:xmpp:pie:0", "offline-messages");

    private static final int AT_ONCE = 100;

    /** Up to which held message has been looked at whether it belongs into the archive. */
    private static final CacheKey<Long> LOOKED_AT = new CacheKey<>("archive.offline-part");

    private final OfflineMessages offline;
    private final ConversationLog log;
    private final ArchivePolicy policy;
    private final ArchivePart archive;

    OfflinePart(OfflineMessages offline, ConversationLog log, ArchivePolicy policy) {
        this.offline = offline;
        this.log = log;
        this.policy = policy;
        this.archive = new ArchivePart(log);
    }

    @Override
    public Set<Name> elements() {
        return Set.of(OFFLINE);
    }

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        offline.forEachWaiting(account, reader, message -> {
            CanonicalWriter writer = new CanonicalWriter();
            message.writeTo(writer);
            out.accept(Element.of(OFFLINE).child(Element.parse(writer.toByteArray())));
        });
    }

    @Override
    public void take(Element piece, Turn turn) {
        for (Element each : piece.children(ArchivePart.MESSAGE)) {
            StanzaId known = StanzaId.find(Payload.of(each.children()), turn.jid());
            Long id = known == null ? null : ArchiveId.parse(known.id());
            LogEntry entry = id == null ? null : log.entry(turn, id);
            if (id != null && entry != null && !entry.outbound()) {
                wait(turn, id, entry);
            } else {
                offline.hold(turn, ArchivePart.message(each, turn.jid()));
            }
        }
    }

    private void wait(Turn turn, long id, LogEntry entry) {
        offline.adopt(turn, id, entry);
        log.unread(turn, entry.key(turn.jid()), id);
    }

    /** The archive may have come behind what waits: only now it is known what is in it. */
    @Override
    public boolean isComplete(Turn turn) {
        List<Row<Long, Stanza>> held = offline.held(turn, turn.cached(LOOKED_AT, () -> 0L), AT_ONCE);
        for (Row<Long, Stanza> row : held) {
            if (row.value() instanceof Message message) {
                Long id = archived(turn, message);
                LogEntry entry = id == null ? null : log.entry(turn, id);
                if (id != null && entry != null) {
                    wait(turn, id, entry);
                    offline.release(turn, row.key());
                }
            }
        }
        turn.forget(LOOKED_AT);
        if (held.size() == AT_ONCE) {
            long last = held.get(AT_ONCE - 1).key();
            turn.cached(LOOKED_AT, () -> last);
        }
        return held.size() < AT_ONCE;
    }

    /** Where the message is in the archive, put there if it is not; null if it must not be. */
    private @Nullable Long archived(Turn turn, Message message) {
        BareJid sender = Objects.requireNonNull(message.from()).bare();
        String text = message.id();
        if (text != null) {
            for (Row<Long, LogEntry> row : log.find(turn, Way.INBOUND, sender, IdKind.STANZA, text)) {
                if (Objects.equals(row.value().message().body(), message.body())) {
                    return row.key();
                }
            }
        }
        Element delay = message.payload().first(Delay.NAME);
        Instant time = ArchivePart.time(delay);
        if (!message.traits().isStored(message.type()) || !policy.keeps(turn, message.from())) {
            return null;
        }
        Payload payload = message.payload().without(Delay.NAME::equals);
        return archive.record(turn, message.withPayload(payload), null, time == null ? turn.now() : time);
    }
}
