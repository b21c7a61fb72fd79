// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Migrations;
import java.time.InstantSource;

/**
 * How a {@link RocksStore} is opened.
 *
 * @param cacheBytes memory outside the heap for blocks, indexes and filters of all tables; the write buffers are taken
 *     from it
 * @param writeBufferBytes what is kept in memory before it goes to table files, of all tables together
 * @param acceptLoss open although acknowledged rows are gone (see {@link im.dunlin.storage.LostTailException})
 * @param migrations the way to the format this program writes
 * @param clock for the times in epochs, marks and backups
 */
public record RocksSettings(
        long cacheBytes, long writeBufferBytes, boolean acceptLoss, Migrations migrations, InstantSource clock) {
    public static final RocksSettings DEFAULT =
            new RocksSettings(128L << 20, 48L << 20, false, Migrations.NONE, InstantSource.system());

    public RocksSettings {
        if (writeBufferBytes < 1 << 20 || cacheBytes < writeBufferBytes) {
            throw new IllegalArgumentException("cacheBytes: " + cacheBytes + ", writeBufferBytes: " + writeBufferBytes
                    + " (expected: at least a mebibyte of write buffer, and no less cache than that)");
        }
    }

    public RocksSettings withMemory(long cache, long writeBuffer) {
        return new RocksSettings(cache, writeBuffer, acceptLoss, migrations, clock);
    }

    public RocksSettings withAcceptLoss(boolean accept) {
        return new RocksSettings(cacheBytes, writeBufferBytes, accept, migrations, clock);
    }

    public RocksSettings withMigrations(Migrations steps) {
        return new RocksSettings(cacheBytes, writeBufferBytes, acceptLoss, steps, clock);
    }

    public RocksSettings withClock(InstantSource source) {
        return new RocksSettings(cacheBytes, writeBufferBytes, acceptLoss, migrations, source);
    }
}
