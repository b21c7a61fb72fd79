// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * A way by which ready notifications leave for the push service of a platform.
 *
 * <p>One call is one attempt. A gateway repeats by itself only what cannot have arrived (no connection yet, a request that
 * the service says it did not process, an access token that had to be renewed first), and only within the time given; all
 * else is told by the {@link Answer}, and whoever holds the notification decides. What waits is bounded; when that is full,
 * messages are refused at once and calls take the place of a message.
 *
 * <p>Any thread may call; none ever waits here.
 */
public interface Gateway extends AutoCloseable {
    /**
     * Sends one notification to one device.
     *
     * @param within how long the attempt may take, waiting included, on a clock that nobody sets; the answer comes no later
     *     than a moment after that
     * @return completed exactly once, never exceptionally, on a thread that must not be held up; a notification that cannot
     *     be sent at all is answered before this returns
     */
    CompletionStage<Answer> send(PushRequest request, Duration within);

    /** How many notifications wait or are under way. */
    int pending();

    /** Answers what is pending with {@link Answer.NotSent} or {@link Answer.Unanswered} and sends nothing more. */
    @Override
    void close();
}
