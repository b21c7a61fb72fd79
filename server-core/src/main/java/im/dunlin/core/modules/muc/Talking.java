// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.stanza.StanzaId;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What occupants say: to all, to one, and of what the room is about (XEP-0045 §7.4, §7.5, §8.1). */
final class Talking {
    /** What only the room adds to a message, so that nobody can speak for it (threats S06, S21). */
    private static final Set<String> RESERVED = Set.of(Muc.OCCUPANT_ID, Ns.MUC_USER, Ns.DELAY, Ns.MODERATION);

    private final RoomLog log;

    Talking(RoomLog log) {
        this.log = log;
    }

    // ---- to all
    // ------------------------------------------------------------------------------------------------------

    void groupchat(Message message, Jid from, Room room) {
        Occupant sender = room.sender(from);
        if (sender == null && room.turn().isRecovery()) {
            sender = interrupted(from, room);
        }
        if (sender == null) {
            throw notAnOccupant();
        }
        int retractions = message.payload().all(Muc.RETRACT).size();
        if (retractions > 1 || retractions == 1 && message.traits().hasSubject()) {
            throw StanzaError.badRequest("a message takes back one other, and does nothing else")
                    .toException();
        }
        if (message.traits().isSubjectChange()) {
            subject(message, sender, room);
        } else {
            say(message, sender, room);
        }
    }

    static StanzaException notAnOccupant() {
        return StanzaError.notAcceptable().withText("only occupants speak here").toException();
    }

    /**
     * Nobody is there after a stop, but it had told this sender that the message was on its way (docs/adr/0019).
     *
     * @return null if it would not have been let in, or if the room does not remember a name for it
     */
    private @Nullable Occupant interrupted(Jid from, Room room) {
        Affiliation affiliation = room.affiliation(from.bare());
        boolean isIn = !room.config().isMembersOnly() || affiliation.isAtLeast(Affiliation.MEMBER);
        String nick = isIn ? log.lastNick(from.bare(), room) : null;
        return nick == null
                ? null
                : new Occupant(
                        nick,
                        from.bare(),
                        Role.ofEntering(affiliation, room.config().isModerated()),
                        Map.of(from, Payload.EMPTY),
                        null,
                        null);
    }

    private void say(Message message, Occupant sender, Room room) {
        if (!sender.role().isAtLeast(Role.PARTICIPANT)) {
            throw StanzaError.forbidden().toException();
        }
        Message said = said(message, sender, room);
        Element retract = said.payload().first(Muc.RETRACT);
        if (retract != null) {
            retract(retract, sender, room);
        }
        Message sent = said.traits().isStoredInRoom() ? log.append(sender.account(), said, room) : said;
        room.turn().routeToEach(sent, room.occupants().sessions());
    }

    /** XEP-0424: one's own message, and nobody else's. */
    private void retract(Element retract, Occupant sender, Room room) {
        String id = retract.requireAttr("id");
        RoomMessage retracted = log.find(id, room);
        if (retracted == null) {
            return;
        }
        if (!retracted.author().equals(sender.account())) {
            throw StanzaError.forbidden().toException();
        }
        log.bury(
                id,
                Element.of(Muc.RETRACTED).attr("stamp", Delay.format(room.turn().now())),
                room);
    }

    /** The message as it comes from the room. */
    private static Message said(Message message, Occupant sender, Room room) {
        Payload genuine = genuine(message.payload(), room);
        return message.withPayload(genuine)
                .withTo(null)
                .withFrom(room.at(sender.nick()))
                .withAdditions(List.of(room.occupantId(sender.account())));
    }

    private static Payload genuine(Payload payload, Room room) {
        Payload own = payload.without(name -> RESERVED.contains(name.namespace()))
                .without(Muc.RETRACT, retract -> retract.has(Muc.MODERATED));
        return StanzaId.strip(own, room.jid());
    }

    private void subject(Message message, Occupant sender, Room room) {
        boolean may = sender.role() == Role.MODERATOR
                || sender.role() == Role.PARTICIPANT && room.config().isOpenSubject();
        if (!may) {
            throw StanzaError.forbidden().toException();
        }
        String text = Objects.requireNonNullElse(message.payload().text(Message.SUBJECT), "");
        int most = room.options().subjectBytes();
        if (text.getBytes(StandardCharsets.UTF_8).length > most
                || message.payload().size() > most + 1_024) {
            throw StanzaError.notAcceptable()
                    .withText("a subject has at most " + most + " bytes")
                    .toException();
        }
        String occupant = room.occupantId(sender.account()).requireAttr("id");
        room.save(room.record()
                .with(new RoomRecord.Subject(
                        text, sender.nick(), occupant, room.turn().now())));
        room.turn().routeToEach(said(message, sender, room), room.occupants().sessions());
    }

    // ---- to one
    // ------------------------------------------------------------------------------------------------------

    /** Of all sessions of an occupant, each gets it, once each: carbons leave it alone. */
    void privately(Message message, Jid from, String to, Room room) {
        Occupant sender = room.sender(from);
        if (sender == null) {
            throw notAnOccupant();
        }
        Occupant receiver = room.occupants().at(to);
        if (receiver == null) {
            throw StanzaError.itemNotFound().toException();
        }
        room.put(receiver.addressedAt(room.turn().now()));
        Message sent = message.withPayload(genuine(message.payload(), room).with(Element.of(Muc.X)))
                .withFrom(room.at(sender.nick()))
                .withAdditions(List.of(room.occupantId(sender.account())));
        for (Jid session : receiver.sessions().keySet()) {
            if (sent.traits().isStored(sent.type())) {
                room.turn().routeRecorded(sent.withTo(session));
            } else {
                room.turn().route(sent.withTo(session));
            }
        }
    }
}
