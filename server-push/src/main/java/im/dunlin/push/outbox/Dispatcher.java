// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Management;
import im.dunlin.push.app.Apps;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.policy.Decision;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Health;
import im.dunlin.push.registration.Registration;
import im.dunlin.push.registration.Registrations;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends what is due, and does with each push what its answer says.
 *
 * <p>It is decided again when a push is sent: what was read, muted or answered meanwhile wakes nobody. Of one registration one
 * message is on its way at a time, and what happens until the answer is there becomes one more; calls wait for nothing.
 */
final class Dispatcher {
    /** When it is looked at again what became of a push that is on its way: at once after a restart, which forgets that it is. */
    private static final Duration CALL_RECOVERY = Duration.ofSeconds(5);

    private static final Duration RECOVERY = Duration.ofSeconds(10);

    /** No answer comes later than this, not even that there is none. */
    private static final Duration LONGEST_FLIGHT = Duration.ofMinutes(2);

    /** A turn whose writes are not on the disk by then has failed, and what it gave away never left. */
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(5);

    private static final Duration FIRST_RETRY_OF_A_CALL = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY_OF_A_CALL = Duration.ofSeconds(8);

    /** How long what a device has not acknowledged is gathered when its connection is gone. */
    static final Duration GATHERED = Duration.ofSeconds(1);

    /** Conversations that wait for one registration. Its device gets the others when it is back. */
    private static final int MOST_WAITING = 100;

    /** As operators read it. */
    private static final Map<Place.Matter, String> MATTERS = new TreeMap<>(Map.of(
            Place.Matter.CALL, "calls",
            Place.Matter.CALL_END, "ends of calls",
            Place.Matter.MESSAGE, "messages",
            Place.Matter.READ, "of what was read"));

    private static final CacheKey<Dispatcher> SOON = new CacheKey<>("push.soon");

    private static final CacheKey<Pace> PACE = new CacheKey<>("push.pace");

    /** @param place null for messages, of which there is one at a time */
    private record Flight(
            OwnerKey owner, long registration, @Nullable Place place) {}

    /** When a push was given away, and whether the turn that did so has succeeded. */
    private static final class Departure {
        private final Instant at;
        private volatile boolean left;

        private Departure(Instant at) {
            this.at = at;
        }

        private boolean isOnItsWay(Instant now) {
            return at.plus(left ? LONGEST_FLIGHT : LONGEST_RELEASE).isAfter(now);
        }
    }

    private final Setup setup;
    private final Registrations registrations;
    private final Judge judge;
    private final Notices notices;
    private final WayOut wayOut;
    private final History history;
    private final Outbox outbox;
    private final Map<Flight, Departure> flights = new ConcurrentHashMap<>();
    private final Map<Place.Matter, LongAdder> accepted = new ConcurrentHashMap<>();
    private final LongAdder inVain = new LongAdder();

    Dispatcher(Setup setup, Registrations registrations, Judge judge, Notices notices, WayOut wayOut, History history) {
        this.history = history;
        this.setup = setup;
        this.registrations = registrations;
        this.judge = judge;
        this.notices = notices;
        this.wayOut = wayOut;
        this.outbox = new Outbox(setup, this::work);
    }

    // ---- what is to be sent
    // ------------------------------------------------------------------------------------------

    /** Keeps a push and sends it after that time; what waits already for the same is sent when it would have been, with this. */
    void keep(Registration registration, Place place, Pending pending, Decision why, Turn turn) {
        Duration delay = why.wakes() || why.isOpen() ? why.delay() : Duration.ZERO;
        Instant due = turn.now().plus(delay);
        Pending waiting = outbox.get(place, turn);
        String so = why.isOpen() ? "looked at again in a moment: " : "to be pushed: ";
        history.note(registration, place, pending, so + why.reason().text(), turn);
        if (waiting != null) {
            if (waiting.archiveId() != pending.archiveId() && waiting.archiveId() != 0 && pending.archiveId() != 0) {
                history.joins(registration, place, waiting, pending, turn);
            }
            Pending both = waiting.and(pending);
            outbox.put(place, waiting.isDue(due) ? both : both.dueAt(due), turn);
        } else if (place.matter().compareTo(Place.Matter.MESSAGE) < 0
                || outbox.count(place.registration(), MOST_WAITING, turn) < MOST_WAITING) {
            outbox.put(place, pending.dueAt(due), turn);
        } else {
            history.note(registration, place, pending, "not pushed: too many conversations wait already", turn);
        }
        if (delay.isZero()) {
            soon(turn);
        }
    }

