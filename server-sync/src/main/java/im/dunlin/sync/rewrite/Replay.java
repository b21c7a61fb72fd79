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

    private static final int READ_AGAIN = 3;

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

    /** @param version that the client has; null if it only asks for the account's */
    private record Question(
            OwnerKey owner, BareJid account, @Nullable Long version, int most) {}

    /**
     * @param version up to which the client knows everything when it has this; below the account's where it was too much
     * @param current the account's
     */
    private record Answer(List<Element[]> events, long version, long current) {}

    /**
     * @param at the version that it is told for: its own, or the first of those that an invalidation stands for
     * @param invalidation null for a rewrite that is replayed, which is read when its turn comes
     */
    private record Event(long at, @Nullable Element invalidation) {}

    @Nullable
    Iq query(Iq iq, Turn turn) {
        XabberStreams.noted(turn);
        Element request = iq.request();
        Long version = request.optionalLong("version", 0, Long.MAX_VALUE);
        Long lessThan = request.optionalLong("less-than", 0, Long.MAX_VALUE);
        int most = lessThan == null || lessThan == 0 || lessThan > MOST ? MOST : lessThan.intValue();
        ClientSession session = Objects.requireNonNull(turn.origin(), "only sessions ask their own account");
        read(turn, session, iq, new Question(turn.owner().key(), turn.jid(), version, most), READ_AGAIN);
        return null;
    }

    /** What is rewritten while it is read is told at once, and what was before must not come behind that: it is read again. */
    private void read(Turn turn, ClientSession session, Iq iq, Question question, int again) {
        turn.read(rows -> answer(rows, question), (then, answer) -> {
            boolean isOld = answer.current() != log.rewriteVersion(then.reader(), question.owner());
            if (isOld && again > 0) {
                read(then, session, iq, question, again - 1);
                return;
            }
            Answer last = isOld ? answer(then.reader(), question) : answer;
            for (Element[] event : last.events()) {
                then.send(
                        session,
                        Events.headline(question.account(), session.jid(), event)
                                .withId(then.randomId()));
            }
            then.answer(iq.result(Element.of(QUERY).attr("version", text(last.version()))));
        });
    }

    private Answer answer(Reader reader, Question question) {
        long current = log.rewriteVersion(reader, question.owner());
        Long known = question.version();
        return known == null
                ? new Answer(List.of(), current, current)
                : since(reader, question.owner(), question.account(), known, current, question.most());
    }

    private Answer since(Reader reader, OwnerKey owner, BareJid account, long known, long current, int most) {
        // A version that this archive has not given, or has forgotten: nothing can be said of what the client has.
        boolean isForeign = known > current || epochs.stream().anyMatch(epoch -> epoch.covers(known));
        long since = isForeign ? 0 : known;
        List<Event> events = new ArrayList<>();
        for (Row<ConversationKey, ConversationHead> row : log.rewrittenSince(reader, owner, since, CONVERSATIONS)) {
            List<Long> versions = log.rewritesSince(reader, owner, row.value(), since, isForeign ? 1 : most + 1);
            if (isForeign && !versions.isEmpty() || versions.size() > most) {
                events.add(
                        new Event(versions.get(0), Events.invalidate(row.value().rewriteVersion(), row.key())));
            } else {
                versions.forEach(version -> events.add(new Event(version, null)));
            }
        }
        events.sort(Comparator.comparingLong(Event::at));
        return told(reader, owner, account, events, current);
    }

    private Element @Nullable [] replay(Reader reader, OwnerKey owner, BareJid account, long version) {
        Rewrite rewrite = log.rewrite(reader, owner, version);
        LogEntry entry = rewrite == null || rewrite.entry() == 0 ? null : log.entry(reader, owner, rewrite.entry());
        Element event = rewrite == null ? null : Events.event(account, version, rewrite, entry);
        return rewrite == null || event == null
                ? null
                : new Element[] {event, new Delay(Micros.toInstant(rewrite.at()), null).element()};
    }

    /** As many as may be sent, the oldest; replays first. The client asks again from there. */
    private Answer told(Reader reader, OwnerKey owner, BareJid account, List<Event> events, long current) {
        List<Element[]> replays = new ArrayList<>();
        List<Element[]> invalidations = new ArrayList<>();
        long bytes = 0;
        long upTo = current;
        for (Event event : events) {
            if (replays.size() + invalidations.size() == maxStanzas || bytes >= maxBytes) {
                replays.addAll(invalidations);
                return new Answer(replays, upTo, current);
            }
            Element invalidation = event.invalidation();
            Element[] content =
                    invalidation != null ? new Element[] {invalidation} : replay(reader, owner, account, event.at());
            if (content != null) {
                bytes += Payload.of(content).size();
                (invalidation != null ? invalidations : replays).add(content);
            }
            upTo = event.at();
        }
        replays.addAll(invalidations);
        return new Answer(replays, current, current);
    }

    private static String text(long version) {
        return version == 0 ? "0" : ArchiveId.format(version);
    }
}
