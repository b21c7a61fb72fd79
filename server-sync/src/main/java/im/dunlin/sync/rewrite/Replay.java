// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.rewrite;

import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Epoch;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogTables.Rewrite;
import im.dunlin.sync.log.XabberStreams;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was rewritten since a client was here: event by event where it is little, as a word about the whole conversation where
 * it is much. Costs what changed since, and at most 51 rows of the index for each conversation.
 */
final class Replay {
    private static final Name QUERY = Name.of(RewriteModule.REWRITE, "query");

    /** Events of one conversation that are replayed. */
    private static final int MOST = 50;

    /** Conversations that one query looks at. */
    private static final int CONVERSATIONS = 10_000;

    private final LogReader log;
    private final List<Epoch> epochs;
    private final int maxStanzas;
    private final int maxBytes;

    Replay(Setup setup, LogReader log) {
        this.log = log;
        this.epochs = setup.epochs();
        Limits limits = setup.config().limits();
        // Half of what may be on its way to a client, so that one answer alone never ends its session.
        this.maxStanzas =
                Math.min(limits.resumption().unackedStanzas(), limits.outbound().queueStanzas()) / 2;
        this.maxBytes =
                Math.min(limits.resumption().unackedBytes(), limits.outbound().queueBytes()) / 2;
    }

    /** @param version up to which the client knows everything when it has this; below the account's where it was too much */
    private record Answer(List<Element[]> events, long version) {}

    /** @param at the version that it is told for: its own, or the first of those that an invalidation stands for */
    private record Event(long at, boolean isReplay, Element[] content) {}

    @Nullable
    Iq query(Iq iq, Turn turn) {
        XabberStreams.noted(turn);
        Element request = iq.request();
        Long version = request.optionalLong("version", 0, Long.MAX_VALUE);
        Long lessThan = request.optionalLong("less-than", 0, Long.MAX_VALUE);
        int most = lessThan == null || lessThan == 0 || lessThan > MOST ? MOST : lessThan.intValue();
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        BareJid account = turn.jid();
        OwnerKey owner = turn.owner().key();
        turn.read(
                reader -> version == null
                        ? new Answer(List.of(), log.rewriteVersion(reader, owner))
                        : since(reader, owner, account, version, most),
                (then, answer) -> {
                    for (Element[] event : answer.events()) {
                        then.send(
                                session,
                                Events.headline(account, session.jid(), event).withId(then.randomId()));
                    }
                    then.answer(iq.result(Element.of(QUERY).attr("version", text(answer.version()))));
                });
        return null;
    }

    private Answer since(Reader reader, OwnerKey owner, BareJid account, long known, int most) {
        long current = log.rewriteVersion(reader, owner);
        // A version that this archive has not given, or has forgotten: nothing can be said of what the client has.
        boolean isForeign = known > current || epochs.stream().anyMatch(epoch -> epoch.covers(known));
        long since = isForeign ? 0 : known;
        List<Event> events = new ArrayList<>();
        for (Row<ConversationKey, ConversationHead> row : log.rewrittenSince(reader, owner, since, CONVERSATIONS)) {
            List<Long> versions = log.rewritesSince(reader, owner, row.value(), since, isForeign ? 1 : most + 1);
            if (isForeign && !versions.isEmpty() || versions.size() > most) {
                Element invalidate = Events.invalidate(row.value().rewriteVersion(), row.key());
                events.add(new Event(versions.get(0), false, new Element[] {invalidate}));
            } else {
                versions.forEach(version -> replay(reader, owner, account, version, events));
            }
        }
        events.sort(Comparator.comparingLong(Event::at));
        return cut(events, current);
    }

    private void replay(Reader reader, OwnerKey owner, BareJid account, long version, List<Event> events) {
        Rewrite rewrite = log.rewrite(reader, owner, version);
        LogEntry entry = rewrite == null || rewrite.entry() == 0 ? null : log.entry(reader, owner, rewrite.entry());
        Element event = rewrite == null ? null : Events.event(account, version, rewrite, entry);
        if (rewrite != null && event != null) {
            Element delay = new Delay(Micros.toInstant(rewrite.at()), null).element();
            events.add(new Event(version, true, new Element[] {event, delay}));
        }
    }

    /** As many as may be sent, the oldest; replays first. The client asks again from there. */
    private Answer cut(List<Event> events, long current) {
        int count = 0;
        long bytes = 0;
        while (count < events.size() && count < maxStanzas && bytes < maxBytes) {
            bytes += size(events.get(count++));
        }
        List<Element[]> sent = new ArrayList<>(count);
        events.subList(0, count).stream().filter(Event::isReplay).forEach(event -> sent.add(event.content()));
        events.subList(0, count).stream()
                .filter(event -> !event.isReplay())
                .forEach(event -> sent.add(event.content()));
        return new Answer(
                sent, count == events.size() ? current : events.get(count - 1).at());
    }

    private static String text(long version) {
        return version == 0 ? "0" : ArchiveId.format(version);
    }

    private static int size(Event event) {
        return Payload.of(event.content()).size();
    }
}
