// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.DiscoNodes;
import im.dunlin.core.module.Identity;
import im.dunlin.core.module.Service;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaError.Condition;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Payload;
import im.dunlin.storage.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0045: Multi-User Chat, by the service {@code rooms.HOST}; XEP-0421 and XEP-0410 in its rooms.
 *
 * <p>Each room is an owner, and what is sent to it a turn of it. Its occupants are in memory only: after a stop a room is empty,
 * and whoever was in it finds out by asking (docs/adr/0019).
 */
public final class MucModule implements Service, RoomsView {
    /** Its name in the configuration. */
    public static final String KEY = "rooms";

    /** An occupant was lost by a fault, not by anybody's will (XEP-0045 §11.1). */
    private static final int LOST = 333;

    /** Errors that say that an occupant is not there. A session that has ended is service-unavailable (RFC 6121 §8.5.3). */
    private static final Set<Condition> LOSSES = EnumSet.of(
            Condition.GONE,
            Condition.ITEM_NOT_FOUND,
            Condition.RECIPIENT_UNAVAILABLE,
            Condition.REDIRECT,
            Condition.REMOTE_SERVER_NOT_FOUND,
            Condition.REMOTE_SERVER_TIMEOUT,
            Condition.JID_MALFORMED,
            Condition.SERVICE_UNAVAILABLE);

    /** So long the answer to a private message may be on its way. */
    private static final Duration ON_THE_WAY = Duration.ofMinutes(2);

    private final Setup setup;
    private final Rooms rooms;
    private final Entering entering;
    private final Talking talking;
    private final Owning owning;
    private final Administering administering;
    private final Moderating moderating;
    private final Inviting inviting = new Inviting();
    private final Voice voice = new Voice();
    private final Registering registering = new Registering();
    private final RoomDisco disco;
    private final Asking asking = new Asking();

    public MucModule(Setup setup) {
        this.setup = setup;
        rooms = new Rooms(setup);
        RoomLog log = new RoomLog(rooms.tables());
        entering = new Entering(rooms, log);
        talking = new Talking(log);
        moderating = new Moderating(log);
        owning = new Owning(entering);
        administering = new Administering(entering);
        disco = new RoomDisco(rooms);
        setup.implementing(45, "1.35.5")
                .implementing(249, "1.2")
                .implementing(410, "1.1.0")
                .implementing(421, "1.0.1")
                .everyRow(rooms.tables().rooms, row -> found(row.value()))
                .implementing(425, "0.3.0")
                .provide(RoomsView.class, this)
                .service(this);
    }

    // ---- RoomsView
    // ---------------------------------------------------------------------------------------------------

    @Override
    public void extend(Extension extension) {
        rooms.extend(extension);
    }

    @Override
    public Table<Long, RoomMessage> messages() {
        return rooms.tables().messages;
    }

    @Override
    public @Nullable Reading reading(Jid asker, Turn room) {
        return Viewpoint.of(asker, rooms.of(room));
    }

    /** At the start nobody is in any room. */
    private void found(RoomRecord room) {
        rooms.directory().put(room);
        if (!room.config().isPersistent() || room.isLocked()) {
            setup.submit(room.jid(), turn -> {
                if (turn.exists()) {
                    rooms.of(turn).removeIfDone();
                }
            });
        }
    }

    // ---- Service
    // -----------------------------------------------------------------------------------------------------

    @Override
    public String subdomain() {
        return KEY;
    }

    @Override
    public String subdomain(String host) {
        return setup.config().host(host).options(KEY, Options.class).subdomain();
    }

    @Override
    public boolean hasOwners() {
        return true;
    }

    @Override
    public Identity identity() {
        return new Identity("conference", "text", "Rooms");
    }

    @Override
    public Set<String> features() {
        return RoomDisco.features();
    }

    @Override
    public DiscoNodes nodes() {
        return disco;
    }

