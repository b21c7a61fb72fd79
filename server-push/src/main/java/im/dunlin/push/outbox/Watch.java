// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.session.SessionKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a connected device was sent and has yet to acknowledge (XEP-0198), of what it would be woken for if it were away. A
 * connection may be dead for long before anybody notices; a device that owes an acknowledgement is as good as away.
 *
 * <p>Messages are here only while the device has the time to acknowledge them, since each would otherwise cost a row that is
 * deleted moments later. What a stop of the server takes away here, the device gets when it connects again, which it does as soon
 * as it finds its connection dead.
 *
 * <p>Lane only, but for the marks.
 */
final class Watch {
    /** Conversations and calls of one session; of more it is told when it is back, and not woken for each. */
    static final int MOST = 50;

    /** The watch of a session. Touched by the lane only, so that it may change. */
    static final SessionKey<Watch> KEY = new SessionKey<>("push.watch");

    private static final long COUNT_MASK = 0xFFFF_FFFFL;
    private static final long HALF = 1L << 31;
    private static final long UNKNOWN = -1;

    /** One thing that was sent. */
    static final class Sent {
        private final Place place;
        private final Instant at;
        private @Nullable Pending pending;
        private volatile long mark = UNKNOWN;

        private Sent(Place place, @Nullable Pending pending, Instant at) {
            this.place = place;
            this.pending = pending;
            this.at = at;
        }

        Place place() {
            return place;
        }

        /** Gives what becomes a row. */
        Pending becomesRow() {
            Pending row = Objects.requireNonNull(pending);
            pending = null;
            return row;
        }

        /** How many stanzas the client has got with this one. When it has left; any thread. */
        void left(Outbound outbound) {
            mark = outbound.sent();
        }

        private boolean isAcknowledged(Outbound outbound) {
            long reached = mark;
            return reached != UNKNOWN && (outbound.acknowledged() - reached & COUNT_MASK) < HALF;
        }

        private boolean isLate(Duration patience, Instant now) {
            return !at.plus(patience).isAfter(now);
        }
    }

    private final Map<Place, Sent> sent = new LinkedHashMap<>(4);

    /** Adds what is on its way to the session. @return null if it is not to be watched */
    @Nullable
    Sent add(Place place, @Nullable Pending pending, Outbound outbound, Instant now) {
        Sent known = sent.get(place);
        if (known != null && !known.isAcknowledged(outbound)) {
            // It counts from the first that was not acknowledged.
            Pending before = known.pending;
            known.pending = before == null || pending == null ? pending : before.and(pending);
            return null;
        }
        if (known == null && sent.size() >= MOST) {
            return null;
        }
        Sent added = new Sent(place, pending, now);
        sent.put(place, added);
        return added;
    }

    /** Whether the device was sent this and has not acknowledged it. */
    boolean isOwed(Place place, Outbound outbound) {
        Sent known = sent.get(place);
        return known != null && !known.isAcknowledged(outbound);
    }

    /** Whether the device owes an acknowledgement of this, or of anything, for longer than it may. */
    boolean isLate(@Nullable Place place, Duration patience, Outbound outbound, Instant now) {
        return sent.values().stream()
                .anyMatch(each -> (place == null || place.equals(each.place))
                        && each.isLate(patience, now)
                        && !each.isAcknowledged(outbound));
    }

    /** Takes out what becomes a row: what is owed for longer than that, or all that is owed if null. It stays owed. */
    List<Sent> take(@Nullable Duration patience, ClientSession session, Instant now) {
        sent.values().removeIf(each -> each.isAcknowledged(session.outbound()));
        List<Sent> taken = new ArrayList<>();
        for (Sent each : sent.values()) {
            if (each.pending != null && (patience == null || each.isLate(patience, now))) {
                taken.add(each);
            }
        }
        return taken;
    }

    /** When the oldest was sent that may still become a row; null without one. */
    @Nullable
    Instant oldest() {
        return sent.values().stream()
                .filter(each -> each.pending != null)
                .map(each -> each.at)
                .min(Instant::compareTo)
                .orElse(null);
    }
}
