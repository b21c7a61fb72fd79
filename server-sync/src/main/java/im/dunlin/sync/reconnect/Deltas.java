// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.ConversationType;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.synchronization.ConversationWriter;
import im.dunlin.sync.synchronization.LiveCalls;
import im.dunlin.sync.synchronization.SynchronizationView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What changed since a stamp, as of one moment: conversations in the order in which a person wants them, each with its messages.
 * Reads in proportion to what changed. Any thread.
 */
final class Deltas {
    private static final Name DELTA = Name.of(ReconnectModule.NAMESPACE, "delta");

    /** Where more changed than this, they come in the order of their order stamps, page by page from an index. */
    static final int RANKED = 1_000;

    /** Whose rows are read. */
    record Source(Reader rows, OwnerKey account, BareJid jid, Instant now) {}

    private final LogReader log;
    private final SynchronizationView synchronization;
    private final LiveCalls calls;
    private final Contents contents;
    private final MessageChanges messages;

    Deltas(LogReader log, SynchronizationView synchronization, LiveCalls calls, Contents contents) {
        this.log = log;
        this.synchronization = synchronization;
        this.calls = calls;
        this.contents = contents;
        this.messages = new MessageChanges(log);
    }

    /**
     * {@code <delta/>}.
     *
     * @param maxBytes for messages and last messages, whatever was asked for
     * @throws im.dunlin.core.stanza.StanzaException {@code item-not-found} for a cursor that leads nowhere
     */
    Element read(Source source, DeltaRequest request, int maxBytes) {
        long stamp = log.stamp(source.rows(), source.account());
        long since = synchronization.known(source.rows(), source.account(), source.jid(), request.since());
        Walk walk = new Walk(source, request, since, stamp);
        Page page = since == stamp && request.after() == null && since != 0
                ? new Page(List.of(), null)
                : request.after() == null ? walk.first() : walk.next(request.after());
        DeltaCursor more = page.more();
        ElementBuilder delta = Element.builder(DELTA)
                .attr("stamp", stamp == 0 ? "0" : ArchiveId.format(stamp))
                .attrIfPresent("snapshot", since == 0 ? "true" : null)
                .attrIfPresent("more", more == null ? null : more.format());
        // What messages do not take is left for last messages.
        ConversationWriter conversations = synchronization.writer(
                source.rows(),
                source.account(),
                source.jid(),
                source.now(),
                maxBytes - Math.min(request.bytes(), maxBytes / 2));
        int budget = Math.min(request.bytes(), maxBytes / 2);
        for (Row<ConversationKey, ConversationHead> row : page.rows()) {
            ConversationHead head = row.value();
            MessageChanges.Part part = messages.since(source, row.key(), head, since, request.each(), budget);
            budget -= part == null ? 0 : part.bytes();
            // The last message need not come twice.
            boolean isIncluded = part != null && part.ids().contains(head.lastMessage());
            delta.child(contents.into(conversations.write(row.key(), head, !isIncluded), head));
            delta.childIfPresent(part == null ? null : part.element());
        }
        return delta.build();
    }

    private record Page(
            List<Row<ConversationKey, ConversationHead>> rows,
            @Nullable DeltaCursor more) {}

    /** One page on the way through what changed after {@code since}. */
    private final class Walk {
        private final Source source;
        private final int limit;
        private final long since;
        private final long stamp;
        private final Set<BareJid> ringing;

        Walk(Source source, DeltaRequest request, long since, long stamp) {
            this.source = source;
            this.limit = request.conversations();
            this.since = since;
            this.stamp = stamp;
            this.ringing = calls.ringing(source.rows(), source.account(), source.now());
        }

        Page first() {
            return isRanked()
                    ? ranked(List.of(), null, Long.MAX_VALUE)
                    : byOrder(ringing(), Long.MAX_VALUE, Long.MAX_VALUE);
        }

        /** What has changed since the page before it, and then what comes next in the order. */
        Page next(DeltaCursor after) {
            boolean isRanked = after.rank() != DeltaCursor.BY_ORDER;
            if (after.seen() > stamp
                    || after.seen() < since
                    || isRanked && !isRanked()
                    || !log.changedAtMost(
                            source.rows(), source.account(), after.seen(), DeltaRequest.MOST_CONVERSATIONS)) {
                throw StanzaError.itemNotFound().toException();
            }
            List<Row<ConversationKey, ConversationHead>> fresh = log.changedSince(
                    source.rows(), source.account(), after.seen(), 2 * DeltaRequest.MOST_CONVERSATIONS);
            return isRanked ? ranked(fresh, after, after.seen()) : byOrder(fresh, after.order(), after.seen());
        }

