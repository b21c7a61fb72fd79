// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Invitations that the room passes on (XEP-0045 §7.8.2). Direct ones (XEP-0249) do not come by. */
final class Inviting {
    private static final Name INVITE = Name.of(Ns.MUC_USER, "invite");
    private static final Name DECLINE = Name.of(Ns.MUC_USER, "decline");
    private static final Name CONTINUE = Name.of(Ns.MUC_USER, "continue");
    private static final Name PASSWORD = Name.of(Ns.MUC_USER, "password");

    private static final int AT_ONCE = 10;

    /** Strangers get them, so there are not many (threat S20). */
    private static final int PER_MINUTE = 10;

    private static final int REASON_CHARS = 1_024;

    /** @return false if the message is neither an invitation nor the answer to one */
    boolean pass(Message message, Jid from, Room room) {
        Element x = message.payload().first(Muc.X);
        List<Element> invites = x == null ? List.of() : x.children(INVITE);
        Element decline = x == null ? null : x.first(DECLINE);
        if (decline != null) {
            decline(decline, message, from, room);
        } else if (invites.size() > AT_ONCE) {
            throw StanzaError.policyViolation("at most " + AT_ONCE + " invitations at once")
                    .toException();
        } else {
            invites.forEach(invite -> invite(invite, message, from, room));
        }
        return decline != null || !invites.isEmpty();
    }

    private static void invite(Element invite, Message message, Jid from, Room room) {
        Occupant inviter = room.sender(from);
        if (inviter == null) {
            throw Talking.notAnOccupant();
        }
        Allowance left = Allowance.spend(
                inviter.allowance(), AT_ONCE, PER_MINUTE, room.turn().now());
        if (left == null) {
            throw StanzaError.policyViolation("too many invitations")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        room.put(inviter.withAllowance(left));
        Jid invited = invite.requireJid("to");
        if (invited.local() == null) {
            // Of a whole domain everybody would be a member.
            throw StanzaError.jidMalformed("people are invited").toException();
        }
        admit(invited.bare(), inviter, room);
        RoomConfig config = room.config();
        Jid shown = config.isNonAnonymous() ? inviter.account() : room.at(inviter.nick());
        Element x = Element.builder(Muc.X)
                .child(told(INVITE, invite, shown).childIfPresent(continued(invite)))
                .childIfPresent(config.password() == null ? null : Element.of(PASSWORD, config.password()))
                .build();
        room.turn()
                .routeRecorded(message.withType(Message.Type.NORMAL)
                        .withFrom(room.jid())
                        .withTo(invited)
                        .withAdditions(List.of())
                        .withPayload(Payload.of(x)));
    }

    private static @Nullable Element continued(Element invite) {
        Element asked = invite.first(CONTINUE);
        String thread = asked == null ? null : asked.attr("thread");
        return asked == null
                ? null
                : Element.of(CONTINUE)
                        .attrIfPresent("thread", thread != null && thread.length() <= REASON_CHARS ? thread : null);
    }

    /** Whoever is invited to a room for members is one, if the inviter may say so (§9.3). */
    private static void admit(BareJid invited, Occupant inviter, Room room) {
        Affiliation affiliation = room.affiliation(invited);
        Affiliation own = room.affiliation(inviter.account());
        boolean may = own.isAtLeast(Affiliation.ADMIN)
                || !room.config().isMembersOnly()
                || room.config().isOpenInvitation() && own.isAtLeast(Affiliation.MEMBER);
        if (!may || affiliation == Affiliation.OUTCAST) {
            throw StanzaError.forbidden().toException();
        }
        if (room.config().isMembersOnly() && affiliation == Affiliation.NONE) {
            room.affiliate(invited, new Affiliations.Entry(Affiliation.MEMBER, null, null));
        }
    }

    /** Only to occupants, and not by outcasts: nobody else has invited anybody. */
    private static void decline(Element decline, Message message, Jid from, Room room) {
        Jid to = decline.requireJid("to");
        Affiliation affiliation = room.affiliation(from.bare());
        if (affiliation == Affiliation.OUTCAST
                || affiliation == Affiliation.NONE && room.config().isMembersOnly()) {
            throw StanzaError.forbidden().toException();
        }
        room.spendComing(from.bare());
        Occupant named = to.bare().equals(room.jid()) ? room.occupants().at(to.resource()) : null;
        List<Occupant> inviters =
                named != null ? List.of(named) : room.occupants().of(to.bare());
        Element x = Element.of(Muc.X).child(told(DECLINE, decline, from.bare()));
        for (Occupant inviter : inviters) {
            room.turn()
                    .routeToEach(
                            message.withType(Message.Type.NORMAL)
                                    .withFrom(room.jid())
                                    .withAdditions(List.of())
                                    .withPayload(Payload.of(x)),
                            inviter.sessions().keySet());
        }
    }

    private static Element told(Name name, Element asked, Jid from) {
        String reason = asked.text(Muc.REASON);
        Element told = Element.of(name).attr("from", from.toString());
        return reason == null
                ? told
                : told.child(Muc.REASON, reason.substring(0, Math.min(reason.length(), REASON_CHARS)));
    }
}
