// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import im.dunlin.core.jid.BareJid;
import im.dunlin.storage.Reader;
import im.dunlin.storage.RowCache;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that runs the turns of its slots, one at a time, in the order in which they were given.
 *
 * <p>The queue itself has no bound, because a lane or the sync thread that waited for room in it could wait for itself; what
 * may be in it is bounded by the credits of sessions at the edges (DESIGN, Threads).
 */
final class Lane implements Executor {
    private static final Logger log = LoggerFactory.getLogger(Lane.class);

    /** Owners without sessions whose caches are kept. */
    private static final int RECENT_OWNERS = 10_000;

    /** Rows of owners that are kept in memory: the conversations that are going on, mostly. */
    private static final int ROWS = 4_096;

    private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private final RowCache rows;
    private final AtomicInteger releasesWaiting = new AtomicInteger();
    private final Map<BareJid, OwnerState> active = new HashMap<>();
    private final Map<BareJid, OwnerState> recent = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<BareJid, OwnerState> eldest) {
            return size() > RECENT_OWNERS;
        }
    };
    private final PriorityQueue<Later> later = new PriorityQueue<>(Comparator.comparing(Later::due));
    private final AtomicInteger unfinished;
    private final Consumer<Throwable> onDeath;
    private boolean stopping;

    /** A turn that waits for its time. */
    record Later(Instant due, BareJid owner, TurnBody body) {}

    /**
     * @param below what the lane's turns read; nobody but they writes the rows of its slots
     * @param unfinished counts the tasks of all lanes that wait or run
     * @param onDeath told when the thread ends of an error, since nobody would serve its slots any more
     */
    Lane(int number, Reader below, AtomicInteger unfinished, Consumer<Throwable> onDeath) {
        this.unfinished = unfinished;
        this.rows = new RowCache(below, ROWS);
        this.onDeath = onDeath;
        thread = new Thread(this::run, "lane-" + number);
    }

    void start() {
        thread.start();
    }

    /** Runs what is queued, then ends. @return false if that took longer */
    boolean stop(Duration patience) throws InterruptedException {
        execute(() -> stopping = true);
        return awaitEnd(patience);
    }

    /** @return false if the thread still runs after that time */
    @CanIgnoreReturnValue
    boolean awaitEnd(Duration patience) throws InterruptedException {
        thread.join(patience.toMillis());
        return !thread.isAlive();
    }

    void abandon() {
        queue.clear();
        thread.interrupt();
    }

    @Override
    public void execute(Runnable task) {
        unfinished.incrementAndGet();
        queue.add(task);
    }

    int queued() {
        return queue.size();
    }

    private void run() {
        while (!stopping) {
            Runnable task;
            try {
                task = queue.take();
            } catch (InterruptedException e) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException e) {
                // Turns catch their own; whatever comes here is a fault between turns and must not end the lane.
                log.error("Lane task failed", e);
            } catch (Error e) {
                onDeath.accept(e);
                throw e;
            } finally {
                unfinished.decrementAndGet();
            }
        }
    }

    void assertInLane() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException(Thread.currentThread().getName() + " touched state of " + thread.getName());
        }
    }

    /** What turns read. Lane only. */
    RowCache rows() {
        return rows;
    }

    /** Turns of this lane that are written but whose effects have not happened yet. */
    AtomicInteger releasesWaiting() {
        return releasesWaiting;
    }

    /** What is kept beside the lane for an owner. Lane only. */
    @Nullable
    OwnerState state(BareJid jid) {
        OwnerState state = active.get(jid);
        return state != null ? state : recent.get(jid);
    }

    void keep(BareJid jid, OwnerState state) {
        if (state.isPinned()) {
            recent.remove(jid);
            active.put(jid, state);
        } else {
            active.remove(jid);
            recent.put(jid, state);
        }
    }

    /** Lane only, as is {@link #due}. */
    void later(Later turn) {
        later.add(turn);
    }

    /** Takes the next turn whose time has come; null if there is none. */
    @Nullable
    Later due(Instant now) {
        Later next = later.peek();
        return next == null || next.due().isAfter(now) ? null : later.poll();
    }

    Iterable<OwnerState> activeOwners() {
        return active.values();
    }
}
