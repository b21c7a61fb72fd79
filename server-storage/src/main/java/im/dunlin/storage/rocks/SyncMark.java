// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Epoch;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small file beside the tables that remembers up to which write the log was synced. RocksDB recovers up to the first
 * record that is damaged and cannot know what followed; this file can.
 *
 * <p>Written once a second when there is something new, and at closing, each time to disk. Two places of 64 bytes, a
 * disk block apart, are written in turn, so that a torn write leaves the older one.
 */
final class SyncMark implements Closeable {
    private static final long MAGIC = 0x64756e6c696e0001L;
    private static final int BYTES = 64;
    private static final int DISTANCE = 4096;

    /** How long a turn may take from choosing its stamp to writing it, with much to spare. */
    static final long STAMP_SLACK_MICROS = TimeUnit.MINUTES.toMicros(1);

    private final FileChannel channel;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "store-mark");
        made.setDaemon(true);
        return made;
    });
    private final AtomicReference<@Nullable Entry> synced = new AtomicReference<>();

    // From the thread that opens the store to this one's to the thread that closes it, never at once.
    private @Nullable Entry latest;
    private @Nullable Entry before;
    private long writes;

    /**
     * What was synced when.
     *
     * @param sequence number of the last write, as RocksDB counts
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

    /**
     * What is missing of what was synced when the file was opened.
     *
     * @param recovered number of the last write that is there
     * @param now microseconds since 1970
     * @return null when nothing is missing
     */
    @Nullable
    Epoch lost(long recovered, long now) {
        if (latest == null || recovered >= latest.sequence) {
            return null;
        }
        boolean allBefore = before != null && before.sequence <= recovered;
        return new Epoch(
                allBefore && before != null ? before.micros - STAMP_SLACK_MICROS : 0, Math.max(now, latest.micros));
    }

    /** Remembers at once, then regularly what {@link #synced} has said since. */
    void begin(Entry entry, Consumer<IOException> onFailure) throws IOException {
        write(entry);
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        Entry upTo = synced.get();
                        if (upTo != null && !upTo.equals(latest)) {
                            write(upTo);
                        }
                    } catch (IOException e) {
                        onFailure.accept(e);
                    }
                },
                1,
                1,
                TimeUnit.SECONDS);
    }

    /** Says that the log is on disk up to there. Any thread. */
    void synced(Entry entry) {
        synced.accumulateAndGet(entry, (a, b) -> a != null && b != null && a.sequence > b.sequence ? a : b);
    }

    /** Ends the regular writing; what was remembered last stays. */
    void end() {
        thread.shutdown();
        try {
            thread.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Remembers, on disk when this returns. Before {@link #begin} and after {@link #end} for the one who calls those.
     */
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
        end();
        channel.close();
    }
}