    /** Looks through the account's pushes as soon as this turn is on the disk. */
    private void soon(Turn turn) {
        BareJid account = turn.jid();
        turn.atEnd(SOON, () -> this, self -> turn.afterwards(() -> setup.submit(account, self::work)));
    }

    /** The device is not there any more: what waited for its acknowledgement does so no longer. */
    void hurry(String device, Turn turn) {
        for (Row<Place, Pending> row : outbox.all(turn)) {
            Registration registration = registrations.find(row.key().registration(), turn);
            boolean isOf = registration != null && registration.device().equals(device);
            if (isOf
                    && row.key().isCall()
                    && !row.value().isSent()
                    && !row.value().isDue(turn.now())) {
                outbox.put(row.key(), row.value().dueAt(turn.now()), turn);
                soon(turn);
            }
        }
    }

    /** Takes back what was to be sent of a call. @return whether its device was woken for it, or is about to be */
    boolean takeBack(Place place, Turn turn) {
        Pending pending = outbox.get(place, turn);
        if (pending == null) {
            return false;
        }
        outbox.delete(place, turn);
        return pending.isSent() || isOnItsWay(flight(place, turn), turn);
    }

    /** Whether anything was, or is to be, sent of it. */
    boolean knows(Place place, Turn turn) {
        return outbox.get(place, turn) != null;
    }

    // ---- sending
    // -----------------------------------------------------------------------------------------------------

    /** Sends what is due. */
    private void work(Turn turn) {
        if (!turn.exists()) {
            return;
        }
        List<Row<Place, Pending>> rows = new ArrayList<>(outbox.all(turn));
        // Calls first, then who has waited longest: the names of conversations say nothing.
        rows.sort(Comparator.comparing((Row<Place, Pending> row) -> row.key().matter())
                .thenComparing(row -> row.value().due()));
        Instant next = rows.size() == Outbox.MOST ? turn.now().plus(RECOVERY) : Instant.MAX;
        for (Row<Place, Pending> row : rows) {
            Pending pending = row.value();
            if (registrations.find(row.key().registration(), turn) == null) {
                outbox.delete(row.key(), turn);
            } else if (!pending.isSent()) {
                Instant again = dispatch(row.key(), pending, turn);
                next = again.isBefore(next) ? again : next;
            }
        }
        if (next.isBefore(Instant.MAX)) {
            outbox.wakeAt(next, turn);
        }
    }

    /** @return when to look at it again; never if it is done with */
    private Instant dispatch(Place place, Pending pending, Turn turn) {
        Instant now = turn.now();
        if (!pending.isDue(now)) {
            return Micros.toInstant(pending.due());
        }
        Registration registration = registrations.find(place.registration(), turn);
        if (registration == null || !registration.health().isUsable(now)) {
            outbox.delete(place, turn);
            if (registration != null) {
                history.note(registration, place, pending, "not pushed: the registration is disabled", turn);
            }
            return Instant.MAX;
        }
        Flight flight = flight(place, turn);
        if (isOnItsWay(flight, turn)) {
            return now.plus(recovery(place));
        }
        Instant rested = rested(registration, place);
        if (place.matter() == Place.Matter.MESSAGE) {
            Instant paced = turn.cached(PACE, Pace::new).next(place, now);
            rested = paced.isAfter(rested) ? paced : rested;
        }
        if (rested.isAfter(now)) {
            history.note(registration, place, pending, "waits for its turn", turn);
            outbox.put(place, pending.dueAt(rested), turn);
            return rested;
        }
        Decision decision = judge.decide(registration, place, pending, false, turn);
        if (decision.isPostponed() || decision.isOpen() && isOwed(registration, place, turn)) {
            Instant later = now.plus(decision.delay());
            outbox.put(place, pending.dueAt(later), turn);
            return later;
        }
        boolean isExpired = !notices.expires(place, pending, turn).isAfter(now);
        Notice notice = decision.wakes() && !isExpired ? notices.of(place, pending, decision.kind(), turn) : null;
        boolean isSent = notice != null
                && wayOut.send(
                        registration,
                        notice,
                        id(place, pending, turn),
                        turn,
                        (later, outcome) -> answered(flight, place, pending, notice, outcome, later));
        if (!isSent) {
            history.note(registration, place, pending, "not pushed: " + why(decision, isExpired, notice), turn);
            outbox.delete(place, turn);
            return Instant.MAX;
        }
        Departure departure = new Departure(now);
        flights.put(flight, departure);
        turn.afterwards(() -> departure.left = true);
        if (place.isCall()) {
            judge.rings(place.name(), turn);
        } else if (place.matter() == Place.Matter.MESSAGE) {
            turn.cached(PACE, Pace::new).sent(place, now);
        }
        return now.plus(recovery(place));
    }

