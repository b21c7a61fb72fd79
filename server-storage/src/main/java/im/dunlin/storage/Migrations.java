// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way from the first format on disk to the one this program writes: one {@link Migration} for each step. Runs while
 * the store opens, before anyone reads.
 */
public final class Migrations {
    /** The format of the first release. */
    public static final int FIRST_FORMAT = 1;

    /** No step yet. */
    public static final Migrations NONE = new Migrations(List.of());

    private static final Logger log = LoggerFactory.getLogger(Migrations.class);

    /** How far a slot is on the way to a format. Rows are there only while a migration is under way. */
    private static final TableSpec<Long, Progress> PROGRESS = new TableSpec<>(
            "migration",
            Shape.POINT,
            Keys.NUMBER,
            Values.versioned(
                    1, (out, p) -> out.bool(p.done).bytes(p.cursor), in -> new Progress(in.bool(), in.bytes())));

    private static final Progress START = new Progress(false, new byte[0]);

    private final List<Migration> steps;

    private record Progress(boolean done, byte[] cursor) {}

    /** @param steps the first from format 1 to 2, the next from 2 to 3, and so on */
    public Migrations(List<Migration> steps) {
        this.steps = List.copyOf(steps);
    }

    /** The format this program writes. */
    public int format() {
        return FIRST_FORMAT + steps.size();
    }

    /**
     * Whether a store has to be migrated.
     *
     * @throws FormatTooNewException when it was written by a newer program
     */
    public boolean pending(Store store) {
        int found = store.cluster().format();
        if (found > format()) {
            throw new FormatTooNewException("the store has format " + found + ", and this program knows formats up to "
                    + format() + ": use the newer program, or restore a backup from before");
        }
        return found < format();
    }

    /** Does what is left to do. */
    public void run(Store store) {
        Table<Long, Progress> progress = store.open(PROGRESS);
        while (pending(store)) {
            int to = store.cluster().format() + 1;
            Migration step = steps.get(to - FIRST_FORMAT - 1);
            log.info("Migrating the store to format {}: {}", to, step.description());
            for (int slot = 0; slot < Slots.COUNT; slot++) {
                migrate(store, progress, step, to, slot);
            }
            migrate(store, progress, step, to, OwnerKey.CLUSTER_SLOT);
            // Synced with it: the format never says more than the rows.
            store.cluster().setFormat(to);
        }
        for (int slot = 0; slot < Slots.COUNT; slot++) {
            forget(store, progress, slot);
        }
        forget(store, progress, OwnerKey.CLUSTER_SLOT);
    }

    private static void migrate(Store store, Table<Long, Progress> progress, Migration step, long to, int slot) {
        OwnerKey owner = OwnerKey.ofSlot(slot);
        Progress known = store.get(progress, owner, to);
        Progress at = known == null ? START : known;
        while (!at.done) {
            Changes changes = new Changes(store, slot);
            byte @Nullable [] next = step.step(store, slot, at.cursor, changes);
            at = next == null ? new Progress(true, START.cursor) : new Progress(false, next);
            changes.put(progress, owner, to, at);
            store.write(changes.toBatch());
        }
    }

    private static void forget(Store store, Table<Long, Progress> progress, int slot) {
        OwnerKey owner = OwnerKey.ofSlot(slot);
        if (store.first(progress, owner, Range.all(), Direction.FORWARD) != null) {
            Changes changes = new Changes(store, slot);
            changes.deleteAll(progress, owner);
            store.write(changes.toBatch());
        }
    }
}
