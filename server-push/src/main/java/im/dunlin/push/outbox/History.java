// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.CacheKey;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.push.registration.Devices;
import im.dunlin.push.registration.Registration;
import im.dunlin.storage.Direction;
import im.dunlin.storage.KeyCodec;
import im.dunlin.storage.KeyReader;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import im.dunlin.sync.log.ArchiveId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What became of each event for each device that it was decided about, for whoever asks why one was woken, or not.
 *
 * <pre>
 * push-history   archive id or session id, registration → what happened, step by step
 * </pre>
 *
 * <p>A device that was connected and acknowledged what it was sent is not in it: most messages are of that kind, and each would
 * cost a row. No step names a peer or holds a text.
 */
public final class History {
    static final Duration KEPT = Duration.ofDays(3);
    private static final Duration SWEPT_EACH = Duration.ofHours(1);

    /** Rows of one account; the oldest go first. */
    private static final int MOST = 1_000;

    /** Steps of one row. Of more, those in the middle are left out. */
    private static final int MOST_STEPS = 20;

    /** Pushes of one account of which it is remembered that their devices have yet to come. */
    private static final int MOST_AWAITED = 100;

    private static final CacheKey<Instant> SWEPT = new CacheKey<>("push.history-swept");
    private static final CacheKey<Map<Key, Instant>> AWAITED = new CacheKey<>("push.history-awaited");

    /** What is read again from a story begins with these. */
    static final String SENT = "sent: ";

    static final String TAKEN_AWAY = "taken away: ";
    private static final String WITH = "goes with ";
    private static final String CAME = "the device connected";

    /** Messages of which each became part of the next. */
    private static final int MOST_JOINED = 100;

    /** @param event archive id of the message, or session id of the call */
    record Key(String event, long registration) {}

    /** @param at microseconds */
    record Step(long at, String text) {}

    /** @param device as an operator may call it */
    record Story(String account, String device, String service, List<Step> steps) {
        Story and(Step step) {
            List<Step> all = new ArrayList<>(steps);
            if (all.size() >= MOST_STEPS) {
                all.remove(MOST_STEPS / 2);
            }
            all.add(step);
            return new Story(account, device, service, List.copyOf(all));
        }

        long last() {
            return steps.isEmpty() ? 0 : steps.get(steps.size() - 1).at();
        }
    }

    private static final KeyCodec<Key> KEYS = new KeyCodec<>() {
        @Override
        public void write(Key key, KeyWriter out) {
            out.text(key.event()).u64(key.registration());
        }

        @Override
        public Key read(KeyReader in) {
            return new Key(in.text(), in.u64());
        }
    };

    static final TableSpec<Key, Story> STORIES =
            new TableSpec<>("push-history", Shape.POINT, KEYS, Values.versioned(1, History::write, History::read));

    /** Devices that came after they were woken for a call, and the milliseconds until they did. */
    private final LongAdder calls = new LongAdder();

    private final LongAdder waits = new LongAdder();
    private final Setup setup;
    private final Table<Key, Story> stories;

