// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogReader.Entries;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One page of an archive, read.
 *
 * @param entries oldest first
 * @param complete whether nothing more matches in the direction of the query
 * @param first where the page before this one ends; with few matches among many entries that may be an entry which did not
 *     match, so that every page costs a bounded number of reads
 * @param last where the page behind this one begins, likewise
 * @param count how many entries match in all, where that is known without reading them; else null
 */
record ArchivePage(
        List<Row<Long, LogEntry>> entries,
        boolean complete,
        @Nullable Long first,
        @Nullable Long last,
        @Nullable Long count) {

    /** Which entries an archive has, for whom. */
    enum View {
        /** XEP-0313: what was retracted is a tombstone, and edits and retractions are messages that were sent. */
        AS_IT_WAS_TOLD,
        /** For those who are told of changes as such: each message once, and what was retracted not at all. */
        AS_IT_IS;

        boolean has(LogEntry entry) {
            return switch (this) {
                case AS_IT_WAS_TOLD -> entry.state() != LogEntry.State.GONE;
                case AS_IT_IS -> entry.isKept() && entry.rewrites() == 0;
            };
        }
    }

    /** Entries that one page reads and does not show. */
    private static final int MAX_PASSED = 1_000;

    /** Entries that are looked at for who wants to know how many match. */
    static final int MAX_COUNTED = 5_000;

    /** Reads pages of one account's archive. */
    static final class Source {
        private final LogReader log;
        private final Reader reader;
        private final BareJid jid;
        private final OwnerKey account;

        Source(LogReader log, Reader reader, BareJid jid, OwnerKey account) {
            this.log = log;
            this.reader = reader;
            this.jid = jid;
            this.account = account;
        }

        /**
         * @param bound at which a page is cut
         * @throws im.dunlin.core.stanza.StanzaException {@code item-not-found} for an id that is not in the archive
         */
        ArchivePage read(ArchiveQuery query, View view, PageBound bound) {
            requireAll(query);
            if (query.page().max() == 0) {
                return new ArchivePage(List.of(), false, null, null, count(query, view, true));
            }
            Direction direction = query.page().isBackward() ? Direction.BACKWARD : Direction.FORWARD;
            List<Row<Long, LogEntry>> found = new ArrayList<>();
            int most = Math.min(query.page().max(), bound.stanzas());
            int bytes = 0;
            int passed = 0;
            Long cutAt = null;
            boolean complete = false;
            try (Entries entries = open(query, direction)) {
                while (true) {
                    Row<Long, LogEntry> row = entries.next();
                    if (row == null) {
                        complete = true;
                        break;
                    }
                    if (!view.has(row.value()) || !matches(query, row.value())) {
                        if (++passed == MAX_PASSED) {
                            cutAt = row.key();
                            break;
                        }
                        continue;
                    }
                    bytes += row.value().message().payload().size() + ArchiveResult.WRAPPER_BYTES;
                    if (found.size() == most || bytes > bound.bytes() && !found.isEmpty()) {
                        break;
                    }
                    found.add(row);
                }
            }
            if (direction == Direction.BACKWARD) {
                Collections.reverse(found);
            }
            Long first = found.isEmpty() ? cutAt : found.get(0).key();
            Long last = found.isEmpty() ? cutAt : found.get(found.size() - 1).key();
            if (cutAt != null) {
                first = direction == Direction.BACKWARD ? cutAt : first;
                last = direction == Direction.FORWARD ? cutAt : last;
            }
            return new ArchivePage(found, complete, first, last, count(query, view, false));
        }

        private void requireAll(ArchiveQuery query) {
            require(query.afterId());
            require(query.beforeId());
            require(query.pageAfter());
            require(query.pageBefore());
            if (query.ids() != null) {
                query.ids().forEach(this::require);
            }
        }

        private void require(@Nullable Long id) {
            if (id != null && !log.isPlace(reader, account, id)) {
                throw StanzaError.itemNotFound().toException();
            }
        }

        private Entries open(ArchiveQuery query, Direction direction) {
            long after = Math.max(orElse(query.afterId(), 0), orElse(query.pageAfter(), 0));
            long before =
                    Math.min(orElse(query.beforeId(), Long.MAX_VALUE), orElse(query.pageBefore(), Long.MAX_VALUE));
            after = query.start() <= after ? after : query.start() - 1;
            if (query.end() != Long.MAX_VALUE) {
                before = Math.min(before, query.end() + log.skew(reader, account) + MILLISECOND);
                before = Math.max(before, 0);
            }
            if (query.ids() != null) {
                return ofIds(query.ids(), after, before, direction);
            }
            Jid with = query.with();
            if (with != null && query.type() != null) {
                ConversationKey conversation = new ConversationKey(with.bare(), query.type());
                return log.entries(reader, account, conversation, after, before, direction);
            }
            return with == null
                    ? log.entries(reader, account, after, before, direction)
                    : log.entries(reader, account, with.bare(), after, before, direction);
        }

        private Entries ofIds(List<Long> ids, long after, long before, Direction direction) {
            List<Long> ordered = new ArrayList<>(ids);
            if (direction == Direction.BACKWARD) {
                Collections.reverse(ordered);
            }
            Iterator<Long> rest =
                    ordered.stream().filter(id -> id > after && id < before).iterator();
            return new Entries() {
                @Override
                public @Nullable Row<Long, LogEntry> next() {
                    while (rest.hasNext()) {
                        long id = rest.next();
                        LogEntry entry = log.entry(reader, account, id);
                        if (entry != null) {
                            return new Row<>(account, id, entry);
                        }
                    }
                    return null;
                }

                @Override
                public void close() {}
            };
        }

        private boolean matches(ArchiveQuery query, LogEntry entry) {
            // The end is compared as clients see it, in milliseconds: what they were shown as its time is not after it.
            if (entry.received() < query.start() || entry.received() - entry.received() % MILLISECOND > query.end()) {
                return false;
            }
            if (query.type() != null && query.type() != entry.type()) {
                return false;
            }
            if (!query.tags().isEmpty() && !MessageTag.isAny(query.tags(), entry.message())) {
                return false;
            }
            if (query.text() != null && !query.text().isIn(entry.message())) {
                return false;
            }
            Jid with = query.with();
            if (with == null) {
                return true;
            }
            if (with instanceof FullJid) {
                return with.equals(entry.message().to())
                        || with.equals(entry.message().from());
            }
            return with.equals(entry.peer(jid));
        }

        /** Kept with each conversation, as it was told. The sum of all is only made for who asks for nothing else. */
        private @Nullable Long count(ArchiveQuery query, View view, boolean ofAll) {
            Long kept = kept(query, view, ofAll);
            return kept == null && query.counted() ? (Long) counted(query, view) : kept;
        }

        /** Looks at what matches, wherever the page is; of a large archive the number is the least that it can be (XEP-0059 §2.7). */
        private long counted(ArchiveQuery query, View view) {
            long count = 0;
            try (Entries entries = open(query.fromTheEnd(), Direction.BACKWARD)) {
                for (int i = 0; i < MAX_COUNTED; i++) {
                    Row<Long, LogEntry> row = entries.next();
                    if (row == null) {
                        return count;
                    }
                    count += view.has(row.value()) && matches(query, row.value()) ? 1 : 0;
                }
            }
            return count;
        }

        private @Nullable Long kept(ArchiveQuery query, View view, boolean ofAll) {
            boolean isBounded = query.start() != Long.MIN_VALUE
                    || query.end() != Long.MAX_VALUE
                    || query.afterId() != null
                    || query.beforeId() != null;
            Jid with = query.with();
            if (isBounded
                    || view == View.AS_IT_IS
                    || query.type() != null
                    || !query.tags().isEmpty()
                    || query.text() != null
                    || query.ids() != null
                    || with instanceof FullJid
                    || with == null && !ofAll) {
                return null;
            }
            if (with == null) {
                return log.size(reader, account).count();
            }
            long count = 0;
            for (Row<ConversationKey, ConversationHead> row : log.conversations(reader, account, with.bare())) {
                count += row.value().digest().count();
            }
            return count;
        }

        private static long orElse(@Nullable Long value, long absent) {
            return Objects.requireNonNullElse(value, absent);
        }
    }

    private static final long MILLISECOND = 1_000;
}
