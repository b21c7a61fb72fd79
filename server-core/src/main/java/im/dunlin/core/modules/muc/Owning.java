// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Payload;
import java.util.ArrayList;
import java.util.List;

/** What owners do: configure and destroy (XEP-0045 §10.1, §10.2, §10.9). */
final class Owning {
    /** The configuration has changed (§10.2.1). */
    private static final int CONFIG_CHANGED = 104;

    private static final int NOW_NON_ANONYMOUS = 172;
    private static final int NOW_SEMI_ANONYMOUS = 173;

    /** It is for members only now (§9.4). */
    private static final int MEMBERS_ONLY = 322;

    private static final int REASON_CHARS = 1_024;

    private final Entering entering;

    Owning(Entering entering) {
        this.entering = entering;
    }

    Iq handle(Iq iq, Jid from, Room room) {
        if (room.affiliation(from.bare()) != Affiliation.OWNER) {
            throw StanzaError.forbidden().toException();
        }
        Element query = iq.request();
        if (iq.type() == Iq.Type.GET) {
            return iq.result(Element.of(Muc.OWNER_QUERY).child(ConfigForm.of(room.config(), room.options())));
        }
        Element destroy = query.first(Muc.OWNER_DESTROY);
        Element form = query.first(FormFields.FORM);
        if (destroy != null) {
            destroy(destroy, room);
        } else if (form != null && "cancel".equals(form.attr("type"))) {
            cancel(room);
        } else if (form != null) {
            configure(form, room);
        } else {
            throw StanzaError.badRequest("a form, or what to destroy it with, is needed")
                    .toException();
        }
        return iq.result();
    }

    private void configure(Element form, Room room) {
        RoomConfig before = room.config();
        // A form without fields makes an instant room, which is as it is (§10.1.2).
        RoomConfig after = form.children(FormFields.FIELD).isEmpty() && "submit".equals(form.attr("type"))
                ? before
                : ConfigForm.submitted(form, before, room.options());
        boolean wasLocked = room.record().isLocked();
        room.save(room.record().unlocked().with(after));
        if (wasLocked) {
            return;
        }
        if (after.isMembersOnly() && !before.isMembersOnly()) {
            removeStrangers(room);
        }
        tellOfChange(before, after, room);
    }

    private static void tellOfChange(RoomConfig before, RoomConfig after, Room room) {
        if (before.equals(after)) {
            return;
        }
        ElementBuilder x = Element.builder(Muc.X).child(Muc.status(CONFIG_CHANGED));
        if (before.isNonAnonymous() != after.isNonAnonymous()) {
            x.child(Muc.status(after.isNonAnonymous() ? NOW_NON_ANONYMOUS : NOW_SEMI_ANONYMOUS));
        }
        Message told =
                Message.of(new Header(null, room.jid(), null, null), Message.Type.GROUPCHAT, Payload.of(x.build()));
        room.turn().routeToEach(told, room.occupants().sessions());
    }

    private void removeStrangers(Room room) {
        for (Occupant each : List.copyOf(room.occupants().all())) {
            if (!room.affiliation(each.account()).isAtLeast(Affiliation.MEMBER)) {
                entering.remove(each, room, gone -> gone.code(MEMBERS_ONLY));
            }
        }
    }

    /** An owner who does not want to configure the room does not want the room (§10.1.3). */
    private static void cancel(Room room) {
        if (room.record().isLocked()) {
            destroy(Element.of(Muc.OWNER_DESTROY), room);
        }
    }

    private static void destroy(Element how, Room room) {
        List<Element> children = new ArrayList<>(1);
        String reason = how.text(Muc.OWNER_REASON);
        if (reason != null) {
            children.add(Element.of(Muc.REASON, reason.substring(0, Math.min(reason.length(), REASON_CHARS))));
        }
        Jid instead = how.optionalJid("jid");
        Element destroy = Element.of(Muc.DESTROY)
                .attrIfPresent("jid", instead == null ? null : instead.toString())
                .children(children);
        for (Occupant each : room.occupants().all()) {
            Announcement.gone(each, Payload.EMPTY, room)
                    .destroying(destroy)
                    .tellOwn(each.sessions().keySet());
        }
        room.remove();
    }
}
