// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to leave for one service: bounded, calls first, each with its deadline.
 *
 * <p>While nobody knows whether the service can be reached, one goes ahead and the others wait. If it cannot, the next tries
 * after a rest that grows; from the third failure on nothing but calls waits for that.
 *
 * <p>{@link #offer} may be called on any thread; all else happens on the executor's.
 */
public final class SendQueue implements AutoCloseable {
    /** Failures after which messages no longer wait. */
    private static final int PATIENCE = 3;

    /** How many calls may wait besides a full queue of messages until one of those has made room. */
    private static final int CALLS_ABOVE = 1_000;

    private static final Duration FIRST_REST = Duration.ofMillis(250);

    /**
     * What a queue may hold.
     *
     * @param pending that wait or are under way
     * @param atOnce that are under way
     * @param longestRest between two tries to reach the service
     */
    public record Limits(int pending, int atOnce, Duration longestRest) {}

    /** Where it goes. Called on the executor's thread only. */
    public interface Way {
        /** Puts an attempt on its way; later one of {@link #answer}, {@link #again} and {@link #unreachable} is called with it. */
        void send(Attempt attempt);

        /** An attempt that is under way has no more time; it is answered already. */
        void overdue(Attempt attempt);
    }

    private static final Logger log = LoggerFactory.getLogger(SendQueue.class);

    private final @Nullable String service;
    private final EventExecutor executor;
    private final InstantSource clock;
    private final Limits limits;
    private final Way way;

    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicLong sequence = new AtomicLong();
    private volatile boolean isClosed;

    /** Why messages do not wait; null when they may. */
    private volatile @Nullable String trouble;

    // Below: the executor's thread only.
    private final TreeSet<Attempt> waiting = new TreeSet<>(Comparator.<Attempt, PushRequest.Rank>comparing(
                    attempt -> attempt.request().rank())
            .thenComparingLong(Attempt::sequence));
    private final Set<Attempt> underWay = new HashSet<>();
    private boolean isReached;
    private boolean isResting;
    private boolean isPumping;
    private int failures;

    /** @param service for the log; null for one that only a user's word makes known */
    public SendQueue(@Nullable String service, EventExecutor executor, InstantSource clock, Limits limits, Way way) {
        this.service = service;
        this.executor = executor;
        this.clock = clock;
        this.limits = limits;
        this.way = way;
    }

    /** As {@link Gateway#send}. */
    public CompletionStage<Answer> offer(PushRequest request, Duration within) {
        Instant now = clock.instant();
        String reason = trouble;
        if (isClosed) {
            return notSent(Answer.Why.CLOSED, "closed");
        }
        if (!now.isBefore(request.expires())) {
            return notSent(Answer.Why.EXPIRED, "expired");
        }
        if (reason != null && !Attempt.isUrgent(request)) {
            return notSent(Answer.Why.UNREACHABLE, reason);
        }
        if (pending.incrementAndGet() > limits.pending() + (Attempt.isUrgent(request) ? CALLS_ABOVE : 0)) {
            pending.decrementAndGet();
            return notSent(Answer.Why.QUEUE_FULL, limits.pending() + " wait already");
        }
        Duration life = Duration.between(now, request.expires());
        long nanos = (life.compareTo(within) < 0 ? life : within).toNanos();
        Attempt attempt = new Attempt(request, now, System.nanoTime() + nanos, sequence.getAndIncrement());
        try {
            executor.execute(() -> enter(attempt));
        } catch (RejectedExecutionException e) {
            pending.decrementAndGet();
            return notSent(Answer.Why.CLOSED, "the server stops");
        }
        return attempt.answer();
    }

    private static CompletionStage<Answer> notSent(Answer.Why why, String reason) {
        return CompletableFuture.completedStage(new Answer.NotSent(why, reason));
    }

    public int pending() {
        return pending.get();
    }

    private void enter(Attempt attempt) {
        if (isClosed) {
            finish(attempt, new Answer.NotSent(Answer.Why.CLOSED, "closed"));
            return;
        }
        if (attempt.isUrgent() && waiting.size() + underWay.size() >= limits.pending()) {
            Attempt last = waiting.isEmpty() || waiting.last().isUrgent() ? attempt : waiting.last();
            finish(last, new Answer.NotSent(Answer.Why.QUEUE_FULL, "a call took its place"));
        }
        if (!attempt.isOver()) {
            attempt.timer(
                    executor.schedule(() -> overdue(attempt), attempt.left().toNanos(), TimeUnit.NANOSECONDS));
            waiting.add(attempt);
            pump();
        }
    }

    private void pump() {
        if (isPumping) {
            return;
        }
        isPumping = true;
        try {
            while (!waiting.isEmpty() && underWay.size() < window()) {
                Attempt next = waiting.first();
                waiting.remove(next);
                if (clock.instant().isBefore(next.request().expires())) {
                    underWay.add(next);
                    next.starts();
                    way.send(next);
                } else {
                    finish(next, new Answer.NotSent(Answer.Why.EXPIRED, "expired while it waited"));
                }
            }
        } finally {
            isPumping = false;
        }
    }

    private int window() {
        if (isReached) {
            return limits.atOnce();
        }
        return isResting ? 0 : 1;
    }

    private void overdue(Attempt attempt) {
        if (attempt.isOver()) {
            return;
        }
        boolean isUnderWay = underWay.contains(attempt);
        finish(attempt, attempt.hasLeft() ? new Answer.Unanswered("no answer in time") : late(attempt));
        if (isUnderWay) {
            way.overdue(attempt);
        }
        pump();
    }

    private Answer late(Attempt attempt) {
        String reason = attempt.trouble();
        if (!clock.instant().isBefore(attempt.request().expires())) {
            return new Answer.NotSent(Answer.Why.EXPIRED, "expired while it waited");
        }
        return reason == null
                ? new Answer.NotSent(Answer.Why.DEADLINE, "its turn did not come in time")
                : new Answer.NotSent(Answer.Why.UNREACHABLE, reason);
    }

    /** It is over with this answer. Without effect if it is over already. */
    public void answer(Attempt attempt, Answer answer) {
        finish(attempt, answer);
        pump();
    }

    private void finish(Attempt attempt, Answer answer) {
        if (!attempt.isOver()) {
            waiting.remove(attempt);
            underWay.remove(attempt);
            pending.decrementAndGet();
            attempt.complete(answer);
        }
    }

    /** It certainly did not arrive, for no fault of the service's: it goes again, in its old place, if there is time. */
    public void again(Attempt attempt) {
        attempt.returned();
        putBack(attempt);
        pump();
    }

    private void putBack(Attempt attempt) {
        if (!attempt.isOver() && underWay.remove(attempt)) {
            waiting.add(attempt);
        }
    }

    /** The service has answered, or let us in: all may go. */
    public void reached() {
        if (failures >= PATIENCE && service != null) {
            log.info("{} can be reached again", service);
        }
        isReached = true;
        failures = 0;
        trouble = null;
        pump();
    }

    /** What led to the service is gone: the next goes alone. */
    public void lost() {
        isReached = false;
    }

    /** It did not leave, since the service cannot be reached. It goes again after a rest, if there is time. */
    public void unreachable(Attempt attempt, String reason) {
        attempt.trouble(reason);
        putBack(attempt);
        isReached = false;
        if (!isResting) {
            failures++;
            isResting = true;
            long rest = Math.min(
                    FIRST_REST.toMillis() << Math.min(failures - 1, 20),
                    limits.longestRest().toMillis());
            long jitter = ThreadLocalRandom.current().nextLong(rest / 4 + 1);
            Future<?> unused = executor.schedule(this::rested, rest - jitter, TimeUnit.MILLISECONDS);
        }
        if (failures >= PATIENCE) {
            if (failures == PATIENCE && trouble == null && service != null) {
                log.warn("{} cannot be reached: {}", service, reason);
            }
            trouble = reason;
            List<Attempt> given = new ArrayList<>(waiting);
            for (Attempt one : given) {
                if (!one.isUrgent()) {
                    finish(one, new Answer.NotSent(Answer.Why.UNREACHABLE, reason));
                }
            }
        }
    }

    private void rested() {
        isResting = false;
        // Only one who tries can find out.
        trouble = null;
        pump();
    }

    /** Answers all; any thread. */
    @Override
    public void close() {
        isClosed = true;
        try {
            executor.execute(this::answerAll);
        } catch (RejectedExecutionException e) {
            // Its thread has ended, and what it had to do with it.
            return;
        }
    }

    private void answerAll() {
        for (Attempt attempt : new ArrayList<>(waiting)) {
            finish(attempt, new Answer.NotSent(Answer.Why.CLOSED, "closed"));
        }
        for (Attempt attempt : new ArrayList<>(underWay)) {
            finish(
                    attempt,
                    attempt.hasLeft()
                            ? new Answer.Unanswered("closed before an answer came")
                            : new Answer.NotSent(Answer.Why.CLOSED, "closed"));
        }
    }
}
