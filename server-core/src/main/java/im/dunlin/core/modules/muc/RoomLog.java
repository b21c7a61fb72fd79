// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What was said in a room. The stamp of a message is its id in the archive, and says when it was said. */
final class RoomLog {
    /** Of a row, beside its payload. */
    private static final int OVERHEAD = 200;

    /** How many messages come before it is looked again what is too old. */
    private static final int LOOK_AFTER = 64;

    private static final int PRUNE_AT_ONCE = 128;

    private final RoomTables tables;

    RoomLog(RoomTables tables) {
        this.tables = tables;
    }

    /** Keeps a message. @return as it is sent: with its id in the archive */
    Message append(BareJid author, Message message, Room room) {
        Turn turn = room.turn();
        long stamp = turn.stamp();
        RoomMessage kept = new RoomMessage(author, message);
        turn.put(tables.messages, stamp, kept);
        RoomTables.Extent before = extent(room);
        RoomTables.Extent extent = new RoomTables.Extent(before.messages() + 1, before.bytes() + size(kept));
        turn.put(tables.extent, Keys.Single.ROW, prune(extent, room));
        return identified(stamp, message, room.jid());
    }

    /** Whose message it is; null if it is not here, or no longer. @param id in the archive */
    @Nullable
    RoomMessage find(String id, Room room) {
        Long stamp = stamp(id);
        return stamp == null ? null : room.turn().get(tables.messages, stamp);
    }

    /**
     * Something takes the place of what a message said, for good. What was taken back already stays as it was then, and what the room
     * itself has told of is no message of anybody.
     *
     * @return false if there is no such message
     */
    boolean bury(String id, Element tombstone, Room room) {
        Long stamp = stamp(id);
        RoomMessage kept = find(id, room);
        if (stamp == null || kept == null || kept.message().from() instanceof BareJid) {
            return false;
        }
        if (kept.message().payload().has(Muc.RETRACTED)) {
            return true;
        }
        RoomMessage buried = new RoomMessage(kept.author(), kept.message().withPayload(Payload.of(tombstone)));
        room.turn().put(tables.messages, stamp, buried);
        RoomTables.Extent extent = extent(room);
        room.turn()
                .put(
                        tables.extent,
                        Keys.Single.ROW,
                        new RoomTables.Extent(
                                extent.messages(), Math.max(0, extent.bytes() - size(kept) + size(buried))));
        return true;
    }

    private static @Nullable Long stamp(String id) {
        return id.matches("[0-9]{16}") ? (Long) Long.parseLong(id) : null;
    }

    private RoomTables.Extent extent(Room room) {
        return Objects.requireNonNullElse(room.turn().get(tables.extent, Keys.Single.ROW), RoomTables.Extent.NOTHING);
    }

    private RoomTables.Extent prune(RoomTables.Extent extent, Room room) {
        Options options = room.options();
        Turn turn = room.turn();
        boolean isOver = extent.messages() > options.messages() || extent.bytes() > options.bytes();
        if (!isOver && extent.messages() % LOOK_AFTER != 0) {
            return extent;
        }
        Duration age = room.rooms().retention(turn).age();
        long oldest = age.isZero() ? 0 : Micros.of(turn.now().minus(age));
        int messages = extent.messages();
        long bytes = extent.bytes();
        // Many at once, so that the next ones need not look.
        int mostMessages = isOver ? options.messages() - options.messages() / 20 : options.messages();
        long mostBytes = isOver ? options.bytes() - options.bytes() / 20 : options.bytes();
        for (Row<Long, RoomMessage> row : turn.scan(tables.messages, Range.all(), Direction.FORWARD, PRUNE_AT_ONCE)) {
            boolean goes = messages > mostMessages || bytes > mostBytes || row.key() < oldest;
            if (!goes || messages == 1) {
                break;
            }
            turn.delete(tables.messages, row.key());
            messages--;
            bytes -= size(row.value());
        }
        return new RoomTables.Extent(messages, Math.max(0, bytes));
    }

    private static long size(RoomMessage kept) {
        return kept.message().payload().size() + OVERHEAD;
    }

    static Message identified(long stamp, Message message, Jid room) {
        return message.adding(new StanzaId(Long.toString(stamp), room).element());
    }

    /** The newest messages, the oldest of these first, as a newcomer is shown them (XEP-0045 §7.2.13). */
    List<Message> history(int most, int mostChars, @Nullable Instant since, Room room) {
        Range<Long> range = since == null ? Range.all() : Range.<Long>all().from(Math.max(0, Micros.of(since)));
        List<Message> history = new ArrayList<>();
        long chars = 0;
        for (Row<Long, RoomMessage> row : room.turn().scan(tables.messages, range, Direction.BACKWARD, most)) {
            Message shown = identified(row.key(), row.value().message(), room.jid())
                    .adding(new Delay(Micros.toInstant(row.key()), room.jid()).element());
            chars += shown.payload().size() + OVERHEAD;
            if (chars > mostChars) {
                break;
            }
            history.add(shown);
        }
        Collections.reverse(history);
        return history;
    }

    /** Under which name the author was here last, as far as the newest messages tell. */
    @Nullable
    String lastNick(BareJid author, Room room) {
        for (Row<Long, RoomMessage> row :
                room.turn().scan(tables.messages, Range.all(), Direction.BACKWARD, LOOK_AFTER)) {
            Jid from = row.value().message().from();
            // What the room told for a moderator has no nickname.
            if (row.value().author().equals(author) && from != null && from.resource() != null) {
                return from.resource();
            }
        }
        return null;
    }
}
