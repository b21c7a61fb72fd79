// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Table;
import im.dunlin.sync.log.LogTables.Place;
import java.util.List;

/** What the flags of a conversation's entries say, which its head sums up. In a turn of the account. */
final class Listing {
    private static final int AT_ONCE = 1_000;

    /** Entries that one look back for something to show passes; what is older is not found. */
    private static final int LOOK_BACK = 20_000;

    private final Table<Place, EntryFlags> entries;

    Listing(LogTables tables) {
        entries = tables.byConversation;
    }

    /** The first entry behind an id that names the user; 0 without one. */
    long firstMention(Turn turn, long conversation, long after) {
        long from = after;
        while (true) {
            List<Row<Place, EntryFlags>> rows = turn.scan(
                    entries,
                    Range.<Place>prefix(key -> key.u64(conversation)).above(new Place(conversation, from)),
                    Direction.FORWARD,
                    AT_ONCE);
            for (Row<Place, EntryFlags> row : rows) {
                if (row.value().mentions()) {
                    return row.key().id();
                }
                from = row.key().id();
            }
            if (rows.size() < AT_ONCE) {
                return 0;
            }
        }
    }

    /** The newest entry before this one that may stand for the conversation; 0 without one. */
    long lastShown(Turn turn, long conversation, long before) {
        long from = before;
        for (int passed = 0; passed < LOOK_BACK; passed += AT_ONCE) {
            List<Row<Place, EntryFlags>> rows = turn.scan(
                    entries,
                    Range.<Place>prefix(key -> key.u64(conversation)).below(new Place(conversation, from)),
                    Direction.BACKWARD,
                    AT_ONCE);
            for (Row<Place, EntryFlags> row : rows) {
                if (row.value().isShown()) {
                    return row.key().id();
                }
                from = row.key().id();
            }
            if (rows.size() < AT_ONCE) {
                return 0;
            }
        }
        return 0;
    }

    /** Entries that count behind one id up to another. Each entry is passed once in its life. */
    int counting(Turn turn, long conversation, long after, long upTo) {
        int count = 0;
        long from = after;
        while (true) {
            List<Row<Place, EntryFlags>> rows = turn.scan(
                    entries,
                    Range.<Place>all().above(new Place(conversation, from)).to(new Place(conversation, upTo)),
                    Direction.FORWARD,
                    AT_ONCE);
            for (Row<Place, EntryFlags> row : rows) {
                count += row.value().counts() ? 1 : 0;
                from = row.key().id();
            }
            if (rows.size() < AT_ONCE) {
                return count;
            }
        }
    }
}
