// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes finished turns durable in groups, and only then lets their effects out, in order (D2).
 *
 * <p>A lane writes its batch, submits the turn's release and goes on. One thread takes all releases that wait, syncs
 * the store once for all of them, and runs them in the order in which they were submitted. While it waits for the disk
 * the next group gathers, so groups are as large as the disk is slow.
 *
 * <p>A release only posts to lanes and event loops: it is quick, never waits, and never calls back into this object's
 * {@link #close}. One that throws is logged and costs its own effects only.
 *
 * <p>A failed sync is final: no later release ever runs, and {@code onFailure}, which ends the process, is called once.
 *
 * <p>The queue has no bound of its own. A lane that had to wait here for room, while a release waits for room in that
 * lane, would never go on; so the bound is given at the edges: each session's credit is taken before its stanza reaches
 * a lane and comes back in the release. {@link Metrics#queued} is what operators watch.
 */
public final class GroupSync implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GroupSync.class);

    /** Releases a sync covers at most, so that the first of a flood does not wait for the last. */
    private static final int MAX_GROUP = 1024;

    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /**
     * Between the beginnings of two syncs to disk. The first turn after a silence is synced at once; under load a sync serves
     * all that gathered, where a fast disk would otherwise be asked for each turn alone, which costs more CPU than the turn.
     */
    private static final Duration SPACING = Duration.ofMillis(1);

    /** From the first turn that waits to the sync: what it led to on another lane is written by then, and synced with it. */
    private static final Duration GATHERING = Duration.ofNanos(300_000);

    private final Store store;
    private final Durability durability;
    private final Consumer<Throwable> onFailure;
    private final long intervalNanos;
    private final Thread thread;
    private final BlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
    private final Waiting end = new Waiting(false, () -> {});
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile boolean closed;

    private final Histogram syncNanos = new Histogram();
    private final Histogram groupSizes = new Histogram();
    private final AtomicLong released = new AtomicLong();
    private final AtomicLong failedReleases = new AtomicLong();

    private record Waiting(boolean wrote, Runnable release) {}

    /**
     * What has happened since the start.
     *
     * @param queued releases that wait now
     * @param released all that have run
     * @param failedReleases those of them that threw
     * @param syncs how often the store was synced
     * @param syncP50Nanos half of the syncs took no longer
     * @param groupP50 half of the groups were no larger
     */
    public record Metrics(
            int queued,
            long released,
            long failedReleases,
            long syncs,
            long syncP50Nanos,
            long syncP99Nanos,
            long syncMaxNanos,
            long groupP50,
            long groupMax) {}

    /**
     * Starts the thread.
     *
     * @param onFailure told once when nothing can be promised any more; runs on the thread that met it
     */
    public GroupSync(Store store, Durability durability, Consumer<Throwable> onFailure) {
        this(store, durability, INTERVAL, onFailure);
    }

    GroupSync(Store store, Durability durability, Duration interval, Consumer<Throwable> onFailure) {
        this.store = store;
        this.durability = durability;
        this.onFailure = onFailure;
        intervalNanos = interval.toNanos();
        thread = new Thread(this::run, "sync");
        thread.setUncaughtExceptionHandler((t, e) -> fail(e));
        thread.start();
    }

    /**
     * Lets the effects of a turn out once everything its lane wrote before this call is durable. Returns at once; after
     * a failure the release is dropped.
     *
     * @param wrote whether the turn wrote; one that did not keeps its place in the order and asks for no sync
     */
    public void submit(boolean wrote, Runnable release) {
        if (closed) {
            throw new IllegalStateException("the sync thread is closed");
        }
        if (failure.get() == null) {
            waiting.add(new Waiting(wrote, release));
        }
    }

    /** For a lane whose {@link Store#write} failed: from now on nothing is released. */
    public void fail(Throwable cause) {
        if (failure.compareAndSet(null, cause)) {
            waiting.clear();
            // Wakes the thread, so that it ends.
            waiting.add(end);
            onFailure.accept(cause);
        }
    }

    /** Whether nothing is released any more. */
    public boolean hasFailed() {
        return failure.get() != null;
    }

    public Metrics metrics() {
        return new Metrics(
                waiting.size(),
                released.get(),
                failedReleases.get(),
                syncNanos.count(),
                syncNanos.quantile(0.5),
                syncNanos.quantile(0.99),
                syncNanos.max(),
                groupSizes.quantile(0.5),
                groupSizes.max());
    }

    /** Releases all that waits, syncs to disk whatever the durability, and ends the thread. The lanes have stopped. */
    @Override
    public void close() throws InterruptedException {
        if (!closed) {
            closed = true;
            waiting.add(end);
        }
        thread.join();
    }

    private void run() {
        List<Waiting> group = new ArrayList<>(MAX_GROUP);
        boolean unsynced = false;
        long due = 0;
        long lastSync = System.nanoTime() - SPACING.toNanos();
        while (true) {
            Waiting first = unsynced && durability == Durability.INTERVAL ? poll(due - System.nanoTime()) : take();
            if (first != null) {
                group.add(first);
                waiting.drainTo(group, MAX_GROUP - 1);
            }
            if (durability == Durability.SYNC && group.stream().anyMatch(Waiting::wrote)) {
                long now = System.nanoTime();
                LockSupport.parkNanos(Math.max(GATHERING.toNanos(), lastSync + SPACING.toNanos() - now));
                waiting.drainTo(group, MAX_GROUP - group.size());
                lastSync = System.nanoTime();
            }
            boolean ending = group.remove(end);
            if (group.stream().anyMatch(Waiting::wrote)) {
                sync(durability == Durability.SYNC);
                if (!unsynced) {
                    due = System.nanoTime() + intervalNanos;
                }
                unsynced = durability != Durability.SYNC;
            }
            release(group);
            group.clear();
            if (failure.get() != null) {
                return;
            }
            if (unsynced && (ending || durability == Durability.INTERVAL && System.nanoTime() - due >= 0)) {
                sync(true);
                unsynced = false;
            }
            if (ending) {
                return;
            }
        }
    }

    private void sync(boolean toDisk) {
        long start = System.nanoTime();
        store.sync(toDisk);
        syncNanos.add(System.nanoTime() - start);
    }

    private void release(List<Waiting> group) {
        if (group.isEmpty()) {
            return;
        }
        groupSizes.add(group.size());
        for (Waiting one : group) {
            // A lane may have met the failure meanwhile: what is not out yet stays in.
            if (failure.get() != null) {
                return;
            }
            try {
                one.release.run();
            } catch (RuntimeException e) {
                failedReleases.incrementAndGet();
                log.error("The effects of one turn are lost", e);
            }
            released.incrementAndGet();
        }
    }

    private Waiting take() {
        while (true) {
            Waiting next = poll(Long.MAX_VALUE);
            if (next != null) {
                return next;
            }
        }
    }

    /** Nobody interrupts this thread: {@link #close} and {@link #fail} wake it through the queue. */
    private @Nullable Waiting poll(long nanos) {
        try {
            return waiting.poll(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("the sync thread was interrupted", e);
        }
    }
}
