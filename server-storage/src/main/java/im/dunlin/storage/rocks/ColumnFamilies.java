// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.FormatTooNewException;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksObject;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBufferManager;

/**
 * All options of RocksDB, each with its reason, and the names of column families. A table's column family is called
 * after the table and its shape, so that a table whose module is switched off still opens with the options it was made
 * with.
 */
final class ColumnFamilies implements AutoCloseable {
    private static final double BLOOM_BITS = 10;

    private final List<RocksObject> owned = new ArrayList<>();
    private final Map<Shape, ColumnFamilyOptions> options = new EnumMap<>(Shape.class);
    private final ColumnFamilyOptions defaultOptions;
    private final Cache cache;
    private final WriteBufferManager writeBuffers;

    ColumnFamilies(RocksSettings settings) {
        // One budget for all tables: blocks, indexes, filters, and the write buffers, which are charged to it.
        cache = own(new LRUCache(settings.cacheBytes()));
        writeBuffers = own(new WriteBufferManager(settings.writeBufferBytes(), cache));
        defaultOptions = own(new ColumnFamilyOptions());
        for (Shape shape : Shape.values()) {
            options.put(shape, own(options(shape)));
        }
    }

    /** Options to look at a store that this program made, without changing it. */
    static DBOptions toRead() {
        // RocksDB 11.8 crashes without it when the manifest knows logs.
        return trackingLogs(true);
    }

    /**
     * Options to open the store.
     *
     * @param trackLogs a log file that is missing, or too short for what the manifest knows to be synced, is an error
     */
    DBOptions database(boolean trackLogs) {
        return own(trackingLogs(trackLogs)
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setWriteBufferManager(writeBuffers)
                // A batch costs its lane no system call; the sync thread flushes for all (D2).
                .setManualWalFlush(true)
                // A torn end after loss of power is normal and dropped; SyncMark tells it from a lost one.
                .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
                // Recycled logs have lost data in RocksDB's own tests.
                .setRecycleLogFileNum(0)
                // Off: with the log on, recovery makes the column families agree; it is for running without a log.
                .setAtomicFlush(false)
                // A background error stops writes at once.
                .setParanoidChecks(true)
                // Rarely written tables would keep old logs alive for ever; past this they are flushed.
                .setMaxTotalWalSize(256L << 20)
                // Write table files to disk evenly, not in one burst that delays the log's sync.
                .setBytesPerSync(1 << 20)
                .setMaxBackgroundJobs(
                        Math.max(2, Math.min(4, Runtime.getRuntime().availableProcessors())))
                // Sockets need descriptors too.
                .setMaxOpenFiles(2000)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(4 << 20)
                .setKeepLogFileNum(4)
                .setStatsDumpPeriodSec(0));
    }

    private static DBOptions trackingLogs(boolean track) {
        // No method for it in the Java binding.
        Properties unnamed = new Properties();
        unnamed.setProperty("track_and_verify_wals_in_manifest", Boolean.toString(track));
        return DBOptions.getDBOptionsFromProps(unnamed);
    }

    private ColumnFamilyOptions options(Shape shape) {
        BlockBasedTableConfig table = new BlockBasedTableConfig()
                .setBlockCache(cache)
                // Inside the budget, not beside it; before data blocks when it is short.
                .setCacheIndexAndFilterBlocks(true)
                .setCacheIndexAndFilterBlocksWithHighPriority(true)
                .setPinL0FilterAndIndexBlocksInCache(true)
                .setOptimizeFiltersForMemory(true);
        // No method for it in the Java binding.
        Properties unnamed = new Properties();
        // An owner's next row mostly belongs right behind its last one: no search from the top for each.
        unnamed.setProperty("memtable_insert_with_hint_prefix_extractor", "rocksdb.FixedPrefix." + OwnerKey.BYTES);
        ColumnFamilyOptions cf = ColumnFamilyOptions.getColumnFamilyOptionsFromProps(unnamed)
                // Every scan of an owner stays inside slot and number.
                .useFixedLengthPrefixExtractor(OwnerKey.BYTES)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                // Dozens of tables, most of them nearly empty: each takes memory in small steps.
                .setArenaBlockSize(128 << 10);
        return switch (shape) {
            case POINT ->
                cf.setWriteBufferSize(8 << 20)
                        // Most look-ups are for one key, many for one that is not there.
                        .setTableFormatConfig(table.setFilterPolicy(own(new BloomFilter(BLOOM_BITS)))
                                .setWholeKeyFiltering(true)
                                .setBlockSize(8 << 10));
            case LOG ->
                cf.setWriteBufferSize(16 << 20)
                        // Read in ranges of one owner: the filter says which files know the owner at all.
                        .setTableFormatConfig(table.setFilterPolicy(own(new BloomFilter(BLOOM_BITS)))
                                .setWholeKeyFiltering(false)
                                .setBlockSize(16 << 10))
                        // Nine tenths of a log lie in the last level and are hardly read again: there size counts.
                        // No blob files: hardly a stanza reaches the sizes at which a second read is cheaper than a
                        // copy.
                        .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
            case QUEUE ->
                cf.setWriteBufferSize(4 << 20)
                        // Rows and their deletes meet early, or a scan from the head passes all the dead.
                        .setLevel0FileNumCompactionTrigger(2)
                        .setTableFormatConfig(table.setBlockSize(8 << 10));
        };
    }

    long cacheUsage() {
        return cache.getUsage();
    }

    static String nameOf(String table, Shape shape) {
        return table + "." + shape.name().toLowerCase(Locale.ROOT);
    }

    static String tableOf(String columnFamily) {
        return columnFamily.substring(0, columnFamily.indexOf('.'));
    }

    /** @throws FormatTooNewException for a column family that no table of this program makes */
    static Shape shapeOf(String columnFamily) {
        for (Shape shape : Shape.values()) {
            if (columnFamily.endsWith(nameOf("", shape))) {
                return shape;
            }
        }
        throw new FormatTooNewException(
                "column family " + columnFamily + " was made by a newer program, or not by this one");
    }

    ColumnFamilyDescriptor describe(String columnFamily) {
        return new ColumnFamilyDescriptor(
                columnFamily.getBytes(StandardCharsets.UTF_8),
                isDefault(columnFamily) ? defaultOptions : options.getOrDefault(shapeOf(columnFamily), defaultOptions));
    }

    /** RocksDB always has it; no table lives there. */
    static boolean isDefault(String columnFamily) {
        return columnFamily.equals("default");
    }

    private <T extends RocksObject> T own(T object) {
        owned.add(object);
        return object;
    }

    @Override
    public void close() {
        for (int i = owned.size() - 1; i >= 0; i--) {
            owned.get(i).close();
        }
    }
}
