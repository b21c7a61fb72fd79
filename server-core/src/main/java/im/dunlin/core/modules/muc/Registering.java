// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import org.jspecify.annotations.Nullable;

/** Nicknames that members keep for themselves (XEP-0045 §7.10). Who is no member does not become one by that. */
final class Registering {
    static final Name QUERY = Name.of("jabber:iq:register", "query");

    private static final Name REGISTERED = Name.of("jabber:iq:register", "registered");
    private static final Name USERNAME = Name.of("jabber:iq:register", "username");
    private static final Name REMOVE = Name.of("jabber:iq:register", "remove");
    private static final String NICK = "muc#register_roomnick";
    private static final Form FORM = Form.of(
            "http://jabber.org/protocol/muc#register",
            "Nickname",
            Field.text(NICK, "Nickname").mandatory());

    Registering() {}

    Iq handle(Iq iq, Jid from, Room room) {
        BareJid account = from.bare();
        Affiliations.Entry entry = room.affiliations().entry(account);
        if (entry == null || !entry.affiliation().isAtLeast(Affiliation.MEMBER)) {
            throw StanzaError.notAllowed()
                    .withText("only members keep nicknames")
                    .toException();
        }
        if (iq.type() == Iq.Type.GET) {
            Element query = Element.of(QUERY);
            return iq.result(
                    entry.nick() == null
                            ? query.child(FORM.element())
                            : query.child(Element.of(REGISTERED)).child(USERNAME, entry.nick()));
        }
        room.affiliate(
                account,
                new Affiliations.Entry(entry.affiliation(), wanted(iq.request(), account, room), entry.reason()));
        return iq.result();
    }

    /** Null for none any more. */
    private static @Nullable String wanted(Element query, BareJid account, Room room) {
        if (query.has(REMOVE)) {
            return null;
        }
        String nick =
                prepared(FORM.submitted(query.requireChild(FormFields.FORM)).text(NICK), room);
        Entering.checkNick(nick, room.options());
        Occupant named = room.occupants().named(nick);
        if (Entering.isReserved(nick, account, room)
                || named != null && !named.account().equals(account)) {
            throw StanzaError.conflict().toException();
        }
        return nick;
    }

    private static String prepared(String nick, Room room) {
        try {
            return room.jid().withResource(nick).resource();
        } catch (JidException e) {
            throw StanzaError.notAcceptable()
                    .withText("no nickname is like that")
                    .toException();
        }
    }
}
