// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Payload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Presence of an occupant, as each of the occupants is told of it (XEP-0045 §7.2.2, §7.14). */
final class Announcement {
    /** The presence is the receiver's own. */
    private static final int SELF = 110;

    private final Room room;
    private final Occupant of;
    private final boolean isGone;
    private final Payload says;
    private final List<Element> codes = new ArrayList<>(1);
    private final List<Element> ownCodes = new ArrayList<>(2);
    private final List<Element> itemChildren = new ArrayList<>(0);
    private @Nullable String newNick;
    private @Nullable Element destroy;

    private Announcement(Room room, Occupant of, boolean isGone, Payload says) {
        this.room = room;
        this.of = of;
        this.isGone = isGone;
        this.says = says;
    }

    static Announcement of(Occupant occupant, Room room) {
        return new Announcement(room, occupant, false, occupant.shown());
    }

    /** @param says what its last presence says */
    static Announcement gone(Occupant occupant, Payload says, Room room) {
        return new Announcement(room, occupant, true, says);
    }

    /** For everybody. */
    Announcement code(int code) {
        codes.add(Muc.status(code));
        return this;
    }

    /** For the occupant alone. */
    Announcement own(int code) {
        ownCodes.add(Muc.status(code));
        return this;
    }

    Announcement newNick(String nick) {
        newNick = nick;
        return this;
    }

    /** Who has done it, and why. */
    Announcement by(@Nullable Occupant actor, @Nullable String reason) {
        if (actor != null) {
            itemChildren.add(Element.of(Muc.ACTOR).attr("nick", actor.nick()));
        }
        if (reason != null) {
            itemChildren.add(Element.of(Muc.REASON, reason));
        }
        return this;
    }

    Announcement destroying(Element how) {
        destroy = how;
        return this;
    }

    // ---- who is told
    // -------------------------------------------------------------------------------------------------

    /** Everybody, the occupant's own sessions last. */
    void tell() {
        tellOthers();
        tellOwn(of.sessions().keySet());
    }

    void tellOthers() {
        Set<Jid> own = of.sessions().keySet();
        if (room.config().isNonAnonymous()) {
            tell(without(room.occupants().sessions(), own), true);
        } else {
            List<Jid> moderators = room.occupants().sessions(Role.MODERATOR);
            Set<Jid> rest = new HashSet<>(room.occupants().sessions());
            moderators.forEach(rest::remove);
            tell(without(moderators, own), true);
            tell(without(rest, own), false);
        }
    }

    void tellOwn(Collection<Jid> sessions) {
        List<Element> all = new ArrayList<>(codes);
        all.add(Muc.status(SELF));
        all.addAll(ownCodes);
        room.turn().routeToEach(presence(true, all), sessions);
    }

    /** One who has not seen the occupant yet. */
    void tellNewcomer(Jid newcomer, boolean seesAddresses) {
        room.turn().route(presence(seesAddresses, codes).withTo(newcomer));
    }

    private static Collection<Jid> without(Collection<Jid> sessions, Set<Jid> own) {
        return sessions.stream().filter(session -> !own.contains(session)).toList();
    }

    private void tell(Collection<Jid> sessions, boolean seesAddresses) {
        if (!sessions.isEmpty()) {
            room.turn().routeToEach(presence(seesAddresses, codes), sessions);
        }
    }

    private Presence presence(boolean withAddress, List<Element> statuses) {
        ElementBuilder item = Element.builder(Muc.ITEM)
                .attr("affiliation", room.affiliation(of.account()).wire())
                .attr("role", (isGone && newNick == null ? Role.NONE : of.role()).wire())
                .attrIfPresent("nick", newNick)
                .children(itemChildren);
        if (withAddress) {
            item.attr("jid", address());
        }
        Element x = Element.builder(Muc.X)
                .child(item.build())
                .children(statuses)
                .childIfPresent(destroy)
                .build();
        Presence.Type type = isGone ? Presence.Type.UNAVAILABLE : Presence.Type.AVAILABLE;
        Header header = new Header(null, room.at(of.nick()), null, null);
        return Presence.of(
                header, type, says.with(room.occupantId(of.account())).with(x));
    }

    /** Of the session that spoke last. */
    private String address() {
        Jid last = of.account();
        for (Jid session : of.sessions().keySet()) {
            last = session;
        }
        return last.toString();
    }
}
