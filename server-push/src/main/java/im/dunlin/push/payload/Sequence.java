// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.storage.Keys;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import im.dunlin.storage.Values;

/**
 * Numbers the pushes of an account, so that a device takes none of them twice.
 *
 * <pre>
 * push-sequence   –   → the last number
 * </pre>
 *
 * <p>One row for all devices, which is never deleted: a device that registers again, and so is another registration with the same
 * key, must not see a number that it had. It begins with the clock for the same reason, should the account be made anew.
 */
public final class Sequence {
    static final TableSpec<Keys.Single, Long> SEQUENCE =
            new TableSpec<>("push-sequence", Shape.POINT, Keys.SINGLE, Values.LONG);

    private final Table<Keys.Single, Long> table;

    public Sequence(Setup setup) {
        table = setup.table(SEQUENCE);
    }

    /** The next number. What has it may leave when this turn is durable. */
    public long next(Turn turn) {
        Long last = turn.get(table, Keys.Single.ROW);
        long next = last == null ? turn.stamp() : last + 1;
        turn.put(table, Keys.Single.ROW, next);
        return next;
    }
}
