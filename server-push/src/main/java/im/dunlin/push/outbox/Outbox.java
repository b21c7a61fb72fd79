// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.outbox;

import im.dunlin.core.lane.Micros;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.lane.TurnBody;
import im.dunlin.core.module.Setup;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Range;
import im.dunlin.storage.Row;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pushes of each account that nobody has yet.
 *
 * <pre>
 * push-outbox   registration, matter, name → what is to be pushed
 * push-alarm    –                          → when the account looks through them, in microseconds
 * </pre>
 *
 * <p>There is one durable timer an account while it has rows that are not sent. It is what sends messages, and what sends again
 * when a stop came in between.
 */
final class Outbox {
    /** Rows that one turn looks through. */
    static final int MOST = 2_000;

    private static final String ALARM = "push-alarm";

    static final TableSpec<Place, Pending> PENDING =
            new TableSpec<>("push-outbox", Shape.QUEUE, Place.CODEC, Pending.CODEC);
    static final TableSpec<Keys.Single, Long> ALARMS =
            new TableSpec<>("push-alarm", Shape.QUEUE, Keys.SINGLE, Values.LONG);

    private final Table<Place, Pending> rows;
    private final Table<Keys.Single, Long> alarms;

    /** @param whenDue looks through the rows of the account */
    Outbox(Setup setup, TurnBody whenDue) {
        rows = setup.table(PENDING);
        alarms = setup.table(ALARMS);
        setup.timer(ALARM, (data, turn) -> {
            Long next = turn.get(alarms, Keys.Single.ROW);
            // One that was overtaken by an earlier one has nothing to do any more.
            if (next != null && next <= Micros.of(turn.now())) {
                turn.delete(alarms, Keys.Single.ROW);
                whenDue.run(turn);
            }
        });
    }

    /** All of the account, calls first within a registration. */
    List<Row<Place, Pending>> all(Turn turn) {
        return turn.scan(rows, Range.all(), Direction.FORWARD, MOST);
    }

    /** How many there are of a registration, at most so many. */
    int count(long registration, int most, Turn turn) {
        Range<Place> range = Range.prefix(key -> key.u64(registration));
        return turn.scan(rows, range, Direction.FORWARD, most).size();
    }

    /** How many of a registration are not sent. */
    int waiting(long registration, Turn turn) {
        Range<Place> range = Range.prefix(key -> key.u64(registration));
        return (int) turn.scan(rows, range, Direction.FORWARD, MOST).stream()
                .filter(row -> !row.value().isSent())
                .count();
    }

    @Nullable
    Pending get(Place place, Turn turn) {
        return turn.get(rows, place);
    }

    /** Keeps it; unless it is sent already, the account wakes for it when it is due. */
    void put(Place place, Pending pending, Turn turn) {
        turn.put(rows, place, pending);
        if (!pending.isSent()) {
            wakeAt(Micros.toInstant(pending.due()), turn);
        }
    }

    void delete(Place place, Turn turn) {
        turn.delete(rows, place);
    }

    /** The account looks through its rows then at the latest, also after a restart. */
    void wakeAt(Instant when, Turn turn) {
        Long next = turn.get(alarms, Keys.Single.ROW);
        if (next == null || next > Micros.of(when)) {
            turn.put(alarms, Keys.Single.ROW, Micros.of(when));
            turn.schedule(ALARM, when, new ValueWriter(1).toBytes());
        }
    }
}
