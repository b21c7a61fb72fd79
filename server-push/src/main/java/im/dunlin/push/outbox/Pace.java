// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How often messages may wake the devices of an account. Kept beside the lane: whoever forgets it, wakes them a little more often. */
final class Pace {
    /** Pushes of one conversation that come as fast as they are gathered, until it is quiet for a while. */
    private static final int QUICK = 5;

    private static final Duration SLOW = Duration.ofSeconds(5);
    private static final Duration QUIET = Duration.ofMinutes(1);

    /** Pushes of one device at once, and how often after that. */
    private static final int BURST = 20;

    private static final Duration STEADY = Duration.ofSeconds(3);

    private static final int MOST = 100;

    /** @param count since it was quiet */
    private record Last(Instant at, int count) {}

    private final Map<Place, Last> conversations = limited();
    /** When all that was sent will have been paid for. */
    private final Map<Long, Instant> devices = limited();

    private static <K, V> Map<K, V> limited() {
        return new LinkedHashMap<>(4) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > MOST;
            }
        };
    }

    /** The first moment when it may be sent. */
    Instant next(Place place, Instant now) {
        Last last = conversations.get(place);
        Instant byConversation = last == null || last.count() < QUICK || isQuiet(last, now)
                ? now
                : last.at().plus(SLOW);
        Instant paid = devices.get(place.registration());
        Instant byDevice = paid == null ? now : paid.minus(STEADY.multipliedBy(BURST - 1));
        return byConversation.isAfter(byDevice) ? byConversation : byDevice;
    }

    private static boolean isQuiet(@Nullable Last last, Instant now) {
        return last == null || !last.at().plus(QUIET).isAfter(now);
    }

    void sent(Place place, Instant now) {
        Last last = conversations.get(place);
        conversations.put(
                place, last == null || isQuiet(last, now) ? new Last(now, 1) : new Last(now, last.count() + 1));
        Instant paid = devices.get(place.registration());
        devices.put(place.registration(), (paid == null || paid.isBefore(now) ? now : paid).plus(STEADY));
    }
}
