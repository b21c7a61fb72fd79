// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells a user's interested resources, those that asked for the roster, what changed in it (RFC 6121 §2.1.6). */
final class RosterPush {
    static final String NS = "jabber:iq:roster";
    static final Name QUERY = Name.of(NS, "query");

    static final SessionKey<Boolean> INTERESTED = new SessionKey<>("roster.interested");

    void becameInterested(ClientSession session, Turn turn) {
        turn.set(session, INTERESTED, true);
    }

    List<ClientSession> interested(Turn turn) {
        return turn.sessions().stream()
                .filter(session -> turn.get(session, INTERESTED) != null)
                .toList();
    }

    void changed(BareJid contact, RosterItem item, Turn turn) {
        Element pushed = item.element(contact);
        interested(turn).forEach(session -> send(session, item.version(), pushed, turn));
    }

    void removed(BareJid contact, long version, Turn turn) {
        Element pushed = RosterItem.removed(contact);
        interested(turn).forEach(session -> send(session, version, pushed, turn));
    }

    /** One change, to a session that asked what changed since it last looked. */
    void send(ClientSession session, Roster.Change change, Turn turn) {
        RosterItem item = change.item();
        Element pushed = item == null ? RosterItem.removed(change.contact()) : item.element(change.contact());
        send(session, change.version(), pushed, turn);
    }

    private static void send(ClientSession session, long version, Element item, Turn turn) {
        Element query = Element.of(QUERY).attr("ver", wire(version)).child(item);
        turn.send(session, Iq.set(session.jid(), turn.randomId(), query).withFrom(turn.jid()));
    }

    /** Versions are stamps of the account's clock, in its 16 digits (DESIGN D5). */
    static String wire(long version) {
        return "%016d".formatted(version);
    }

    /** The version that a client says it has; 0, which has nothing, for what is none of ours. */
    static long parse(@Nullable String ver) {
        if (ver == null || ver.length() != 16 || !ver.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return 0;
        }
        return Long.parseLong(ver);
    }
}
