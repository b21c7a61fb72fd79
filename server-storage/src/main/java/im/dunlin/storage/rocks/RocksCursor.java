// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Cursor;
import im.dunlin.storage.Direction;
import im.dunlin.storage.OwnerKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/** A scan of one column family. RocksDB reads the bounds through the slices, so they live as long as the iterator. */
final class RocksCursor implements Cursor, NativeObjects.Scan {
    private final NativeObjects natives;
    private final Slice lower;
    private final Slice upper;
    private final ReadOptions options;
    private final RocksIterator rows;
    private final byte[] from;
    private final boolean forward;
    private boolean started;
    private boolean closed;

    /** Only while the store is held open. */
    RocksCursor(
            NativeObjects natives,
            RocksDB database,
            ColumnFamilyHandle table,
            byte[] from,
            byte[] to,
            Direction direction,
            @Nullable Snapshot snapshot) {
        this.natives = natives;
        this.from = from;
        forward = direction == Direction.FORWARD;
        lower = new Slice(from);
        upper = new Slice(to);
        options = new ReadOptions().setIterateLowerBound(lower).setIterateUpperBound(upper);
        if (snapshot != null) {
            options.setSnapshot(snapshot);
        }
        if (forward && withinOwner(from, to)) {
            options.setPrefixSameAsStart(true);
        } else {
            // Backwards the search begins at the bound, which lies outside the prefix.
            options.setTotalOrderSeek(true);
        }
        rows = database.newIterator(table, options);
    }

    private static boolean withinOwner(byte[] from, byte[] to) {
        if (from.length < OwnerKey.BYTES) {
            return false;
        }
        byte[] last = Arrays.copyOf(from, OwnerKey.BYTES);
        for (int i = last.length - 1; i >= 0 && ++last[i] == 0; i--) {
            // The carry goes on.
        }
        return Arrays.compareUnsigned(to, last) <= 0;
    }

    @Override
    public boolean next() {
        long hold = natives.hold();
        try {
            if (closed) {
                throw new IllegalStateException("the scan is closed");
            }
            if (started) {
                if (!rows.isValid()) {
                    // Behind the end RocksDB would read memory that is not there.
                    return false;
                }
                if (forward) {
                    rows.next();
                } else {
                    rows.prev();
                }
            } else if (forward) {
                rows.seek(from);
            } else {
                rows.seekToLast();
            }
            started = true;
            if (rows.isValid()) {
                return true;
            }
            rows.status();
            return false;
        } catch (RocksDBException e) {
            throw RocksStore.readFailure(e);
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public byte[] key() {
        return read(true);
    }

    @Override
    public byte[] value() {
        return read(false);
    }

    private byte[] read(boolean key) {
        long hold = natives.hold();
        try {
            if (closed || !rows.isValid()) {
                throw new IllegalStateException("no row here");
            }
            return key ? rows.key() : rows.value();
        } finally {
            natives.letGo(hold);
        }
    }

    @Override
    public void close() {
        natives.free(this);
    }

    @Override
    public void free() {
        closed = true;
        rows.close();
        options.close();
        upper.close();
        lower.close();
    }
}