    /** Made of what the push is about, so that it is the same after a restart. */
    private static UUID id(Place place, Pending pending, Turn turn) {
        OwnerKey owner = turn.owner().key();
        KeyWriter name = new KeyWriter()
                .u16(owner.slot())
                .u64(owner.number())
                .u64(place.registration())
                .u8(place.matter().ordinal())
                .text(place.name())
                .u64(pending.created())
                .u64(pending.archiveId())
                .u64(pending.count());
        return UUID.nameUUIDFromBytes(name.toBytes());
    }

    private static String why(Decision decision, boolean isExpired, @Nullable Notice notice) {
        if (!decision.wakes()) {
            return decision.reason().text();
        }
        if (isExpired) {
            return "it is too late";
        }
        return notice == null ? "nothing is left of it" : "there is no way to tell the device";
    }

    private static Duration recovery(Place place) {
        return place.isCall() ? CALL_RECOVERY : RECOVERY;
    }

    private static Flight flight(Place place, Turn turn) {
        Place own = place.matter() == Place.Matter.MESSAGE ? null : place;
        return new Flight(turn.owner().key(), place.registration(), own);
    }

    private boolean isOnItsWay(Flight flight, Turn turn) {
        Departure departure = flights.get(flight);
        return departure != null && departure.isOnItsWay(turn.now());
    }

    /** Whether the device is connected and has not acknowledged it yet; if it has, or was not sent it, it needs no push. */
    private static boolean isOwed(Registration registration, Place place, Turn turn) {
        ClientSession session = Devices.session(registration.device(), turn);
        Watch watch = session == null ? null : turn.get(session, Watch.KEY);
        return session != null && watch != null && watch.isOwed(place, session.outbound());
    }

    /** When a service that asked for patience may be asked again. Calls do not have the time. */
    private static Instant rested(Registration registration, Place place) {
        Health health = registration.health();
        return health.waits() == 0 || place.isCall()
                ? Instant.MIN
                : Micros.toInstant(health.last()).plus(health.patience());
    }

    // ---- answers
    // -----------------------------------------------------------------------------------------------------

    private void answered(Flight flight, Place place, Pending sent, Notice notice, Outcome outcome, Turn turn) {
        flights.remove(flight);
        if (outcome instanceof Outcome.Accepted) {
            accepted.computeIfAbsent(place.matter(), matter -> new LongAdder()).increment();
        } else {
            inVain.increment();
        }
        if (!turn.exists()) {
            return;
        }
        Pending pending = outbox.get(place, turn);
        Registration registration = registrations.find(place.registration(), turn);
        if (registration != null) {
            registrations.note(registration, health(registration.health(), outcome, turn.now()), turn);
            history.note(registration, place, sent, told(outcome), turn);
            if (outcome instanceof Outcome.Accepted) {
                history.accepted(registration, place, sent, turn);
            }
            if (outcome instanceof Outcome.Accepted && notice instanceof Notice.Read read) {
                history.note(registration, read.archiveIds(), History.TAKEN_AWAY + outcome.reason(), turn);
            }
        }
        if (pending != null) {
            settle(place, pending, sent, outcome, turn);
        }
        work(turn);
    }

