// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What one occupant's client asks another's (XEP-0045 §17.4), and whether it is still in the room (XEP-0410). */
final class Asking {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    Asking() {}

    /** @return the answer, null if it comes later */
    @Nullable
    Iq ask(Iq iq, Jid from, String nick, Room room) {
        Occupant asker = room.sender(from);
        if (asker == null) {
            throw Talking.notAnOccupant();
        }
        Occupant asked = room.occupants().at(nick);
        if (asked == null) {
            throw StanzaError.itemNotFound().toException();
        }
        Name request = iq.requestName();
        if (request.equals(Muc.PING) && iq.type() == Iq.Type.GET && asked == asker) {
            return iq.result();
        }
        // What is published of a person is asked of the account, which is there without its clients.
        Jid to = request.equals(Muc.VCARD) && iq.type() == Iq.Type.GET ? asked.account() : newestOf(asked);
        Iq question =
                iq.withFrom(room.at(asker.nick())).withTo(to).withId(room.turn().randomId());
        room.turn().ask(question, PATIENCE, (turn, answer) -> {
            if (answer != null) {
                turn.route(answer.withFrom(iq.to()).withTo(from).withId(iq.id()));
            } else {
                turn.route(iq.error(StanzaError.remoteServerTimeout()));
            }
        });
        return null;
    }

    private static Jid newestOf(Occupant occupant) {
        Jid newest = occupant.account();
        for (Jid session : occupant.sessions().keySet()) {
            newest = session;
        }
        return newest;
    }
}