    History(Setup setup) {
        this.setup = setup;
        this.stories = setup.table(STORIES);
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    void note(Registration registration, Place place, Pending pending, String text, Turn turn) {
        String event = event(place, pending);
        if (event != null) {
            note(new Key(event, registration.number()), registration, text, turn);
        }
    }

    private void note(Key key, Registration registration, String text, Turn turn) {
        Story known = turn.get(stories, key);
        if (known == null) {
            sweep(turn);
            known = new Story(
                    turn.jid().toString(),
                    Devices.label(registration.device()),
                    registration.service().toString(),
                    List.of());
        }
        turn.put(stories, key, known.and(new Step(Micros.of(turn.now()), text)));
    }

    /** Null for what has no name by which somebody could ask. */
    private static @Nullable String event(Place place, Pending pending) {
        if (place.matter() == Place.Matter.CALL || place.matter() == Place.Matter.CALL_END) {
            return place.name();
        }
        return pending.archiveId() == 0 ? null : ArchiveId.format(pending.archiveId());
    }

    /** Of messages that were pushed: what was read, or taken back. */
    void note(Registration registration, List<String> ids, String text, Turn turn) {
        ids.forEach(id -> note(new Key(id, registration.number()), registration, text, turn));
    }

    /** A message became part of the push of a newer one. */
    void joins(Registration registration, Place place, Pending pending, Pending newer, Turn turn) {
        note(registration, place, pending, WITH + ArchiveId.format(newer.archiveId()), turn);
    }

    /** When the device was woken for it, if it has neither come since nor was told to take it away; null otherwise. */
    @Nullable
    Instant shownSince(String id, Registration registration, Turn turn) {
        Instant since = null;
        String next = id;
        for (int i = 0; next != null && i < MOST_JOINED; i++) {
            Story story = turn.get(stories, new Key(next, registration.number()));
            next = null;
            for (Step step : story == null ? List.<Step>of() : story.steps()) {
                if (step.text().startsWith(SENT)) {
                    since = Micros.toInstant(step.at());
                } else if (step.text().startsWith(WITH)) {
                    next = step.text().substring(WITH.length());
                } else if (step.text().equals(CAME) || step.text().startsWith(TAKEN_AWAY)) {
                    since = null;
                    next = null;
                }
            }
        }
        return since;
    }

    /** The service has it: it is remembered when the device comes. */
    void accepted(Registration registration, Place place, Pending pending, Turn turn) {
        String event = event(place, pending);
        if (event != null) {
            awaited(turn).putIfAbsent(new Key(event, registration.number()), turn.now());
        }
    }

    private static Map<Key, Instant> awaited(Turn turn) {
        return turn.cached(AWAITED, () -> new LinkedHashMap<>(4) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Key, Instant> eldest) {
                return size() > MOST_AWAITED;
            }
        });
    }

    /** A device is there. */
    void came(List<Registration> registrations, Turn turn) {
        Map<Key, Instant> awaited = awaited(turn);
        for (Registration registration : registrations) {
            for (Key key : Set.copyOf(awaited.keySet())) {
                Instant since = key.registration() == registration.number() ? awaited.remove(key) : null;
                if (since != null) {
                    if (ArchiveId.parse(key.event()) == null) {
                        calls.increment();
                        waits.add(Duration.between(since, turn.now()).toMillis());
                    }
                    note(key, registration, CAME, turn);
                }
            }
        }
    }

    /** How soon devices came that a call woke, in words. Any thread. */
    String arrivals() {
        long count = calls.sum();
        return count + " devices, after " + (count == 0 ? 0 : waits.sum() / count) + " ms on average";
    }

    private void sweep(Turn turn) {
        Instant swept = turn.cached(SWEPT, () -> Instant.MIN);
        if (swept.isAfter(turn.now().minus(SWEPT_EACH))) {
            return;
        }
        turn.forget(SWEPT);
        turn.cached(SWEPT, turn::now);
        long old = Micros.of(turn.now().minus(KEPT));
        TreeMap<Long, Key> kept = new TreeMap<>();
        for (Row<Key, Story> row : turn.scan(stories, Range.all(), Direction.FORWARD, 2 * MOST)) {
            long last = row.value().last();
            if (last < old) {
                turn.delete(stories, row.key());
            } else {
                kept.put(last, row.key());
            }
        }
        while (kept.size() >= MOST) {
            turn.delete(stories, kept.pollFirstEntry().getValue());
        }
    }

    // ---- reading
    // -----------------------------------------------------------------------------------------------------

    /**
     * What became of an event, for all accounts and devices that it concerned, one step a line; none if nothing is known. Reads
     * the histories of all accounts. Any thread that may wait for the disk.
     *
     * @param event archive id of the message, or session id of the call
     */
    public List<String> explain(String event) {
        List<String> lines = new ArrayList<>();
        setup.everyRow(stories, row -> {
            if (row.key().event().equals(event)) {
                Story story = row.value();
                lines.add(story.account() + ", device " + story.device() + ", by " + story.service() + ":");
                story.steps()
                        .forEach(step -> lines.add(
                                "  " + Micros.toInstant(step.at()).truncatedTo(ChronoUnit.MILLIS) + " " + step.text()));
            }
        });
        return lines;
    }

    // ---- format
    // ------------------------------------------------------------------------------------------------------

    private static void write(ValueWriter out, Story story) {
        out.text(story.account())
                .text(story.device())
                .text(story.service())
                .list(story.steps(), (o, step) -> o.fixed64(step.at()).text(step.text()));
    }

    private static Story read(ValueReader in) {
        return new Story(in.text(), in.text(), in.text(), in.list(item -> new Step(item.fixed64(), item.text())));
    }
}
