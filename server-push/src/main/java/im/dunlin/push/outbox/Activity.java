// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Passage;
import im.dunlin.core.module.Verdict;
import im.dunlin.core.module.Way;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.MessageTraits;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * On which devices an account's user did something lately: wrote, read, reacted. Kept beside the lane, and only for accounts with a
 * client that wants to wait for it; whoever forgets it, wakes a device a little early.
 */
final class Activity {
    private static final int MOST_DEVICES = 20;

    private static final CacheKey<Map<String, Instant>> LAST = new CacheKey<>("push.activity");

    private final Registrations registrations;

    Activity(Registrations registrations) {
        this.registrations = registrations;
    }

    /** A message passes through the account. */
    Verdict note(Passage passage, Turn turn) {
        ClientSession session = passage.way() == Way.OUTBOUND ? turn.origin() : null;
        if (session != null
                && registrations.mayHave(turn)
                && isOfAPerson(passage.traits())
                && registrations.of(turn).stream()
                        .anyMatch(each -> !each.wishes().grace().isZero())) {
            turn.cached(LAST, Activity::none).put(Devices.of(session, turn), turn.now());
        }
        return Verdict.PASS;
    }

    /** Receipts and states are sent by clients on their own. */
    private static boolean isOfAPerson(MessageTraits traits) {
        return traits.hasContent() || traits.isMarker() || traits.isReaction();
    }

    private static Map<String, Instant> none() {
        return new LinkedHashMap<>(4, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
                return size() > MOST_DEVICES;
            }
        };
    }

    /** How much longer the device is left alone, as its client wants; zero if it is not. */
    Duration pause(Registration registration, Turn turn) {
        Duration grace = registration.wishes().grace();
        if (grace.isZero()) {
            return Duration.ZERO;
        }
        Instant until = Instant.MIN;
        for (Map.Entry<String, Instant> each : turn.cached(LAST, Activity::none).entrySet()) {
            if (!each.getKey().equals(registration.device())
                    && each.getValue().plus(grace).isAfter(until)) {
                until = each.getValue().plus(grace);
            }
        }
        return until.isAfter(turn.now()) ? Duration.between(turn.now(), until) : Duration.ZERO;
    }
}
