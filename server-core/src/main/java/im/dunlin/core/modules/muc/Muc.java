// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;

/** Names of XEP-0045 and of what rooms do beside it. */
final class Muc {
    static final String ADMIN = "http://jabber.org/protocol/muc#admin";
    static final String OWNER = "http://jabber.org/protocol/muc#owner";
    static final String ROOM_CONFIG = "http://jabber.org/protocol/muc#roomconfig";
    static final String ROOM_INFO = "http://jabber.org/protocol/muc#roominfo";
    static final String STABLE_ID = "http://jabber.org/protocol/muc#stable_id";

    /** XEP-0410 §3.1. */
    static final String SELF_PING = "http://jabber.org/protocol/muc#self-ping-optimization";

    /** XEP-0421. */
    static final String OCCUPANT_ID = "urn:xmpp:occupant-id:0";

    static final Name JOIN = Name.of(Ns.MUC, "x");
    static final Name HISTORY = Name.of(Ns.MUC, "history");
    static final Name PASSWORD = Name.of(Ns.MUC, "password");
    static final Name X = Name.of(Ns.MUC_USER, "x");
    static final Name ITEM = Name.of(Ns.MUC_USER, "item");
    static final Name ACTOR = Name.of(Ns.MUC_USER, "actor");
    static final Name REASON = Name.of(Ns.MUC_USER, "reason");
    static final Name STATUS = Name.of(Ns.MUC_USER, "status");
    static final Name DESTROY = Name.of(Ns.MUC_USER, "destroy");
    static final Name OCCUPANT = Name.of(OCCUPANT_ID, "occupant-id");
    static final Name OWNER_QUERY = Name.of(OWNER, "query");
    static final Name OWNER_DESTROY = Name.of(OWNER, "destroy");
    static final Name OWNER_REASON = Name.of(OWNER, "reason");
    static final Name ADMIN_QUERY = Name.of(ADMIN, "query");
    static final Name ADMIN_ITEM = Name.of(ADMIN, "item");
    static final Name ADMIN_REASON = Name.of(ADMIN, "reason");
    static final Name RETRACT = Name.of(Ns.RETRACTION, "retract");
    static final Name RETRACTED = Name.of(Ns.RETRACTION, "retracted");
    static final Name RETRACT_REASON = Name.of(Ns.RETRACTION, "reason");
    static final Name MODERATE = Name.of(Ns.MODERATION, "moderate");
    static final Name MODERATE_REASON = Name.of(Ns.MODERATION, "reason");
    static final Name MODERATED = Name.of(Ns.MODERATION, "moderated");
    static final Name PING = Name.of("urn:xmpp:ping", "ping");
    static final Name VCARD = Name.of("vcard-temp", "vCard");

    private Muc() {}

    static Element status(int code) {
        return Element.of(STATUS).attr("code", Integer.toString(code));
    }
}
