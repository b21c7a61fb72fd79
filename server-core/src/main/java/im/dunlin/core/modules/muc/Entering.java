// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.Nickname;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Coming, changing and going (XEP-0045 §7.2, §7.6, §7.7, §7.14). */
final class Entering {
    /** The service has made the room (§10.1.1). */
    private static final int CREATED = 201;

    /** The service has changed the nickname that was asked for (§7.2.3). */
    private static final int RENAMED = 210;

    /** Everybody sees real addresses (§7.2.3). */
    private static final int NON_ANONYMOUS = 100;

    private static final int NEW_NICK = 303;

    /** Changes of what others see that an occupant may make at once, and in the long run. */
    private static final int CHANGES_AT_ONCE = 20;

    private static final int CHANGES_PER_MINUTE = 20;

    /** Clients of one person in a room. */
    private static final int MAX_SESSIONS = 10;

    /** Nicknames of one account in a room. */
    private static final int MAX_NICKS = 5;

    /** What only a room says in a presence, hats (XEP-0317) too. */
    private static final Set<String> RESERVED =
            Set.of(Ns.MUC, Ns.MUC_USER, Muc.OCCUPANT_ID, Ns.STANZA_ID, Ns.DELAY, "urn:xmpp:hats:0");

    private final Rooms rooms;
    private final RoomLog log;

    Entering(Rooms rooms, RoomLog log) {
        this.rooms = rooms;
        this.log = log;
    }

    /** Presence that is available, to an address of a room. */
    void available(Presence presence, Jid from, Turn turn) {
        String nick = presence.to() == null ? null : presence.to().resource();
        if (nick == null) {
            throw StanzaError.jidMalformed("a nickname is needed").toException();
        }
        Element join = presence.payload().first(Muc.JOIN);
        Room room = turn.exists() ? rooms.of(turn) : null;
        Occupant occupant = room == null ? null : room.sender(from);
        if (room != null && occupant != null) {
            change(occupant, nick, join, presence, from, room);
        } else if (join == null) {
            // Whoever lost its place without knowing is told so (XEP-0410 §1).
            throw StanzaError.itemNotFound()
                    .withText("nobody with this address is in the room")
                    .toException();
        } else {
            checkNick(nick, rooms.options(turn));
            Payload says = says(presence, rooms.options(turn));
            if (room == null) {
                enter(nick, join, says, from, true, create(from.bare(), turn));
                return;
            }
            room.spendComing(from.bare());
            StanzaError refused = refusal(room.affiliation(from.bare()), join, room);
            if (refused == null) {
                enter(nick, join, says, from, false, room);
            } else {
                // Not as a failure of the turn, which would count nothing: passwords are not guessed without end.
                turn.route(presence.error(refused));
            }
        }
    }

    // ---- coming
    // ------------------------------------------------------------------------------------------------------

    private Room create(BareJid creator, Turn turn) {
        if (creator.local() == null || !creator.domain().equals(Rooms.host(turn))) {
            throw StanzaError.notAllowed()
                    .withText("rooms are made by those who have an account here")
                    .toException();
        }
        Options options = rooms.options(turn);
        if (rooms.directory().count(turn.jid().domain()) >= options.rooms()
                || rooms.directory().countOf(creator) >= options.roomsOfUser()) {
            throw StanzaError.resourceConstraint("there are too many rooms").toException();
        }
        RoomConfig config = RoomConfig.usual(options.occupants(), options.history());
        return Room.create(rooms, new RoomRecord(turn.jid(), creator, true, config, RoomRecord.Subject.NONE), turn);
    }

    private void enter(String asked, Element join, Payload says, Jid from, boolean isNew, Room room) {
        BareJid account = from.bare();
        Affiliation affiliation = room.affiliation(account);
        Occupant named = room.occupants().named(asked);
        if (named != null && !named.account().equals(account) || isReserved(asked, account, room)) {
            throw StanzaError.conflict().toException();
        }
        if (named == null
                && room.occupants().count() >= room.config().maxOccupants()
                && !affiliation.isAtLeast(Affiliation.ADMIN)) {
            throw StanzaError.serviceUnavailable()
                    .withType(StanzaError.Type.WAIT)
                    .withText("the room is full")
                    .toException();
        }
        if (named == null
                ? room.occupants().of(account).size() >= MAX_NICKS
                : named.sessions().size() >= MAX_SESSIONS) {
            throw StanzaError.resourceConstraint("too many clients of one account")
                    .toException();
        }
        Occupant occupant = named == null
                ? new Occupant(
                        asked,
                        account,
                        Role.ofEntering(affiliation, room.config().isModerated()),
                        Map.of(from, says),
                        null,
                        null)
                : named.with(from, says);
        room.put(occupant);
        welcome(occupant, asked, join, from, isNew, room);
    }

