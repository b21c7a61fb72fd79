// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.Values;
import java.util.List;

/**
 * The rows of a room.
 *
 * <pre>
 * rooms               ·          → what it is, configuration, subject
 * room-affiliations   bare JID   → affiliation, nickname, reason
 * room-messages       stamp      → author, message
 * room-extent         ·          → messages and bytes that are kept
 * </pre>
 */
final class RoomTables {
    /** How much of a room's messages is kept. */
    record Extent(int messages, long bytes) {
        static final Extent NOTHING = new Extent(0, 0);

        static final ValueCodec<Extent> CODEC = Values.versioned(
                1,
                (out, extent) -> out.varint(extent.messages).varint(extent.bytes),
                in -> new Extent(in.size(), in.varint()));
    }

    private static final int FEW = 100;

    private static final KeyCodec<BareJid> ACCOUNTS = new KeyCodec<>() {
        @Override
        public void write(BareJid key, KeyWriter out) {
            out.text(key.toString());
        }

        @Override
        public BareJid read(KeyReader in) {
            return (BareJid) Jid.prepared(in.text());
        }
    };

    final Table<Keys.Single, RoomRecord> rooms;
    final Table<BareJid, Affiliations.Entry> affiliations;
    final Table<Long, RoomMessage> messages;
    final Table<Keys.Single, Extent> extent;

    RoomTables(Setup setup) {
        rooms = setup.table(new TableSpec<>("rooms", Shape.POINT, Keys.SINGLE, RoomRecord.CODEC));
        affiliations = setup.table(new TableSpec<>("room-affiliations", Shape.LOG, ACCOUNTS, Affiliations.Entry.CODEC));
        messages = setup.table(new TableSpec<>("room-messages", Shape.LOG, Keys.NUMBER, RoomMessage.CODEC));
        extent = setup.table(new TableSpec<>("room-extent", Shape.POINT, Keys.SINGLE, Extent.CODEC));
    }

    /** Deletes what a room has. Row by row where it is little: rooms come and go by the thousand, and a range is dear to read over. */
    void deleteAll(Turn turn) {
        turn.delete(rooms, Keys.Single.ROW);
        turn.delete(extent, Keys.Single.ROW);
        deleteAll(affiliations, turn);
        deleteAll(messages, turn);
    }

    private static <K> void deleteAll(Table<K, ?> table, Turn turn) {
        List<? extends Row<K, ?>> some = turn.scan(table, Range.all(), Direction.FORWARD, FEW + 1);
        if (some.size() > FEW) {
            turn.deleteAll(table);
        } else {
            some.forEach(row -> turn.delete(table, row.key()));
        }
    }
}
