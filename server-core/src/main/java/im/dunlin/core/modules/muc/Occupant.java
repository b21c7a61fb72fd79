// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.Allowance;
import im.dunlin.core.xml.Payload;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Somebody in a room under one nickname, perhaps with several sessions. Immutable.
 *
 * @param sessions each with what its presence says, the one that spoke last at the end; never empty
 * @param allowance how often it may still change what others see; null before it has
 * @param addressed when it was last sent a private message; null if never
 */
record Occupant(
        String nick,
        BareJid account,
        Role role,
        Map<Jid, Payload> sessions,
        @Nullable Allowance allowance,
        @Nullable Instant addressed) {
    Occupant {
        sessions = Collections.unmodifiableMap(new LinkedHashMap<>(sessions));
    }

    /** What the others see of it. */
    Payload shown() {
        Payload last = Payload.EMPTY;
        for (Payload each : sessions.values()) {
            last = each;
        }
        return last;
    }

    Occupant with(Jid session, Payload presence) {
        Map<Jid, Payload> changed = new LinkedHashMap<>(sessions);
        changed.remove(session);
        changed.put(session, presence);
        return new Occupant(nick, account, role, changed, allowance, addressed);
    }

    /** Null if nothing is left of it. */
    @Nullable
    Occupant without(Jid session) {
        if (sessions.size() == 1) {
            return sessions.containsKey(session) ? null : this;
        }
        Map<Jid, Payload> changed = new LinkedHashMap<>(sessions);
        changed.remove(session);
        return new Occupant(nick, account, role, changed, allowance, addressed);
    }

    /** Of one of its sessions alone. */
    Occupant alone(Jid session) {
        return new Occupant(
                nick,
                account,
                role,
                Map.of(session, sessions.getOrDefault(session, Payload.EMPTY)),
                allowance,
                addressed);
    }

    Occupant withNick(String changed) {
        return new Occupant(changed, account, role, sessions, allowance, addressed);
    }

    Occupant withRole(Role changed) {
        return new Occupant(nick, account, changed, sessions, allowance, addressed);
    }

    Occupant withAllowance(Allowance left) {
        return new Occupant(nick, account, role, sessions, left, addressed);
    }

    Occupant addressedAt(Instant now) {
        return new Occupant(nick, account, role, sessions, allowance, now);
    }
}