    @Override
    public void receive(Stanza stanza, Turn turn) {
        Jid from = stanza.from();
        if (from == null) {
            return;
        }
        if (turn.jid().local() == null) {
            // The service itself answers questions of its disco, and nothing else.
            if (!stanza.isAnswer() && !(stanza instanceof Presence)) {
                throw StanzaError.serviceUnavailable().toException();
            }
        } else if (stanza instanceof Presence presence) {
            presence(presence, from, turn);
        } else if (stanza.isError()) {
            lost(stanza, from, turn);
        } else if (!turn.exists() || rooms.of(turn).isHiddenFrom(from)) {
            if (!stanza.isAnswer()) {
                throw StanzaError.itemNotFound().toException();
            }
        } else if (stanza instanceof Message message) {
            message(message, from, rooms.of(turn));
        } else if (stanza instanceof Iq iq && !iq.isAnswer()) {
            Iq answer = answer(iq, from, rooms.of(turn));
            if (answer != null) {
                turn.answer(answer);
            }
        }
    }

    private void presence(Presence presence, Jid from, Turn turn) {
        switch (presence.type()) {
            case AVAILABLE -> entering.available(presence, from, turn);
            case UNAVAILABLE -> {
                if (turn.exists()) {
                    entering.leave(from, presence.payload(), 0, rooms.of(turn));
                }
            }
            case ERROR -> lost(presence, from, turn);
            // A room is nobody's contact.
            case SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED, PROBE -> {}
        }
    }

    /** What was sent to an occupant came back: it is removed if that says that it is not there (XEP-0045 §11.1). */
    private void lost(Stanza error, Jid from, Turn turn) {
        Condition condition = StanzaError.of(error).condition();
        if (error instanceof Iq || !LOSSES.contains(condition) || !turn.exists()) {
            return;
        }
        Room room = rooms.of(turn);
        Occupant occupant = room.sender(from);
        Instant addressed = occupant == null ? null : occupant.addressed();
        // Whoever has blocked another occupant answers its private messages like that, and is there.
        boolean isRefusal = condition == Condition.SERVICE_UNAVAILABLE
                && addressed != null
                && addressed.plus(ON_THE_WAY).isAfter(turn.now());
        if (!isRefusal) {
            entering.leave(from, Payload.EMPTY, LOST, room);
        }
    }

    private void message(Message message, Jid from, Room room) {
        String nick = Objects.requireNonNull(message.to()).resource();
        if (message.type() == Message.Type.GROUPCHAT) {
            if (nick != null) {
                throw StanzaError.badRequest("what is for everybody is sent to the room")
                        .toException();
            }
            talking.groupchat(message, from, room);
        } else if (nick != null) {
            talking.privately(message, from, nick, room);
        } else if (!inviting.pass(message, from, room) && !voice.pass(message, from, room)) {
            throw StanzaError.badRequest("a message to a room is of type groupchat")
                    .toException();
        }
    }

    private @Nullable Iq answer(Iq iq, Jid from, Room room) {
        String nick = Objects.requireNonNull(iq.to()).resource();
        if (nick != null) {
            return asking.ask(iq, from, nick, room);
        }
        Name request = iq.requestName();
        boolean isGet = iq.type() == Iq.Type.GET;
        if (isGet && RoomDisco.isInfo(request)) {
            return disco.roomInfo(iq, from, room);
        }
        if (isGet && RoomDisco.isItems(request)) {
            return RoomDisco.roomItems(iq, from, room);
        }
        if (isGet && request.equals(Muc.PING) && room.sender(from) != null) {
            return iq.result();
        }
        if (request.equals(Muc.OWNER_QUERY)) {
            return owning.handle(iq, from, room);
        }
        if (request.equals(Muc.ADMIN_QUERY)) {
            return administering.handle(iq, from, room);
        }
        if (request.equals(Registering.QUERY)) {
            return registering.handle(iq, from, room);
        }
        if (request.equals(Muc.MODERATE) && !isGet) {
            moderating.moderate(iq.request(), from, room);
            return iq.result();
        }
        Extension extension = rooms.extension(request);
        if (extension != null) {
            return extension.answer(iq, from, room.turn());
        }
        throw StanzaError.serviceUnavailable().toException();
    }
}
