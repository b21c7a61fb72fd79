// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.session.ClientSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a lane keeps of an owner in memory: who it is, its clock, cached values, sessions, what is held, open questions. Lane only. */
final class OwnerState {
    @Nullable
    Owner owner;

    /** The account of that name that is being brought in; there is no owner then. */
    @Nullable
    Owner incoming;

    Instant reservedUntil;
    long clock;

    /** The clock that is kept: none above it was ever given. */
    long keptClock;

    final Map<CacheKey<?>, Object> cached = new HashMap<>(4);
    final Map<HeldKey<?>, Object> held = new HashMap<>(0);
    final List<ClientSession> sessions = new ArrayList<>(1);
    final Map<String, OpenQuestion> questions = new HashMap<>(0);

    OwnerState(@Nullable Owner owner, Instant reservedUntil, long clock) {
        this.owner = owner;
        this.reservedUntil = reservedUntil;
        this.clock = clock;
        this.keptClock = clock;
    }

    /** Whether forgetting this would lose something that the store does not have. */
    boolean isPinned() {
        return !sessions.isEmpty() || !questions.isEmpty() || !held.isEmpty();
    }
}
