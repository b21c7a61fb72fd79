// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.nio.file.Path;

/**
 * Typed, ordered tables and one atomic batch over all of them. Any thread may call anything; two batches that touch the
 * same rows are for their callers to order (an owner's lane does).
 *
 * <p>The first failed {@link #write} or {@link #sync} is final: each later one fails with the same reason. Nothing may
 * be promised after a write whose outcome is unknown, so the process has to end and recover from disk.
 */
public interface Store extends Reader, AutoCloseable {
    /**
     * Opens a table, and makes it when it is new. The same specification may be opened again.
     *
     * @throws IllegalArgumentException when the table was made, or opened before, with another shape
     */
    <K, V> Table<K, V> open(TableSpec<K, V> spec);

    Snapshot snapshot();

    /**
     * Writes a batch, whole or not at all. Visible when this returns; kept over the end of the process, or of the
     * machine, only after a {@link #sync}.
     */
    void write(Batch batch);

    /**
     * Hands everything written before the call to the operating system, so that the end of this process does not lose
     * it; and, when asked, to the disk, so that the loss of power does not either. Waits for the disk: for the sync
     * thread, not for lanes.
     */
    void sync(boolean toDisk);

    /** The rows that belong to no slot: identity, format, epochs, secrets. */
    Cluster cluster();

    /**
     * Copies the store, as it is at one moment, while it serves; then reads the copy back and checks it.
     *
     * @param directory does not exist, or is empty
     * @throws StoreException when the copy failed; the store itself goes on
     */
    void backup(Path directory);

    StoreStatistics statistics();

    /** Syncs to disk and closes. Nobody may read or write any more. A second call does nothing. */
    @Override
    void close();
}