        private boolean isRanked() {
            return since != 0 && log.changedAtMost(source.rows(), source.account(), since, RANKED);
        }

        private Page ranked(
                List<Row<ConversationKey, ConversationHead>> fresh, @Nullable DeltaCursor after, long changedUpTo) {
            List<Row<ConversationKey, ConversationHead>> rest =
                    new ArrayList<>(log.changedSince(source.rows(), source.account(), since, 2 * RANKED));
            rest.removeIf(row -> row.value().changeStamp() > changedUpTo || after != null && !isBehind(row, after));
            rest.sort(Comparator.comparingInt((Row<ConversationKey, ConversationHead> row) -> rank(row))
                    .thenComparing(Comparator.comparingLong((Row<ConversationKey, ConversationHead> row) ->
                                    row.value().orderStamp())
                            .reversed()));
            List<Row<ConversationKey, ConversationHead>> rows = new ArrayList<>(fresh);
            rows.addAll(rest.subList(0, Math.min(rest.size(), Math.max(0, limit - fresh.size()))));
            boolean isEnd = rows.size() == fresh.size() + rest.size();
            return new Page(rows, isEnd ? null : cursor(rows, fresh.size(), after));
        }

        private boolean isBehind(Row<ConversationKey, ConversationHead> row, DeltaCursor after) {
            int rank = rank(row);
            return rank > after.rank() || rank == after.rank() && row.value().orderStamp() < after.order();
        }

        private int rank(Row<ConversationKey, ConversationHead> row) {
            return Rank.of(row.key(), row.value(), ringing.contains(row.key().peer()))
                    .ordinal();
        }

        /** @param ahead conversations that come before all others */
        private Page byOrder(List<Row<ConversationKey, ConversationHead>> ahead, long below, long changedUpTo) {
            int room = Math.max(0, limit - ahead.size());
            Set<ConversationKey> had = new HashSet<>();
            ahead.forEach(row -> had.add(row.key()));
            List<Row<ConversationKey, ConversationHead>> next =
                    synchronization.newest(source.rows(), source.account(), since, below, room + 1);
            List<Row<ConversationKey, ConversationHead>> rows = new ArrayList<>(ahead);
            List<Row<ConversationKey, ConversationHead>> shown = next.subList(0, Math.min(next.size(), room));
            for (Row<ConversationKey, ConversationHead> row : shown) {
                // What changed after the page before is among those ahead.
                if (row.value().changeStamp() <= changedUpTo && had.add(row.key())) {
                    rows.add(row);
                }
            }
            if (next.size() <= room) {
                return new Page(rows, null);
            }
            long end = shown.isEmpty()
                    ? below
                    : shown.get(shown.size() - 1).value().orderStamp();
            return new Page(rows, new DeltaCursor(DeltaCursor.BY_ORDER, end, stamp));
        }

        /** A conversation with a call that rings is on the first page, wherever its place in the order is. */
        private List<Row<ConversationKey, ConversationHead>> ringing() {
            List<Row<ConversationKey, ConversationHead>> rows = new ArrayList<>();
            for (BareJid peer : ringing) {
                ConversationKey key = new ConversationKey(peer, ConversationType.CHAT);
                ConversationHead head = log.head(source.rows(), source.account(), key);
                if (head != null && head.changeStamp() > since && rows.size() < limit) {
                    rows.add(new Row<>(source.account(), key, head));
                }
            }
            return rows;
        }

        private DeltaCursor cursor(
                List<Row<ConversationKey, ConversationHead>> rows, int fresh, @Nullable DeltaCursor after) {
            if (rows.size() == fresh && after != null) {
                return new DeltaCursor(after.rank(), after.order(), stamp);
            }
            Row<ConversationKey, ConversationHead> last = rows.get(rows.size() - 1);
            return new DeltaCursor(rank(last), last.value().orderStamp(), stamp);
        }
    }
}
