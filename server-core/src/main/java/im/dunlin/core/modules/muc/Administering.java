// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Payload;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Roles and affiliations, and the lists of them (XEP-0045 §8, §9, §10.3 to §10.8). */
final class Administering {
    private static final int BANNED = 301;
    private static final int KICKED = 307;

    /** Its affiliation has changed, and it no longer belongs to those who may be here. */
    private static final int NO_MEMBER = 321;

    private static final int ITEMS_AT_ONCE = 100;
    private static final int REASON_BYTES = 1_024;

    private final Entering entering;

    Administering(Entering entering) {
        this.entering = entering;
    }

    Iq handle(Iq iq, Jid from, Room room) {
        List<Element> items = iq.request().children(Muc.ADMIN_ITEM);
        if (items.isEmpty() || items.size() > ITEMS_AT_ONCE) {
            throw StanzaError.badRequest("from one item to " + ITEMS_AT_ONCE).toException();
        }
        Actor actor = new Actor(from, room);
        if (iq.type() == Iq.Type.GET) {
            return iq.result(list(items.get(0), actor, room));
        }
        for (Element item : items) {
            // With its last occupant a room may have gone.
            if (room.turn().exists()) {
                change(item, actor, room);
            }
        }
        return iq.result();
    }

    /** Who asks: somebody who is in the room, or has rights from outside. */
    private static final class Actor {
        final BareJid account;
        final @Nullable Occupant occupant;
        final Affiliation affiliation;

        Actor(Jid from, Room room) {
            account = from.bare();
            occupant = room.sender(from);
            affiliation = room.affiliation(account);
        }

        boolean isModerator() {
            return affiliation.isAtLeast(Affiliation.ADMIN) || occupant != null && occupant.role() == Role.MODERATOR;
        }
    }

    // ---- lists
    // -------------------------------------------------------------------------------------------------------

    private static Element list(Element item, Actor actor, Room room) {
        Affiliation affiliation = Affiliation.parse(item.attr("affiliation"));
        Role role = Role.parse(item.attr("role"));
        ElementBuilder query = Element.builder(Muc.ADMIN_QUERY);
        if (affiliation != null && affiliation != Affiliation.NONE) {
            checkMayRead(affiliation, actor, room);
            room.affiliations().all(affiliation).forEach(entry -> query.child(item(entry.getKey(), entry.getValue())));
        } else if (role != null && role != Role.NONE) {
            if (!actor.isModerator()) {
                throw StanzaError.forbidden().toException();
            }
            for (Occupant each : room.occupants().all()) {
                if (each.role() == role) {
                    query.child(item(each, room));
                }
            }
        } else {
            throw StanzaError.badRequest("a list is of an affiliation or of a role")
                    .toException();
        }
        return query.build();
    }

    /** Where everybody may see who is there, members may see who else belongs there (§9.5). */
    private static void checkMayRead(Affiliation list, Actor actor, Room room) {
        boolean isAmongKnown = room.config().isNonAnonymous()
                && room.config().isMembersOnly()
                && actor.affiliation.isAtLeast(Affiliation.MEMBER)
                && list != Affiliation.OUTCAST;
        if (!isAmongKnown && !actor.affiliation.isAtLeast(Affiliation.ADMIN)) {
            throw StanzaError.forbidden().toException();
        }
    }

    private static Element item(BareJid account, Affiliations.Entry entry) {
        Element item = Element.of(Muc.ADMIN_ITEM)
                .attr("affiliation", entry.affiliation().wire())
                .attr("jid", account.toString())
                .attrIfPresent("nick", entry.nick());
        return entry.reason() == null ? item : item.child(Muc.ADMIN_REASON, entry.reason());
    }

    private static Element item(Occupant occupant, Room room) {
        return Element.of(Muc.ADMIN_ITEM)
                .attr("affiliation", room.affiliation(occupant.account()).wire())
                .attr("role", occupant.role().wire())
                .attr("nick", occupant.nick())
                .attr("jid", occupant.account().toString());
    }

    // ---- changes
    // ------------------------------------------------------------------------------------------------------

    private void change(Element item, Actor actor, Room room) {
        String nick = item.attr("nick");
        Jid jid = item.optionalJid("jid");
        String reason = reason(item);
        if (item.attr("affiliation") != null) {
            Affiliation affiliation = Affiliation.parse(item.attr("affiliation"));
            BareJid account = jid != null
                    ? jid.bare()
                    : nick == null ? null : named(nick, room).account();
            if (affiliation == null || account == null) {
                throw StanzaError.badRequest("an affiliation, and a jid or nick")
                        .toException();
            }
            affiliate(account, affiliation, reason, actor, room);
        } else {
            Role role = Role.parse(item.attr("role"));
            if (role == null || nick == null) {
                throw StanzaError.badRequest("a role and a nick").toException();
            }
            give(role, named(nick, room), reason, actor, room);
        }
    }

    private static @Nullable String reason(Element item) {
        String reason = item.text(Muc.ADMIN_REASON);
        if (reason != null && reason.length() > REASON_BYTES) {
            throw StanzaError.notAcceptable().withText("the reason is too long").toException();
        }
        return reason;
    }

