// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.HeldKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What one occupant's client asks another's (XEP-0045 §17.4), and whether it is still in the room (XEP-0410). */
final class Asking {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Questions of one session that are not answered yet, and of all that are in a room. */
    private static final int MOST_OPEN = 20;

    private static final int MOST_OPEN_IN_ROOM = 500;

    /** Of each session, how many of its questions are on their way. */
    private static final HeldKey<Map<Jid, Integer>> OPEN = new HeldKey<>("muc.questions");

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
        begin(from, room.turn());
        String id = iq.id();
        Jid address = iq.to();
        // Without what was asked, which may be large and waits for as long as the answer does.
        Iq asking = iq.withPayload(Payload.EMPTY);
        room.turn().ask(question, PATIENCE, (turn, answer) -> {
            end(from, turn);
            if (answer == null) {
                turn.route(asking.error(StanzaError.remoteServerTimeout()));
            } else if (answer.isError()) {
                // Not as it came: it may say whose error it is.
                StanzaError error = StanzaError.of(answer);
                turn.route(asking.error(StanzaError.of(error.condition()).withType(error.type())));
            } else {
                turn.route(answer.withFrom(address).withTo(from).withId(id));
            }
        });
        return null;
    }

    private static void begin(Jid asker, Turn turn) {
        Map<Jid, Integer> open = Objects.requireNonNullElse(turn.held(OPEN), Map.of());
        int all = open.values().stream().mapToInt(each -> each).sum();
        if (open.getOrDefault(asker, 0) >= MOST_OPEN || all >= MOST_OPEN_IN_ROOM) {
            throw StanzaError.resourceConstraint("too many questions are not answered yet")
                    .toException();
        }
        Map<Jid, Integer> changed = new HashMap<>(open);
        changed.merge(asker, 1, Integer::sum);
        turn.hold(OPEN, changed);
    }

    private static void end(Jid asker, Turn turn) {
        Map<Jid, Integer> changed = new HashMap<>(Objects.requireNonNullElse(turn.held(OPEN), Map.of()));
        changed.computeIfPresent(asker, (jid, open) -> open == 1 ? null : open - 1);
        turn.hold(OPEN, changed.isEmpty() ? null : changed);
    }

    /** The room goes, and with it what it asked. */
    static void forget(Turn turn) {
        turn.hold(OPEN, null);
    }

    private static Jid newestOf(Occupant occupant) {
        Jid newest = occupant.account();
        for (Jid session : occupant.sessions().keySet()) {
            newest = session;
        }
        return newest;
    }
}
