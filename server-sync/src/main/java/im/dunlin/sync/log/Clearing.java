// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.sync.log.LogTables.Place;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Clears away by and by what belonged to a conversation that was retracted with all its messages: for whoever looks it is gone at
 * once, since the conversation goes on under another number. In turns of the account.
 */
final class Clearing {
    /** Entries that one turn clears away; each is three to five rows. */
    static final int AT_ONCE = 500;

    private static final int MAX_CLEARING = 10_000;

    private static final String TIMER = "log-clearing";

    /** Numbers of conversations whose rows are on their way out. */
    private static final CacheKey<Set<Long>> NUMBERS = new CacheKey<>("log.clearing");

    private final LogTables tables;

    Clearing(Setup setup, LogTables tables) {
        this.tables = tables;
        setup.timer(TIMER, (data, turn) -> clear(turn, Task.decode(data)));
    }

    /** What the timer knows. */
    private record Task(long conversation) {
        byte[] encode() {
            return ByteBuffer.allocate(9).put((byte) 1).putLong(conversation).array();
        }

        static Task decode(byte[] data) {
            return new Task(ByteBuffer.wrap(data, 1, 8).getLong());
        }
    }

    /** Nobody finds the entries of this number any more. */
    void begin(Turn turn, long conversation) {
        turn.put(tables.clearing, conversation, true);
        turn.forget(NUMBERS);
        turn.schedule(TIMER, turn.now(), new Task(conversation).encode());
    }

    private void clear(Turn turn, Task task) {
        long conversation = task.conversation();
        List<Row<Place, EntryFlags>> entries = turn.scan(
                tables.byConversation, Range.prefix(key -> key.u64(conversation)), Direction.FORWARD, AT_ONCE);
        for (Row<Place, EntryFlags> row : entries) {
            long id = row.key().id();
            LogEntry entry = turn.get(tables.log, id);
            if (entry != null) {
                turn.delete(tables.log, id);
                Lookups.of(entry, entry.peer(turn.jid()), id)
                        .keySet()
                        .forEach(lookup -> turn.delete(tables.lookup, lookup));
            }
            turn.delete(tables.byConversation, row.key());
        }
        List<Row<Place, Boolean>> rewrites = turn.scan(
                tables.rewritesByConversation, Range.prefix(key -> key.u64(conversation)), Direction.FORWARD, AT_ONCE);
        for (Row<Place, Boolean> row : rewrites) {
            turn.delete(tables.rewritesByConversation, row.key());
            turn.delete(tables.rewrites, row.key().id());
        }
        List<Row<Place, Digest>> digests =
                turn.scan(tables.digests, Range.prefix(key -> key.u64(conversation)), Direction.FORWARD, AT_ONCE);
        digests.forEach(row -> turn.delete(tables.digests, row.key()));
        int most = Math.max(entries.size(), Math.max(rewrites.size(), digests.size()));
        if (most == AT_ONCE) {
            turn.schedule(TIMER, turn.now(), task.encode());
        } else {
            turn.delete(tables.clearing, conversation);
            turn.forget(NUMBERS);
        }
    }

    boolean isClearing(Turn turn, LogEntry entry) {
        return turn.cached(
                        NUMBERS,
                        () -> turn.scan(tables.clearing, Range.all(), Direction.FORWARD, MAX_CLEARING).stream()
                                .map(Row::key)
                                .collect(Collectors.toUnmodifiableSet()))
                .contains(entry.conversation());
    }
}
