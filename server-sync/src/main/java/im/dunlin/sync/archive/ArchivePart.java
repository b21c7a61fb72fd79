// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Owner;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.AccountPart;
import im.dunlin.core.module.Way;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationLog;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.Markers;
import im.dunlin.sync.log.StandardRewrites;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0227 §4.10: the archive. What comes in is recorded as if it had passed through the account then: conversations, positions by
 * markers, edits and retractions follow from it.
 */
final class ArchivePart implements AccountPart {
    private static final Name ARCHIVE = Name.of("urn:xmpp:pie:0#mam", "archive");
    private static final Name RESULT = Name.of(Ns.MAM, "result");
    static final Name MESSAGE = Name.of(Ns.CLIENT, "message");

    private final ConversationLog log;
    private final StandardRewrites rewrites;
    private final Markers markers;

    ArchivePart(ConversationLog log) {
        this.log = log;
        this.rewrites = new StandardRewrites(log);
        this.markers = new Markers(log);
    }

    @Override
    public Set<Name> elements() {
        return Set.of(ARCHIVE);
    }

    // ---- out
    // ---------------------------------------------------------------------------------------------------------

    @Override
    public void export(Owner account, Reader reader, Consumer<Element> out) {
        try (LogReader.Entries entries =
                log.reader().entries(reader, account.key(), 0, Long.MAX_VALUE, Direction.FORWARD)) {
            for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                if (row.value().state() != LogEntry.State.GONE) {
                    out.accept(Element.of(ARCHIVE).child(result(row, account.jid())));
                }
            }
        }
    }

    /** With the time as it is known, to the microsecond; with the id of the peer's archive, and without that of this one twice. */
    private static Element result(Row<Long, LogEntry> row, BareJid account) {
        LogEntry entry = row.value();
        Message identified = entry.identified(account, row.key());
        Message message = identified.withAdditions(identified.additions().stream()
                .filter(each -> !isOf(each, account))
                .toList());
        Element delay = Element.of(Delay.NAME)
                .attr("stamp", Micros.toInstant(entry.received()).toString());
        return Element.of(RESULT)
                .attr("id", ArchiveId.format(row.key()))
                .child(Forwarded.stanza(Element.builder(Forwarded.NAME).child(delay), message)
                        .build());
    }

    private static boolean isOf(Element addition, BareJid account) {
        StanzaId id = addition.is(StanzaId.NAME) ? StanzaId.parse(addition) : null;
        return id != null && id.by().equals(account);
    }

    // ---- in
    // ----------------------------------------------------------------------------------------------------------

    @Override
    public void take(Element piece, Turn turn) {
        for (Element result : piece.children(RESULT)) {
            Element forwarded = result.requireChild(Forwarded.NAME);
            Instant time = time(forwarded.first(Delay.NAME));
            if (time == null) {
                throw StanzaError.badRequest("an archived message without its time")
                        .toException();
            }
            Message message = message(forwarded.requireChild(MESSAGE), turn.jid());
            if (isOfAccount(message)) {
                record(turn, message, ArchiveId.parse(result.attr("id")), time);
            }
        }
    }

    /** Rooms have archives of their own, and headlines and errors are in none. */
    private static boolean isOfAccount(Message message) {
        return message.type() == Message.Type.CHAT || message.type() == Message.Type.NORMAL;
    }

    static @Nullable Instant time(@Nullable Element delay) {
        String stamp = delay == null ? null : delay.attr("stamp");
        return stamp == null ? null : Delay.parseTime(stamp);
    }

    /** The stanza in an element, without what is this account's to say of it. */
    static Message message(Element element, BareJid account) {
        Jid from = Objects.requireNonNullElse(element.optionalJid("from"), account);
        Jid to = Objects.requireNonNullElse(element.optionalJid("to"), account);
        Header header = new Header(to, from, element.attr("id"), element.lang());
        Payload payload = StanzaId.strip(Payload.of(element.children()), account);
        return Message.of(header, Message.Type.parse(element.attr("type")), payload);
    }

    /**
     * Records a message in its place, which is behind what came before.
     *
     * @param given the id that it had; kept if it is one of this server's and behind those before
     * @return the id that it has
     */
    long record(Turn turn, Message message, @Nullable Long given, Instant at) {
        long time = Math.max(0, Math.min(micros(at), Micros.of(turn.now())));
        long next = log.lastId(turn) + 1;
        boolean isKept = given != null && given >= next && given >= time && given <= Micros.of(turn.now());
        long id = given != null && isKept ? given : Math.max(next, time);
        boolean isOutbound = message.from() != null
                && message.from().bare().equals(turn.jid())
                && message.to() != null
                && !message.to().bare().equals(turn.jid());
        Way way = isOutbound ? Way.OUTBOUND : Way.INBOUND;
        BareJid peer = Objects.requireNonNull(isOutbound ? message.to() : message.from())
                .bare();
        MessageTraits traits = message.traits();
        Row<Long, LogEntry> target = rewrites.target(turn, way, peer, message, traits);
        boolean isHidden = target != null || rewrites.isTooLate(turn, way, peer, message, traits);
        log.adopt(turn, way, message, target, isHidden, id, time);
        if (traits.isMarker() || traits.isReceipt()) {
            markers.apply(turn, way, peer, message, id);
        }
        if (target != null) {
            rewrites.apply(turn, id, message, target);
        }
        return id;
    }

    /** Times that cannot be counted in microseconds are of nobody's messages. */
    private static long micros(Instant time) {
        try {
            return Micros.of(time);
        } catch (ArithmeticException | DateTimeException e) {
            return 0;
        }
    }
}
