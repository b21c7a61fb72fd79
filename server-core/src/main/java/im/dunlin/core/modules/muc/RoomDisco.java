// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.stanza.FormFields;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a service and its rooms say of themselves (XEP-0045 §6). */
final class RoomDisco implements DiscoNodes {
    private static final Name INFO = Name.of(Ns.DISCO_INFO, "query");
    private static final Name IDENTITY = Name.of(Ns.DISCO_INFO, "identity");
    private static final Name FEATURE = Name.of(Ns.DISCO_INFO, "feature");
    private static final Name ITEMS = Name.of(Ns.DISCO_ITEMS, "query");
    private static final Name ITEM = Name.of(Ns.DISCO_ITEMS, "item");

    /** §7.12. */
    private static final String RESERVED_NICK = "x-roomuser-item";

    private final Rooms rooms;

    RoomDisco(Rooms rooms) {
        this.rooms = rooms;
    }

    static boolean isInfo(Name request) {
        return request.equals(INFO);
    }

    static boolean isItems(Name request) {
        return request.equals(ITEMS);
    }

    /** What rooms and the service can alike. */
    static Set<String> features() {
        return Set.of(Ns.MUC, Muc.STABLE_ID, Muc.OCCUPANT_ID, Muc.SELF_PING);
    }

    /** The rooms that are listed. */
    @Override
    public List<Element> items(Iq iq, Turn turn) {
        List<Element> items = new ArrayList<>();
        for (RoomDirectory.Entry room : rooms.directory().listed(turn.jid().domain())) {
            String name = room.name();
            items.add(Element.of(ITEM)
                    .attr("jid", room.jid().toString())
                    .attrIfPresent(
                            "name", name == null || name.isEmpty() ? room.jid().local() : name));
        }
        return items;
    }

    // ---- a room
    // ------------------------------------------------------------------------------------------------------

    Iq roomInfo(Iq iq, Jid from, Room room) {
        String node = iq.request().attr("node");
        if (RESERVED_NICK.equals(node)) {
            return iq.result(reservedNick(from, room));
        }
        if (node != null) {
            throw StanzaError.itemNotFound().toException();
        }
        RoomConfig config = room.config();
        ElementBuilder query = Element.builder(INFO)
                .child(Element.of(IDENTITY)
                        .attr("category", "conference")
                        .attr("type", "text")
                        .attrIfPresent(
                                "name", config.name().isEmpty() ? room.jid().local() : config.name()));
        Set<String> features = new TreeSet<>(features());
        features.addAll(rooms.features(room.turn()));
        features.addAll(List.of(
                Ns.DISCO_INFO,
                Ns.DISCO_ITEMS,
                Ns.STANZA_ID,
                Ns.MODERATION,
                Registering.QUERY.namespace(),
                config.isPublic() ? "muc_public" : "muc_hidden",
                config.isPersistent() ? "muc_persistent" : "muc_temporary",
                config.isMembersOnly() ? "muc_membersonly" : "muc_open",
                config.isModerated() ? "muc_moderated" : "muc_unmoderated",
                config.isNonAnonymous() ? "muc_nonanonymous" : "muc_semianonymous",
                config.password() != null ? "muc_passwordprotected" : "muc_unsecured"));
        features.forEach(feature -> query.child(Element.of(FEATURE).attr("var", feature)));
        return iq.result(query.child(form(room)).build());
    }

    /** §6.4, §15.5.4. */
    private static Element form(Room room) {
        RoomConfig config = room.config();
        return Element.builder(FormFields.FORM)
                .attr("type", "result")
                .child(Element.of(FormFields.FIELD)
                        .attr("var", "FORM_TYPE")
                        .attr("type", "hidden")
                        .child(FormFields.VALUE, Muc.ROOM_INFO))
                .child(field("muc#roominfo_description", config.description()))
                .child(field(
                        "muc#roominfo_occupants",
                        Integer.toString(room.occupants().count())))
                .child(field(
                        "muc#roominfo_subject",
                        config.isMembersOnly() || config.password() != null
                                ? ""
                                : room.record().subject().text()))
                .child(field("muc#roominfo_subjectmod", config.isOpenSubject() ? "1" : "0"))
                .child(field("muc#maxhistoryfetch", Integer.toString(config.history())))
                .build();
    }

    private static Element field(String var, String value) {
        return Element.of(FormFields.FIELD).attr("var", var).child(FormFields.VALUE, value);
    }

    private static Element reservedNick(Jid from, Room room) {
        Affiliations.Entry entry = room.affiliations().entry(from.bare());
        Element query = Element.of(INFO).attr("node", RESERVED_NICK);
        return entry == null || entry.nick() == null
                ? query
                : query.child(Element.of(IDENTITY)
                        .attr("category", "conference")
                        .attr("type", "text")
                        .attr("name", entry.nick()));
    }

    /** Who is there, for those who are there too (§6.5). */
    static Iq roomItems(Iq iq, Jid from, Room room) {
        ElementBuilder query =
                Element.builder(ITEMS).attrIfPresent("node", iq.request().attr("node"));
        if (iq.request().attr("node") == null && room.sender(from) != null) {
            room.occupants()
                    .all()
                    .forEach(each -> query.child(
                            Element.of(ITEM).attr("jid", room.at(each.nick()).toString())));
        }
        return iq.result(query.build());
    }
}
