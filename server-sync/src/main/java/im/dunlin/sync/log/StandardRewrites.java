// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Row;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Messages that edit others (XEP-0308) or take them back (XEP-0424, and XEP-0425 as a service sends it). What they name is
 * changed in its place; they themselves stay in the archive, for those who learn of the change by them.
 */
public final class StandardRewrites {
    public static final Name REPLACE = Name.of(Ns.CORRECTION, "replace");
    public static final Name RETRACT = Name.of(Ns.RETRACTION, "retract");
    public static final Name RETRACTED = Name.of(Ns.RETRACTION, "retracted");
    private static final Name MODERATED = Name.of(Ns.MODERATION, "moderated");

    private final ConversationLog log;

    public StandardRewrites(ConversationLog log) {
        this.log = log;
    }

    /**
     * The message that this one edits or retracts, and may: its author is the same, or a service answers for it. Null if this
     * is a message of its own, and also if what it names is not here or no longer.
     */
    public @Nullable Row<Long, LogEntry> target(
            Turn turn, Way way, BareJid peer, Message message, MessageTraits traits) {
        Element retract = traits.isRetraction() ? message.payload().first(RETRACT) : null;
        Element replace =
                traits.isCorrection() && retract == null ? message.payload().first(REPLACE) : null;
        Element change = retract != null ? retract : replace;
        String id = change == null ? null : change.attr("id");
        if (id == null) {
            return null;
        }
        if (retract != null && retract.has(MODERATED)) {
            boolean fromService = way == Way.INBOUND && message.from() instanceof BareJid;
            return fromService ? first(turn, way, peer, IdKind.FOREIGN, id, found -> true) : null;
        }
        ConversationType type = replace == null ? null : log.typeOf(turn, peer, message, way == Way.OUTBOUND);
        for (IdKind kind : List.of(IdKind.STANZA, IdKind.ORIGIN)) {
            Row<Long, LogEntry> found = first(
                    turn,
                    way,
                    peer,
                    kind,
                    id,
                    entry -> isAuthor(way, message, traits, entry) && (type == null || type == entry.type()));
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** Whether the message corrects one that its author has taken back: nothing of it is to be shown. */
    public boolean isTooLate(Turn turn, Way way, BareJid peer, Message message, MessageTraits traits) {
        Element replace = traits.isCorrection() ? message.payload().first(REPLACE) : null;
        String id = replace == null ? null : replace.attr("id");
        return id != null
                && List.of(IdKind.STANZA, IdKind.ORIGIN).stream()
                        .flatMap(kind -> log.find(turn, way, peer, kind, id).stream())
                        .anyMatch(row -> row.value().state() == LogEntry.State.RETRACTED
                                && isAuthor(way, message, traits, row.value()));
    }

    private interface Fits {
        boolean test(LogEntry entry);
    }

    private @Nullable Row<Long, LogEntry> first(Turn turn, Way way, BareJid peer, IdKind kind, String id, Fits fits) {
        for (Row<Long, LogEntry> row : log.find(turn, way, peer, kind, id)) {
            Row<Long, LogEntry> target = row;
            if (row.value().rewrites() != 0) {
                // Some clients name the last edit, where the first version is meant.
                LogEntry original = log.entry(turn, row.value().rewrites());
                if (original == null) {
                    continue;
                }
                target = new Row<>(row.owner(), row.value().rewrites(), original);
            }
            if (target.value().isKept() && fits.test(target.value())) {
                return target;
            }
        }
        return null;
    }

    /** The same account; in a room, where addresses of people share a bare JID, the same full JID. */
    private static boolean isAuthor(Way way, Message message, MessageTraits traits, LogEntry entry) {
        if (entry.outbound() != (way == Way.OUTBOUND)) {
            return false;
        }
        boolean inRoom = traits.isMucUser() || entry.message().traits().isMucUser();
        return !inRoom
                || way == Way.OUTBOUND
                || Objects.equals(message.from(), entry.message().from());
    }

    /**
     * Does to the target what the message says.
     *
     * @param id of the message in the archive, which is the version of the change; 0 if it is not archived
     */
    public void apply(Turn turn, long id, Message message, Row<Long, LogEntry> target) {
        long version = id != 0 ? id : turn.stamp();
        // A message of long ago changed another one long ago.
        Instant time = id != 0 ? Micros.toInstant(id) : turn.now();
        if (message.payload().has(RETRACT)) {
            log.retract(turn, target.key(), id == 0 ? null : tombstone(time, target.value(), message), version, id);
        } else {
            log.replace(turn, target.key(), edited(time, target.value(), message.payload()), version, id);
        }
    }

    /** XEP-0424 §5: names the retraction, which is in the archive too. The message's own ids stay: they say which it was. */
    private static Payload tombstone(Instant time, LogEntry old, Message retraction) {
        return EditedPayload.identity(old.message().payload())
                .with(Element.of(RETRACTED).attrIfPresent("id", retraction.id()).attr("stamp", Delay.format(time)));
    }

    /** New content with the ids of the old message: those of an edit are of the edit. */
    private static Payload edited(Instant time, LogEntry old, Payload content) {
        return EditedPayload.of(old.message().payload(), content, time);
    }
}
