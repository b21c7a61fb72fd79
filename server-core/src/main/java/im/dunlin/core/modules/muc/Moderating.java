// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;

/** XEP-0425: moderators take back what others have said. */
final class Moderating {
    private static final int REASON_CHARS = 1_024;

    private final RoomLog log;

    Moderating(RoomLog log) {
        this.log = log;
    }

    void moderate(Element request, Jid from, Room room) {
        Occupant moderator = room.sender(from);
        if (moderator == null || moderator.role() != Role.MODERATOR) {
            throw StanzaError.forbidden().toException();
        }
        if (!request.has(Muc.RETRACT)) {
            throw StanzaError.featureNotImplemented().toException();
        }
        String id = request.requireAttr("id");
        String reason = request.text(Muc.MODERATE_REASON);
        if (reason != null && reason.length() > REASON_CHARS) {
            throw StanzaError.notAcceptable().withText("the reason is too long").toException();
        }
        Element moderated = Element.of(Muc.MODERATED)
                .attr("by", room.at(moderator.nick()).toString())
                .child(room.occupantId(moderator.account()));
        Element why = reason == null ? null : Element.of(Muc.RETRACT_REASON, reason);
        Element tombstone = Element.of(Muc.RETRACTED)
                .attr("stamp", Delay.format(room.turn().now()))
                .child(moderated)
                .childIfPresent(why);
        if (!log.bury(id, tombstone, room)) {
            throw StanzaError.itemNotFound().toException();
        }
        Element retract =
                Element.of(Muc.RETRACT).attr("id", id).child(moderated).childIfPresent(why);
        Message told = Message.of(
                new Header(null, room.jid(), room.turn().randomId(), null),
                Message.Type.GROUPCHAT,
                Payload.of(retract));
        // Whoever is away finds it in the archive.
        Message kept = log.append(moderator.account(), told, room);
        room.turn().routeToEach(kept, room.occupants().sessions());
    }
}
