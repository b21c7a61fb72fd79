// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.util.List;

/**
 * What a store says about itself. All numbers are estimates and cheap to take.
 *
 * @param diskBytes files of the tables and the write-ahead log
 * @param freeBytes what the file system still gives this process
 * @param memoryBytes caches and write buffers, outside the Java heap where the store is native
 * @param openScans scans and snapshots that nobody has closed yet
 * @param tables in the order of their names
 */
public record StoreStatistics(
        long diskBytes, long freeBytes, long memoryBytes, int openScans, List<TableStatistics> tables) {
    public StoreStatistics {
        tables = List.copyOf(tables);
    }

    /** One table's part. */
    public record TableStatistics(String name, Shape shape, long rows, long bytes) {}
}
