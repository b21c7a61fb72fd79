// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file beside the tables that remembers up to which sequence number the write-ahead log was synced. RocksDB
 * recovers up to the first record that is damaged and cannot know what followed; this file can.
 *
 * <p>Two places of 64 bytes, a disk block apart, are written in turn, so that a torn write leaves the older one.
 */
final class SyncMark implements Closeable {
    private static final long MAGIC = 0x64756e6c696e0001L;
    private static final int BYTES = 64;
    private static final int DISTANCE = 4096;

    private final FileChannel channel;
    private @Nullable Entry latest;
    private @Nullable Entry before;
    private long writes;

    /**
     * What was synced when.
     *
     * @param micros clock before the sync began, microseconds since 1970
     */
    record Entry(long sequence, long micros) {}

    /** @param write which write of this file it was; the greater one is the latest */
    private record Place(long write, Entry entry) {}

    private SyncMark(FileChannel channel) {
        this.channel = channel;
    }

    static SyncMark open(Path file) throws IOException {
        SyncMark mark = new SyncMark(
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
        Place even = mark.read(0);
        Place odd = mark.read(1);
        Place latest = odd == null || even != null && even.write > odd.write ? even : odd;
        Place before = latest == even ? odd : even;
        mark.latest = latest == null ? null : latest.entry;
        mark.before = before == null ? null : before.entry;
        mark.writes = latest == null ? 0 : latest.write + 1;
        return mark;
    }

    @Nullable
    Entry latest() {
        return latest;
    }

    @Nullable
    Entry before() {
        return before;
    }

    /** Remembers, on disk when this returns. */
    void write(Entry entry) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(MAGIC).putLong(writes).putLong(entry.sequence).putLong(entry.micros);
        bytes.putInt(BYTES - 4, checksum(bytes.array())).rewind();
        channel.write(bytes, writes % 2 * DISTANCE);
        channel.force(false);
        writes++;
        before = latest;
        latest = entry;
    }

    private @Nullable Place read(int place) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        int count = channel.read(bytes, (long) place * DISTANCE);
        if (count < BYTES || bytes.getLong(0) != MAGIC || bytes.getInt(BYTES - 4) != checksum(bytes.array())) {
            return null;
        }
        return new Place(bytes.getLong(8), new Entry(bytes.getLong(16), bytes.getLong(24)));
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, BYTES - 4);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
