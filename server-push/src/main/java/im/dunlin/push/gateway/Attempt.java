// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** One call of {@link Gateway#send} while it lasts. Confined to the thread of its {@link SendQueue}. */
public final class Attempt {
    private final PushRequest request;
    private final Instant begun;
    private final long deadline;
    private final long sequence;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();

    private long since;
    private boolean hasLeft;
    private int repetitions;
    private @Nullable String trouble;
    private @Nullable Future<?> timer;

    /** @param deadline of {@link System#nanoTime} */
    Attempt(PushRequest request, Instant begun, long deadline, long sequence) {
        this.request = request;
        this.begun = begun;
        this.deadline = deadline;
        this.sequence = sequence;
    }

    public PushRequest request() {
        return request;
    }

    /** When it was asked for. */
    public Instant begun() {
        return begun;
    }

    /** How much of its time is left; negative when none is. */
    public Duration left() {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    /** It is under way, though it may still wait for a connection. */
    void starts() {
        since = System.nanoTime();
    }

    /** From now on it may have arrived. */
    public void leaves() {
        hasLeft = true;
        since = System.nanoTime();
    }

    /** Since when it waits for a connection, or for its answer if it has left; of {@link System#nanoTime}. */
    public long since() {
        return since;
    }

    /** Whether it may have arrived. */
    public boolean hasLeft() {
        return hasLeft;
    }

    /** It did not arrive after all: the service says so. */
    void returned() {
        hasLeft = false;
        repetitions++;
    }

    /** How often the service gave it back. */
    public int repetitions() {
        return repetitions;
    }

    public boolean isOver() {
        return answer.isDone();
    }

    /** Whether it may take the place of a message. */
    boolean isUrgent() {
        return isUrgent(request);
    }

    static boolean isUrgent(PushRequest request) {
        return request.rank().compareTo(PushRequest.Rank.CALL_END) <= 0;
    }

    long sequence() {
        return sequence;
    }

    @Nullable
    String trouble() {
        return trouble;
    }

    void trouble(String reason) {
        trouble = reason;
    }

    void timer(Future<?> scheduled) {
        timer = scheduled;
    }

    CompletionStage<Answer> answer() {
        return answer.minimalCompletionStage();
    }

    void complete(Answer given) {
        if (timer != null) {
            timer.cancel(false);
        }
        answer.complete(given);
    }
}
