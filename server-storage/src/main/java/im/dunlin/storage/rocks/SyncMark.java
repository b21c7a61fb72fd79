// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage.rocks;

import im.dunlin.storage.Epoch;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
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

    /** Which start of the machine this is; 0 where it does not say. */
    private final long boot;

    private @Nullable Entry latest;
    private @Nullable Entry before;
    private long writes;
    private boolean powerWasLost;
    private volatile boolean relaxed;

    /**
     * What was synced when.
     *
     * @param sequence number of the last write, as RocksDB counts
     * @param micros clock before the sync began, microseconds since 1970
     */
    record Entry(long sequence, long micros) {}

    /**
     * What a write of this file said.
     *
     * @param write which one it was; the greater one is the latest
     * @param relaxed whether writes may be released that only the operating system has
     * @param clean whether the store was closed with it
     */
    private record Place(long write, Entry entry, boolean relaxed, boolean clean, long boot) {}

    private SyncMark(FileChannel channel, long boot) {
        this.channel = channel;
        this.boot = boot;
    }

    static SyncMark open(Path file) throws IOException {
        return open(file, thisBoot());
    }

    static SyncMark open(Path file, long boot) throws IOException {
        SyncMark mark = new SyncMark(
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                boot);
        Place even = mark.read(0);
        Place odd = mark.read(1);
        Place latest = odd == null || even != null && even.write > odd.write ? even : odd;
        Place before = latest == even ? odd : even;
        mark.latest = latest == null ? null : latest.entry;
        mark.before = before == null ? null : before.entry;
        mark.writes = latest == null ? 0 : latest.write + 1;
        mark.powerWasLost = latest != null && latest.relaxed && !latest.clean && (boot == 0 || latest.boot != boot);
        return mark;
    }

    /** Linux says it; elsewhere every unclean end counts as a loss of power, which costs snapshots and no more. */
    private static long thisBoot() throws IOException {
        Path id = Path.of("/proc/sys/kernel/random/boot_id");
        return Files.exists(id) ? UUID.fromString(Files.readString(id).strip()).getMostSignificantBits() : 0;
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

    /**
     * What may be missing although it was released, because nobody asked for it to be on disk and the machine ended.
     *
     * @param now microseconds since 1970
     * @return null when nothing is
     */
    @Nullable
    Epoch released(long now) {
        return powerWasLost && latest != null ? new Epoch(latest.micros - STAMP_SLACK_MICROS, now) : null;
    }

    /** Remembers at once, then regularly what {@link #synced} has said since. */
    void begin(Entry entry, Consumer<IOException> onFailure) throws IOException {
        write(entry, false);
        thread.scheduleWithFixedDelay(
                () -> {
                    try {
                        Entry upTo = synced.get();
                        if (upTo != null && !upTo.equals(latest)) {
                            write(upTo, false);
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

    /** Says that from now on writes are released that only the operating system has. On disk when this returns. */
    void relax() throws IOException {
        if (!relaxed) {
            relaxed = true;
            Entry same = latest;
            if (same != null) {
                write(same, false);
            }
        }
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

    /** Remembers that the store was closed with everything on disk. After {@link #end}. */
    void finish(Entry entry) throws IOException {
        write(entry, true);
    }

    private synchronized void write(Entry entry, boolean clean) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(MAGIC).putLong(writes).putLong(entry.sequence).putLong(entry.micros);
        bytes.put((byte) (relaxed ? 1 : 0)).put((byte) (clean ? 1 : 0)).putLong(boot);
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
        return new Place(
                bytes.getLong(8),
                new Entry(bytes.getLong(16), bytes.getLong(24)),
                bytes.get(32) != 0,
                bytes.get(33) != 0,
                bytes.getLong(34));
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
