// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.reconnect;

import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Forwarded;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.ArchiveId;
import im.dunlin.sync.log.ConversationHead;
import im.dunlin.sync.log.ConversationHead.Status;
import im.dunlin.sync.log.ConversationKey;
import im.dunlin.sync.log.LogEntry;
import im.dunlin.sync.log.LogReader;
import im.dunlin.sync.log.LogTables.Rewrite;
import im.dunlin.sync.log.MissedCall;
import im.dunlin.sync.reconnect.Deltas.Source;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What of one conversation's entries is new, edited or gone, as far as there is room: {@code <messages/>}. */
final class MessageChanges {
    static final Name MESSAGES = Name.of(ReconnectModule.NAMESPACE, "messages");

    private static final Name ENTRY = Name.of(ReconnectModule.NAMESPACE, "entry");
    private static final Name RETRACTED = Name.of(ReconnectModule.NAMESPACE, "retracted");
    private static final Name REWRITE = Name.of(ReconnectModule.NAMESPACE, "rewrite");
    private static final Name CLEARED = Name.of(ReconnectModule.NAMESPACE, "cleared");

    /** Edits and retractions that are worth more than reading the conversation again. */
    private static final int MAX_REWRITES = 50;

    /** What an entry takes beside its payload: addresses, ids, time, and the elements around it. */
    private static final int OVERHEAD = 500;

    private final LogReader log;

    MessageChanges(LogReader log) {
        this.log = log;
    }

    /**
     * Part of a conversation's entries.
     *
     * @param bytes about what it takes
     * @param ids of the entries in it
     */
    record Part(Element element, int bytes, Set<Long> ids) {}

    /**
     * @param since a stamp; entries above it are new, entries below it count if they were changed above it
     * @param each entries at most
     * @param bytes at most
     * @return null if there is nothing to say, or no room for it
     */
    @Nullable
    Part since(Source source, ConversationKey key, ConversationHead head, long since, int each, int bytes) {
        if (head.status() == Status.DELETED || bytes <= 0) {
            return null;
        }
        Collected collected = new Collected(source, bytes);
        collected.newest(head, since, Long.MAX_VALUE, each);
        if (since > 0) {
            rewritten(collected, head, since);
        }
        boolean isCleared = head.number() > since && since > 0;
        if (collected.isEmpty() && collected.complete && !isCleared) {
            return null;
        }
        ElementBuilder messages = begun(key, collected);
        if (isCleared) {
            messages.child(Element.of(CLEARED).attr("before", ArchiveId.format(head.number())));
        }
        return collected.part(messages);
    }

    /** The newest entries from one id to another, both included. */
    Element range(Source source, ConversationKey key, ConversationHead head, long from, long to, int each, int bytes) {
        Collected collected = new Collected(source, bytes);
        collected.isForced = true;
        collected.newest(head, from - 1, to == Long.MAX_VALUE ? to : to + 1, each);
        ElementBuilder messages =
                begun(key, collected).attr("from", ArchiveId.format(collected.complete ? from : collected.oldest(to)));
        return collected.part(messages).element();
    }

    private static ElementBuilder begun(ConversationKey key, Collected collected) {
        return Element.builder(MESSAGES)
                .attr("jid", key.peer().toString())
                .attr("type", key.type().wire())
                .attr("complete", Boolean.toString(collected.complete));
    }

    private void rewritten(Collected collected, ConversationHead head, long since) {
        List<Long> versions =
                log.rewritesSince(collected.source.rows(), collected.source.account(), head, since, MAX_REWRITES + 1);
        if (versions.size() > MAX_REWRITES) {
            collected.complete = false;
            return;
        }
        for (long version : versions) {
            Rewrite rewrite = log.rewrite(collected.source.rows(), collected.source.account(), version);
            // What is new is told as it is now.
            if (rewrite != null && rewrite.entry() != 0 && rewrite.entry() <= since) {
                LogEntry entry = log.entry(collected.source.rows(), collected.source.account(), rewrite.entry());
                collected.add(rewrite.entry(), entry);
            }
        }
    }

    /** Entries in the order of their ids. */
    private final class Collected {
        private final Source source;
        private final NavigableMap<Long, Element> elements = new TreeMap<>();
        private final int budget;
        private int bytes;
        private boolean complete = true;

        /** The first entry is taken whatever its size, so that who asks on and on gets through. */
        private boolean isForced;

        Collected(Source source, int budget) {
            this.source = source;
            this.budget = budget;
        }

        boolean isEmpty() {
            return elements.isEmpty();
        }

        long oldest(long absent) {
            return elements.isEmpty() ? absent : elements.firstKey();
        }

        void newest(ConversationHead head, long after, long before, int each) {
            try (LogReader.Entries entries =
                    log.entries(source.rows(), source.account(), head, after, before, Direction.BACKWARD)) {
                for (Row<Long, LogEntry> row = entries.next(); row != null; row = entries.next()) {
                    if (elements.size() >= each || !add(row.key(), row.value())) {
                        complete = false;
                        return;
                    }
                }
            }
        }

        /** @return whether there was room */
        boolean add(long id, @Nullable LogEntry entry) {
            int size = OVERHEAD + (entry == null ? 0 : entry.message().payload().size());
            if (bytes + size > budget && !(isForced && elements.isEmpty())) {
                complete = false;
                return false;
            }
            bytes += size;
            elements.put(id, element(id, entry));
            return true;
        }

        private Element element(long id, @Nullable LogEntry entry) {
            if (entry == null || entry.state() == LogEntry.State.GONE) {
                return Element.of(RETRACTED).attr("id", ArchiveId.format(id));
            }
            if (entry.state() == LogEntry.State.RETRACTED) {
                return Element.of(RETRACTED)
                        .attr("id", ArchiveId.format(id))
                        .attr("changed", ArchiveId.format(entry.changed()));
            }
            if (entry.rewrites() != 0) {
                return Element.of(REWRITE)
                        .attr("id", ArchiveId.format(id))
                        .attr("of", ArchiveId.format(entry.rewrites()));
            }
            Delay received = new Delay(Micros.toInstant(entry.received()), null);
            return Element.builder(ENTRY)
                    .attr("id", ArchiveId.format(id))
                    .attrIfPresent("changed", entry.changed() == 0 ? null : ArchiveId.format(entry.changed()))
                    .child(Forwarded.of(MissedCall.forXabber(entry.identified(source.jid(), id)), received))
                    .build();
        }

        Part part(ElementBuilder messages) {
            elements.values().forEach(messages::child);
            return new Part(messages.build(), bytes, elements.keySet());
        }
    }
}
