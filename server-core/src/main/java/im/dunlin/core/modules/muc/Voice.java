// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.form.Submission;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Payload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who may only listen asks to be let speak, and moderators say (XEP-0045 §7.13, §8.6). */
final class Voice {
    static final String REQUEST = "http://jabber.org/protocol/muc#request";

    private static final String ROLE = "muc#role";
    private static final String NICK = "muc#roomnick";
    private static final String ALLOW = "muc#request_allow";

    /** Requests that one occupant makes at once, and in the long run. */
    private static final int AT_ONCE = 3;

    private static final int PER_MINUTE = 1;

    /** @return false if the message is no such form */
    boolean pass(Message message, Jid from, Room room) {
        Element form = message.payload().first(FormFields.FORM);
        if (form == null || !REQUEST.equals(type(form))) {
            return false;
        }
        Occupant sender = room.sender(from);
        if (sender == null) {
            throw Talking.notAnOccupant();
        }
        if (sender.role() == Role.MODERATOR) {
            decide(form(null).submitted(form), room);
        } else if (sender.role() == Role.VISITOR) {
            ask(sender, room);
        }
        return true;
    }

    private static @Nullable String type(Element form) {
        for (Element field : form.children(FormFields.FIELD)) {
            if ("FORM_TYPE".equals(field.attr("var"))) {
                return field.text(FormFields.VALUE);
            }
        }
        return null;
    }

    private static void ask(Occupant visitor, Room room) {
        Allowance left = Allowance.spend(
                visitor.allowance(), AT_ONCE, PER_MINUTE, room.turn().now());
        if (left == null) {
            throw StanzaError.policyViolation("too many requests")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        room.put(visitor.withAllowance(left));
        Message asked = Message.of(
                new Header(null, room.jid(), room.turn().randomId(), null),
                Message.Type.NORMAL,
                Payload.of(form(visitor).element()));
        room.turn().routeToEach(asked, room.occupants().sessions(Role.MODERATOR));
    }

    private static void decide(Submission decision, Room room) {
        Occupant visitor = room.occupants().at(decision.one(NICK));
        if (decision.isTrue(ALLOW) && visitor != null && visitor.role() == Role.VISITOR) {
            Occupant heard = visitor.withRole(Role.PARTICIPANT);
            room.put(heard);
            Announcement.of(heard, room).tell();
        }
    }

    private static Form form(@Nullable Occupant visitor) {
        Field nick = Field.text(NICK, "Nickname");
        Field jid = Field.jid("muc#jid", "Address");
        return Form.of(
                REQUEST,
                "Somebody asks to be let speak",
                Field.oneOf(ROLE, "Role", List.of(new Field.Option(Role.PARTICIPANT.wire(), "Participant")))
                        .with(Role.PARTICIPANT.wire()),
                visitor == null ? jid : jid.with(visitor.account().toString()),
                visitor == null ? nick : nick.with(visitor.nick()),
                Field.truth(ALLOW, "May speak", false));
    }
}