    /** Why somebody may not enter; null if it may. */
    private static @Nullable StanzaError refusal(Affiliation affiliation, Element join, Room room) {
        RoomConfig config = room.config();
        if (room.record().isLocked() && affiliation != Affiliation.OWNER) {
            return StanzaError.itemNotFound();
        }
        if (affiliation == Affiliation.OUTCAST) {
            return StanzaError.forbidden();
        }
        if (config.isMembersOnly() && !affiliation.isAtLeast(Affiliation.MEMBER)) {
            return StanzaError.registrationRequired();
        }
        String password = config.password();
        if (password != null
                && affiliation != Affiliation.OWNER
                && !isSame(password, Objects.requireNonNullElse(join.text(Muc.PASSWORD), ""))) {
            return StanzaError.notAuthorized();
        }
        return null;
    }

    private static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    static boolean isReserved(String nick, BareJid account, Room room) {
        BareJid owner = room.affiliations().ownerOf(Objects.requireNonNull(Nickname.comparable(nick)));
        return owner != null && !owner.equals(account);
    }

    static void checkNick(String nick, Options options) {
        if (nick.getBytes(StandardCharsets.UTF_8).length > options.nickBytes() || Nickname.comparable(nick) == null) {
            throw StanzaError.notAcceptable()
                    .withText("a nickname has at most " + options.nickBytes() + " bytes and is not blank")
                    .toException();
        }
    }

    private static Payload says(Presence presence, Options options) {
        Payload says = presence.payload().without(name -> RESERVED.contains(name.namespace()));
        if (says.size() > options.presenceBytes()) {
            throw StanzaError.policyViolation("a presence has at most " + options.presenceBytes() + " bytes here")
                    .toException();
        }
        return says;
    }

    /** Everybody else's presence, one's own, history, subject, in this order (§7.1). */
    private void welcome(Occupant occupant, String asked, Element join, Jid newcomer, boolean isNew, Room room) {
        boolean seesAddresses = room.config().isNonAnonymous() || occupant.role() == Role.MODERATOR;
        for (Occupant other : room.occupants().all()) {
            if (other != occupant) {
                Announcement.of(other, room).tellNewcomer(newcomer, seesAddresses);
            }
        }
        Announcement own = Announcement.of(occupant, room);
        own.tellOthers();
        own.tellOwn(occupant.sessions().keySet().stream()
                .filter(session -> !session.equals(newcomer))
                .toList());
        if (room.config().isNonAnonymous()) {
            own.own(NON_ANONYMOUS);
        }
        if (isNew) {
            own.own(CREATED);
        }
        if (!asked.equals(occupant.nick())) {
            own.own(RENAMED);
        }
        own.tellOwn(List.of(newcomer));
        history(join, room).forEach(message -> room.turn().route(message.withTo(newcomer)));
        room.turn().route(subject(room).withTo(newcomer));
    }

    private Iterable<Message> history(Element join, Room room) {
        Element wish = join.first(Muc.HISTORY);
        int most = room.config().history();
        int chars = Integer.MAX_VALUE;
        Instant since = null;
        if (wish != null) {
            most = Math.min(most, number(wish.attr("maxstanzas")));
            chars = number(wish.attr("maxchars"));
            int seconds = number(wish.attr("seconds"));
            since = seconds == Integer.MAX_VALUE ? null : room.turn().now().minusSeconds(seconds);
            String time = wish.attr("since");
            Instant asked = time == null ? null : Delay.parseTime(time);
            if (asked != null && (since == null || asked.isAfter(since))) {
                Instant now = room.turn().now();
                since = asked.isBefore(Instant.EPOCH) ? Instant.EPOCH : asked.isAfter(now) ? now : asked;
            }
        }
        return most == 0 || chars == 0 ? List.of() : log.history(most, chars, since, room);
    }