    private static String told(Outcome outcome) {
        if (outcome instanceof Outcome.Accepted) {
            return History.SENT + outcome.reason();
        }
        if (outcome instanceof Outcome.NotSent) {
            return "not sent yet: " + outcome.reason();
        }
        if (outcome instanceof Outcome.Unknown) {
            return "sent twice and perhaps arrived: " + outcome.reason();
        }
        return outcome instanceof Outcome.Later || outcome instanceof Outcome.Doubtful
                ? "tried, and to be tried again: " + outcome.reason()
                : "given up: " + outcome.reason();
    }

    /** What services have taken since the start, what was in vain, and how soon devices come that a call wakes. Any thread. */
    Map<String, String> summary() {
        StringJoiner kinds = new StringJoiner(", ");
        MATTERS.forEach((matter, name) -> {
            LongAdder count = accepted.get(matter);
            kinds.add((count == null ? 0 : count.sum()) + " " + name);
        });
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("pushes", kinds + " since the start");
        facts.put("push attempts", inVain.sum() + " in vain, " + flights.size() + " under way");
        facts.put("push registrations", registrations.owners() + " accounts have any");
        facts.put("woken by calls", history.arrivals());
        return facts;
    }

    /** For operators. */
    PushRecords records(Apps apps) {
        return new PushRecords(registrations, outbox, history, this, apps);
    }

    private static Health health(Health before, Outcome outcome, Instant now) {
        if (outcome instanceof Outcome.Later later) {
            return before.mustWait(later.reason(), now);
        }
        if (outcome instanceof Outcome.Doubtful doubtful) {
            return before.doubted(doubtful.reason(), now);
        }
        if (outcome instanceof Outcome.Unreachable unreachable) {
            return before.failed(unreachable.reason(), now);
        }
        return outcome instanceof Outcome.Accepted ? Health.GOOD : before;
    }

    private void settle(Place place, Pending pending, Pending sent, Outcome outcome, Turn turn) {
        if (outcome instanceof Outcome.Accepted && place.matter() != Place.Matter.READ) {
            woken(place, turn);
        }
        boolean isNewer = pending.count() > sent.count();
        if (outcome instanceof Outcome.NotSent notSent) {
            outbox.put(place, pending.dueAt(turn.now().plus(notSent.after())), turn);
        } else if (outcome instanceof Outcome.Later later) {
            outbox.put(place, pending.failed(again(place, pending, later.after(), turn)), turn);
        } else if (outcome instanceof Outcome.Doubtful && !place.isCall()) {
            outbox.put(place, pending.failed(again(place, pending, null, turn)), turn);
        } else if (place.isCall() && (outcome instanceof Outcome.Accepted || outcome instanceof Outcome.Unknown)) {
            outbox.put(place, pending.sent(), turn);
        } else if (outcome instanceof Outcome.Accepted && isNewer) {
            // What came meanwhile is one more push.
            outbox.put(place, pending.less(sent).dueAt(turn.now().plus(GATHERED)), turn);
        } else {
            outbox.delete(place, turn);
        }
    }

    /** A device that was woken comes soon, or cannot. */
    private void woken(Place place, Turn turn) {
        Registration registration = registrations.find(place.registration(), turn);
        ClientSession session = registration == null ? null : Devices.session(registration.device(), turn);
        Management management = session == null ? null : session.outbound().management();
        Long until = session == null ? null : turn.get(session, ClientSession.WAITS_UNTIL);
        if (session != null && management != null && until != null) {
            long usual = Micros.of(turn.now().plus(management.patience()));
            turn.set(session, ClientSession.WAITS_UNTIL, Math.min(until, usual));
        }
    }

    /** @param asked by the service */
    private static Instant again(Place place, Pending pending, @Nullable Duration asked, Turn turn) {
        Duration wait = FIRST_RETRY_OF_A_CALL.multipliedBy(1L << Math.min(pending.attempts(), 3));
        if (!place.isCall()) {
            // The registration's own patience is longer.
            wait = GATHERED;
        } else if (wait.compareTo(LONGEST_RETRY_OF_A_CALL) > 0) {
            wait = LONGEST_RETRY_OF_A_CALL;
        }
        return turn.now().plus(asked != null && asked.compareTo(wait) > 0 ? asked : wait);
    }
}