    private static Occupant named(String nick, Room room) {
        Occupant occupant = room.occupants().at(nick);
        if (occupant == null) {
            throw StanzaError.itemNotFound().toException();
        }
        return occupant;
    }

    private static StanzaException notAllowed() {
        return StanzaError.notAllowed().toException();
    }

    // ---- roles
    // -------------------------------------------------------------------------------------------------------

    private void give(Role role, Occupant to, @Nullable String reason, Actor actor, Room room) {
        Affiliation target = room.affiliation(to.account());
        boolean isAdmin = actor.affiliation.isAtLeast(Affiliation.ADMIN);
        if (!actor.isModerator() || role == Role.MODERATOR && !isAdmin) {
            throw StanzaError.forbidden().toException();
        }
        boolean takesModeration = to.role() == Role.MODERATOR && role != Role.MODERATOR;
        // Whoever moderates by affiliation goes on doing so, and nobody rules those above (§8.2, §8.4, §9.7).
        if (!actor.affiliation.isAtLeast(target)
                || takesModeration && (!isAdmin || target.isAtLeast(Affiliation.ADMIN))) {
            throw notAllowed();
        }
        if (role == Role.NONE) {
            entering.remove(to, room, gone -> gone.code(KICKED).by(actor.occupant, reason));
        } else {
            Occupant changed = to.withRole(role);
            room.put(changed);
            Announcement.of(changed, room).by(actor.occupant, reason).tell();
        }
    }

    // ---- affiliations
    // ------------------------------------------------------------------------------------------------

    private void affiliate(BareJid account, Affiliation affiliation, @Nullable String reason, Actor actor, Room room) {
        checkMayAffiliate(account, affiliation, actor, room);
        Map<Occupant, Affiliation> before = new HashMap<>();
        room.occupants().all().forEach(each -> before.put(each, room.affiliation(each.account())));
        Affiliations.Entry entry = room.affiliations().entry(account);
        String nick = entry == null || affiliation == Affiliation.OUTCAST || affiliation == Affiliation.NONE
                ? null
                : entry.nick();
        room.affiliate(account, new Affiliations.Entry(affiliation, nick, reason));
        boolean isThere = false;
        for (Occupant each : List.copyOf(room.occupants().all())) {
            Affiliation after = room.affiliation(each.account());
            Affiliation was = Objects.requireNonNull(before.get(each));
            if (after != was) {
                changed(each, was, after, reason, actor, room);
                isThere = true;
            }
        }
        if (!isThere && room.turn().exists()) {
            tellOfAbsent(account, affiliation, room);
        }
    }

    private static void checkMayAffiliate(BareJid account, Affiliation affiliation, Actor actor, Room room) {
        if (!actor.affiliation.isAtLeast(Affiliation.ADMIN)) {
            throw StanzaError.forbidden().toException();
        }
        Affiliation before = room.affiliation(account);
        boolean isOwner = actor.affiliation == Affiliation.OWNER;
        if (!isOwner && (before.isAtLeast(Affiliation.ADMIN) || affiliation.isAtLeast(Affiliation.ADMIN))) {
            throw notAllowed();
        }
        if (account.local() == null && affiliation.isAtLeast(Affiliation.ADMIN)) {
            throw StanzaError.notAcceptable()
                    .withText("a whole domain rules no room")
                    .toException();
        }
        boolean isLastOwner =
                affiliation != Affiliation.OWNER && room.affiliations().isOnlyOwner(account);
        if (isLastOwner || affiliation == Affiliation.OUTCAST && account.equals(actor.account)) {
            throw StanzaError.conflict().toException();
        }
    }

    private void changed(
            Occupant occupant, Affiliation was, Affiliation is, @Nullable String reason, Actor actor, Room room) {
        if (is == Affiliation.OUTCAST) {
            entering.remove(occupant, room, gone -> gone.code(BANNED).by(actor.occupant, reason));
        } else if (room.config().isMembersOnly() && !is.isAtLeast(Affiliation.MEMBER)) {
            entering.remove(occupant, room, gone -> gone.code(NO_MEMBER).by(actor.occupant, reason));
        } else {
            Role usual = Role.ofEntering(is, room.config().isModerated());
            // Whoever rises keeps what it was given.
            Role role = is.isAtLeast(was) && occupant.role().isAtLeast(usual) ? occupant.role() : usual;
            Occupant changed = occupant.withRole(role);
            room.put(changed);
            Announcement.of(changed, room).by(actor.occupant, reason).tell();
        }
    }

    /** §9.3: those who may see addresses learn of a change that no presence shows. */
    private static void tellOfAbsent(BareJid account, Affiliation affiliation, Room room) {
        Element item = Element.of(Muc.ITEM)
                .attr("affiliation", affiliation.wire())
                .attr("jid", account.toString())
                .attr("role", Role.NONE.wire());
        Message told = Message.of(
                new Header(null, room.jid(), null, null),
                Message.Type.NORMAL,
                Payload.of(Element.of(Muc.X).child(item)));
        room.turn()
                .routeToEach(
                        told,
                        room.config().isNonAnonymous()
                                ? room.occupants().sessions()
                                : room.occupants().sessions(Role.MODERATOR));
    }
}
