// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.Nickname;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who is in a room, in the order of coming. Immutable: each change makes another one, so that a turn that fails has changed nothing. */
final class Occupants {
    static final Occupants NOBODY = new Occupants(new LinkedHashMap<>(), new HashMap<>());

    private final Map<String, Occupant> byNick;
    private final Map<Jid, String> bySession;

    private Occupants(Map<String, Occupant> byNick, Map<Jid, String> bySession) {
        this.byNick = byNick;
        this.bySession = bySession;
    }

    boolean isEmpty() {
        return byNick.isEmpty();
    }

    int count() {
        return byNick.size();
    }

    Collection<Occupant> all() {
        return byNick.values();
    }

    /** Whose nickname looks like this. @param nick a prepared resourcepart */
    @Nullable
    Occupant named(String nick) {
        return byNick.get(comparable(nick));
    }

    /** Who has just this nickname, which is an address. */
    @Nullable
    Occupant at(@Nullable String nick) {
        Occupant found = nick == null ? null : named(nick);
        return found != null && found.nick().equals(nick) ? found : null;
    }

    /** The occupant that this session is, or is one of. */
    @Nullable
    Occupant of(@Nullable Jid session) {
        String key = session == null ? null : bySession.get(session);
        return key == null ? null : byNick.get(key);
    }

    List<Occupant> of(BareJid account) {
        return byNick.values().stream()
                .filter(occupant -> occupant.account().equals(account))
                .toList();
    }

    /** All sessions of all occupants. */
    Collection<Jid> sessions() {
        return bySession.keySet();
    }

    List<Jid> sessions(Role atLeast) {
        List<Jid> sessions = new ArrayList<>();
        for (Occupant each : byNick.values()) {
            if (each.role().isAtLeast(atLeast)) {
                sessions.addAll(each.sessions().keySet());
            }
        }
        return sessions;
    }

    /** With this occupant in the place of whoever had the nickname. */
    Occupants with(Occupant occupant) {
        String key = comparable(occupant.nick());
        Map<String, Occupant> nicks = new LinkedHashMap<>(byNick);
        Map<Jid, String> sessions = new HashMap<>(bySession);
        Occupant before = nicks.put(key, occupant);
        if (before != null) {
            before.sessions().keySet().forEach(sessions::remove);
        }
        occupant.sessions().keySet().forEach(session -> sessions.put(session, key));
        return new Occupants(nicks, sessions);
    }

    Occupants without(Occupant occupant) {
        Map<String, Occupant> nicks = new LinkedHashMap<>(byNick);
        Map<Jid, String> sessions = new HashMap<>(bySession);
        nicks.remove(comparable(occupant.nick()));
        occupant.sessions().keySet().forEach(sessions::remove);
        return new Occupants(nicks, sessions);
    }

    private static String comparable(String nick) {
        return Objects.requireNonNullElse(Nickname.comparable(nick), "");
    }
}
