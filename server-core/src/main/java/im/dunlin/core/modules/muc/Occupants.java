// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.Nickname;
import im.dunlin.core.session.Allowance;
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
    static final Occupants NOBODY = new Occupants(new LinkedHashMap<>(), Map.of(), Map.of(), Map.of());

    /** Accounts of which it is remembered how often they came, unless all of them came within a minute. */
    private static final int REMEMBERED = 500;

    private final Map<String, Occupant> byNick;

    /** Nicknames that look the same as they are written, capitals and all: the key of the occupant. */
    private final Map<String, String> byLook;

    private final Map<Jid, String> bySession;
    private final Map<BareJid, Allowance> comings;

    private Occupants(
            Map<String, Occupant> byNick,
            Map<String, String> byLook,
            Map<Jid, String> bySession,
            Map<BareJid, Allowance> comings) {
        this.byNick = byNick;
        this.byLook = byLook;
        this.bySession = bySession;
        this.comings = comings;
    }

    /** How often an account may still come, ask to come or be heard from outside; null if it has not for a while. */
    @Nullable
    Allowance coming(BareJid account) {
        return comings.get(account);
    }

    Occupants withComing(BareJid account, Allowance left) {
        Map<BareJid, Allowance> changed = new HashMap<>(comings);
        if (changed.size() >= REMEMBERED) {
            changed.values().removeIf(each -> each.at().plusSeconds(60).isBefore(left.at()));
        }
        changed.put(account, left);
        return new Occupants(byNick, byLook, bySession, changed);
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
        Occupant found = byNick.get(comparable(nick));
        String key = found == null ? byLook.get(Nickname.look(nick)) : null;
        return key == null ? found : byNick.get(key);
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
        if (before != null && before.nick().equals(occupant.nick())) {
            return new Occupants(nicks, byLook, sessions, comings);
        }
        Map<String, String> looks = new HashMap<>(byLook);
        if (before != null) {
            looks.remove(Nickname.look(before.nick()));
        }
        looks.put(Nickname.look(occupant.nick()), key);
        return new Occupants(nicks, looks, sessions, comings);
    }

    Occupants without(Occupant occupant) {
        Map<String, Occupant> nicks = new LinkedHashMap<>(byNick);
        Map<String, String> looks = new HashMap<>(byLook);
        Map<Jid, String> sessions = new HashMap<>(bySession);
        nicks.remove(comparable(occupant.nick()));
        looks.remove(Nickname.look(occupant.nick()));
        occupant.sessions().keySet().forEach(sessions::remove);
        return new Occupants(nicks, looks, sessions, comings);
    }

    private static String comparable(String nick) {
        return Objects.requireNonNullElse(Nickname.comparable(nick), "");
    }
}