    /** What is no number asks for nothing in particular. */
    private static int number(@Nullable String text) {
        try {
            return text == null ? Integer.MAX_VALUE : Math.max(0, Integer.parseInt(text.strip()));
        } catch (NumberFormatException e) {
            return Integer.MAX_VALUE;
        }
    }

    /** It ends the history, so there is always one (§7.2.15). */
    static Message subject(Room room) {
        RoomRecord.Subject subject = room.record().subject();
        Jid from = subject.by() == null ? room.jid() : room.at(subject.by());
        Message message = Message.of(
                new Header(null, from, null, null),
                Message.Type.GROUPCHAT,
                Payload.of(Element.of(Message.SUBJECT, subject.text())));
        if (subject.by() == null) {
            return message;
        }
        Message delayed = message.adding(new Delay(subject.at(), room.jid()).element());
        return subject.occupant() == null
                ? delayed
                : delayed.adding(Element.of(Muc.OCCUPANT).attr("id", subject.occupant()));
    }

    // ---- changing
    // ----------------------------------------------------------------------------------------------------

    private void change(
            Occupant occupant, String nick, @Nullable Element join, Presence presence, Jid from, Room room) {
        Payload says = says(presence, room.options());
        Allowance left = Allowance.spend(
                occupant.allowance(),
                CHANGES_AT_ONCE,
                CHANGES_PER_MINUTE,
                room.turn().now());
        if (left == null) {
            throw StanzaError.policyViolation("presence changes too often")
                    .withType(StanzaError.Type.WAIT)
                    .toException();
        }
        Occupant changed = occupant.with(from, says).withAllowance(left);
        if (!nick.equals(occupant.nick())) {
            rename(changed, nick, from, room);
        } else if (join != null) {
            // It has lost its memory, and is told everything again (§7.2.2).
            room.put(changed);
            welcome(changed, nick, join, from, false, room);
        } else {
            room.put(changed);
            Announcement.of(changed, room).tell();
        }
    }

    private void rename(Occupant occupant, String nick, Jid from, Room room) {
        checkNick(nick, room.options());
        BareJid account = occupant.account();
        Occupant named = room.occupants().named(nick);
        if (named != null && !named.account().equals(account) || isReserved(nick, account, room)) {
            throw StanzaError.conflict().toException();
        }
        // With another spelling of the name all its sessions go along; otherwise this one alone.
        boolean isSpelling = named != null && named.nick().equals(occupant.nick());
        Occupant moved = isSpelling ? occupant : occupant.alone(from);
        Occupant rest = isSpelling ? null : occupant.without(from);
        Occupant renamed = named == null || isSpelling ? moved.withNick(nick) : named.with(from, occupant.shown());
        room.take(occupant);
        if (rest != null) {
            room.put(rest);
        }
        room.put(renamed);
        Announcement leaving = Announcement.gone(moved, Payload.EMPTY, room)
                .newNick(renamed.nick())
                .code(NEW_NICK);
        if (rest == null) {
            leaving.tell();
        } else {
            leaving.tellOwn(moved.sessions().keySet());
            Announcement.of(rest, room).tell();
        }
        Announcement.of(renamed, room).tell();
    }

    // ---- going
    // -------------------------------------------------------------------------------------------------------

    /** A session leaves, or can no longer be reached. @param code of the reason; 0 for a session's own will */
    void leave(Jid session, Payload says, int code, Room room) {
        Occupant occupant = room.sender(session);
        if (occupant == null) {
            return;
        }
        Occupant rest = occupant.without(session);
        Occupant gone = occupant.alone(session);
        Payload last = says.without(name -> RESERVED.contains(name.namespace()));
        boolean isLarge = last.size() > room.options().presenceBytes();
        Announcement leaving = Announcement.gone(gone, isLarge ? Payload.EMPTY : last, room);
        if (code != 0) {
            leaving.code(code);
        }
        if (rest != null) {
            room.put(rest);
            leaving.tellOwn(gone.sessions().keySet());
            if (!rest.shown().equals(occupant.shown())) {
                Announcement.of(rest, room).tell();
            }
            return;
        }
        room.take(occupant);
        leaving.tell();
        room.removeIfDone();
    }

    /** All sessions of an occupant go, as the room wants it. @param why adds to what everybody is told */
    void remove(Occupant occupant, Room room, UnaryOperator<Announcement> why) {
        room.take(occupant);
        why.apply(Announcement.gone(occupant, Payload.EMPTY, room)).tell();
        room.removeIfDone();
    }
}
