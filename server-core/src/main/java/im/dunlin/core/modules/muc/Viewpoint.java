// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.xml.Element;
import org.jspecify.annotations.Nullable;

/** What somebody sees of what was said in a room. Made in a turn, and good for reading after it. */
final class Viewpoint implements RoomsView.Reading {
    private final BareJid room;
    private final Affiliations affiliations;
    private final boolean seesAddresses;

    private Viewpoint(BareJid room, Affiliations affiliations, boolean seesAddresses) {
        this.room = room;
        this.affiliations = affiliations;
        this.seesAddresses = seesAddresses;
    }

    /** Null for whoever may not read. */
    static @Nullable Viewpoint of(Jid asker, Room room) {
        Affiliation affiliation = room.affiliation(asker.bare());
        Occupant occupant = room.sender(asker);
        RoomConfig config = room.config();
        boolean isFree = config.password() == null
                && !room.record().isLocked()
                && (!config.isMembersOnly() || affiliation.isAtLeast(Affiliation.MEMBER));
        boolean mayRead = occupant != null || isFree || affiliation == Affiliation.OWNER;
        if (affiliation == Affiliation.OUTCAST || !mayRead) {
            return null;
        }
        boolean seesAddresses = config.isNonAnonymous()
                || affiliation.isAtLeast(Affiliation.ADMIN)
                || occupant != null && occupant.role() == Role.MODERATOR;
        return new Viewpoint(room.jid(), room.affiliations(), seesAddresses);
    }

    @Override
    public Message shown(long stamp, RoomMessage kept) {
        Message message = RoomLog.identified(stamp, kept.message(), room);
        return seesAddresses
                ? message.adding(Element.of(Muc.X)
                        .child(Element.of(Muc.ITEM)
                                .attr(
                                        "affiliation",
                                        affiliations.of(kept.author()).wire())
                                .attr("jid", kept.author().toString())))
                : message;
    }
}
