// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.HeldKey;
import im.dunlin.core.lane.OwnerKind;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A room in one of its turns: what it is, who is what to it, who is there. Not to be kept longer than the turn. */
final class Room {
    private static final CacheKey<RoomRecord> RECORD = new CacheKey<>("muc.room");
    private static final CacheKey<Affiliations> AFFILIATIONS = new CacheKey<>("muc.affiliations");
    private static final HeldKey<Occupants> OCCUPANTS = new HeldKey<>("muc.occupants");

    private static final int COMINGS_AT_ONCE = 20;
    private static final int COMINGS_PER_MINUTE = 20;

    private final Rooms rooms;
    private final Turn turn;

    Room(Rooms rooms, Turn turn) {
        this.rooms = rooms;
        this.turn = turn;
    }

    /** Makes the turn's name a room that is locked until its owner has configured it. */
    static Room create(Rooms rooms, RoomRecord record, Turn turn) {
        turn.createOwner(OwnerKind.ROOM);
        Room room = new Room(rooms, turn);
        room.save(record);
        room.affiliate(record.creator(), new Affiliations.Entry(Affiliation.OWNER, null, null));
        return room;
    }

    Turn turn() {
        return turn;
    }

    Rooms rooms() {
        return rooms;
    }

    BareJid jid() {
        return turn.jid();
    }

    Options options() {
        return rooms.options(turn);
    }

    /** The address of an occupant. */
    Jid at(String nick) {
        return Jid.prepared(jid() + "/" + nick);
    }

    Element occupantId(BareJid account) {
        return Element.of(Muc.OCCUPANT).attr("id", rooms.ids().of(account, turn.owner()));
    }

    // ---- what it is
    // --------------------------------------------------------------------------------------------------

    RoomRecord record() {
        return turn.cached(RECORD, () -> Objects.requireNonNull(turn.get(rooms.tables().rooms, Keys.Single.ROW)));
    }

    RoomConfig config() {
        return record().config();
    }

    /** Until its owner has said how it is to be, it is there for nobody else (XEP-0045 §10.1.2). */
    boolean isHiddenFrom(Jid asker) {
        return record().isLocked() && affiliation(asker.bare()) != Affiliation.OWNER;
    }

    void save(RoomRecord record) {
        turn.put(rooms.tables().rooms, Keys.Single.ROW, record);
        turn.forget(RECORD);
        turn.cached(RECORD, () -> record);
        turn.afterwards(() -> rooms.directory().put(record));
    }

    /** It goes, with all that it has. */
    void remove() {
        turn.hold(OCCUPANTS, null);
        Asking.forget(turn);
        rooms.tables().deleteAll(turn);
        turn.removeOwner(turn.now());
        BareJid jid = jid();
        turn.afterwards(() -> rooms.directory().remove(jid));
    }

    // ---- who is what to it
    // -------------------------------------------------------------------------------------------

    Affiliations affiliations() {
        return turn.cached(AFFILIATIONS, () -> {
            Map<BareJid, Affiliations.Entry> entries = new LinkedHashMap<>();
            for (Row<BareJid, Affiliations.Entry> row :
                    turn.scan(rooms.tables().affiliations, Range.all(), Direction.FORWARD, Options.MOST_AFFILIATIONS)) {
                entries.put(row.key(), row.value());
            }
            return new Affiliations(entries);
        });
    }

    Affiliation affiliation(BareJid account) {
        return affiliations().of(account);
    }

    /** @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} when there are too many */
    void affiliate(BareJid account, Affiliations.Entry entry) {
        boolean isNone = entry.affiliation() == Affiliation.NONE && entry.nick() == null;
        Affiliations before = affiliations();
        // Members do not crowd out those who rule, nor outcasts.
        int most = options().affiliations();
        if (!isNone
                && before.entry(account) == null
                && before.count() >= (entry.affiliation() == Affiliation.MEMBER ? most - most / 10 : most)) {
            throw StanzaError.resourceConstraint("a room knows at most " + most).toException();
        }
        if (isNone) {
            turn.delete(rooms.tables().affiliations, account);
        } else {
            turn.put(rooms.tables().affiliations, account, entry);
        }
        Affiliations changed = before.with(account, isNone ? null : entry);
        turn.forget(AFFILIATIONS);
        turn.cached(AFFILIATIONS, () -> changed);
    }

    // ---- who is there
    // ------------------------------------------------------------------------------------------------

    Occupants occupants() {
        return Objects.requireNonNullElse(turn.held(OCCUPANTS), Occupants.NOBODY);
    }

    /** The occupant that sends the turn's stanza. */
    @Nullable
    Occupant sender(@Nullable Jid from) {
        return occupants().of(from);
    }

    /**
     * Somebody comes, or wants something of the room from outside, which is not bounded by what an occupant may do.
     *
     * @throws im.dunlin.core.stanza.StanzaException {@code resource-constraint} when it does so too often
     */
    void spendComing(BareJid account) {
        Allowance left = Allowance.spend(occupants().coming(account), COMINGS_AT_ONCE, COMINGS_PER_MINUTE, turn.now());
        if (left == null) {
            throw StanzaError.resourceConstraint("too often")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        if (!occupants().isEmpty()) {
            turn.hold(OCCUPANTS, occupants().withComing(account, left));
        }
    }

    void put(Occupant occupant) {
        turn.hold(OCCUPANTS, occupants().with(occupant));
    }

    void take(Occupant occupant) {
        Occupants left = occupants().without(occupant);
        turn.hold(OCCUPANTS, left.isEmpty() ? null : left);
    }

    /** A room that is not to stay goes with its last occupant (XEP-0045 §10.1.1). */
    void removeIfDone() {
        if (occupants().isEmpty() && (!config().isPersistent() || record().isLocked())) {
            remove();
        }
    }
}
