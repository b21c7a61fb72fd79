// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.memory;

import im.dunlin.storage.Batch;
import im.dunlin.storage.Cluster;
import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.Migrations;
import im.dunlin.storage.Shape;
import im.dunlin.storage.Snapshot;
import im.dunlin.storage.Store;
import im.dunlin.storage.StoreException;
import im.dunlin.storage.StoreStatistics;
import im.dunlin.storage.StoreStatistics.TableStatistics;
import im.dunlin.storage.Table;
import im.dunlin.storage.TableSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A store in the heap. A batch becomes visible as one reference; readers never wait. */
public final class MemoryStore implements Store {
    private final Map<String, Shape> shapes = new TreeMap<>();
    private final Cluster cluster;

    /** All tables at one moment; replaced, never changed. */
    private volatile Map<String, SortedRows> tables = Map.of();

    public MemoryStore() {
        cluster = new Cluster(this);
        cluster.prepare(Migrations.FIRST_FORMAT);
    }

    @Override
    public synchronized <K, V> Table<K, V> open(TableSpec<K, V> spec) {
        Shape before = shapes.putIfAbsent(spec.name(), spec.shape());
        if (before == null) {
            Map<String, SortedRows> more = new TreeMap<>(tables);
            more.put(spec.name(), SortedRows.EMPTY);
            tables = more;
        } else if (before != spec.shape()) {
            throw new IllegalArgumentException(
                    "table " + spec.name() + ": shape " + spec.shape() + " (expected: " + before + ", as it was made)");
        }
        return new Table<>(spec);
    }

    @Override
    public byte @Nullable [] find(String table, byte[] key) {
        return rows(tables, table).get(key);
    }

    @Override
    public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
        return rows(tables, table).cursor(from, to, direction);
    }

    @Override
    public Snapshot snapshot() {
        return new MemorySnapshot(tables);
    }

    @Override
    public synchronized void write(Batch batch) {
        Map<String, SortedRows> after = new TreeMap<>(tables);
        for (Batch.Write write : batch.writes()) {
            SortedRows rows = rows(after, write.table());
            after.put(
                    write.table(),
                    switch (write.kind()) {
                        case PUT -> rows.with(write.key(), write.value());
                        case DELETE -> rows.without(write.key());
                        case DELETE_PREFIX -> rows.without(write.key(), write.prefixEnd());
                    });
        }
        tables = after;
    }

    /** There is nothing behind the heap. */
    @Override
    public void sync(boolean toDisk) {}

    @Override
    public Cluster cluster() {
        return cluster;
    }

    @Override
    public void backup(Path directory) {
        throw new StoreException("a store in memory keeps nothing to back up");
    }

    @Override
    public synchronized StoreStatistics statistics() {
        List<TableStatistics> all = tables.entrySet().stream()
                .map(table -> new TableStatistics(
                        table.getKey(),
                        shapes.getOrDefault(table.getKey(), Shape.POINT),
                        table.getValue().size(),
                        0))
                .toList();
        return new StoreStatistics(0, 0, 0, 0, all);
    }

    @Override
    public void close() {}

    private static SortedRows rows(Map<String, SortedRows> tables, String table) {
        SortedRows rows = tables.get(table);
        if (rows == null) {
            throw new IllegalArgumentException("table " + table + " is not open");
        }
        return rows;
    }

    private record MemorySnapshot(Map<String, SortedRows> tables) implements Snapshot {
        @Override
        public byte @Nullable [] find(String table, byte[] key) {
            return rows(tables, table).get(key);
        }

        @Override
        public Cursor cursor(String table, byte[] from, byte[] to, Direction direction) {
            return rows(tables, table).cursor(from, to, direction);
        }

        @Override
        public void close() {}
    }
}
