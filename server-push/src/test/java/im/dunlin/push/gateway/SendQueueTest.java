// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import static im.dunlin.push.gateway.Pushes.LONG;
import static im.dunlin.push.gateway.Pushes.await;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.push.gateway.Answer.Why;
import im.dunlin.push.gateway.PushRequest.Kind;
import im.dunlin.push.gateway.PushRequest.Rank;
import im.dunlin.push.gateway.PushRequest.Urgency;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What leaves when, with a service that does as the test says. */
class SendQueueTest {
    private static final Answer ACCEPTED = new Answer.Accepted("x");

    private final DefaultEventExecutor executor = new DefaultEventExecutor();
    private final List<Attempt> sent = new ArrayList<>();
    private final List<Attempt> overdue = new ArrayList<>();
    private final SendQueue queue = new SendQueue(
            null,
            executor,
            InstantSource.system(),
            new SendQueue.Limits(4, 2, Duration.ofMillis(1)),
            new SendQueue.Way() {
                @Override
                public void send(Attempt attempt) {
                    sent.add(attempt);
                }

                @Override
                public void overdue(Attempt attempt) {
                    overdue.add(attempt);
                }
            });

    @AfterEach
    void close() {
        queue.close();
        executor.shutdownGracefully();
    }

    private CompletionStage<Answer> offer(Rank rank) {
        return queue.offer(request(rank), LONG);
    }

    private static PushRequest request(Rank rank) {
        return Pushes.of(new PushAddress.Token("t", null), Kind.ALERT, rank, Urgency.HIGH, "{}");
    }

    private void run(Runnable task) {
        executor.submit(task).syncUninterruptibly();
    }

    private List<Rank> ranksSent() {
        List<Rank> ranks = new ArrayList<>();
        run(() -> sent.forEach(attempt -> ranks.add(attempt.request().rank())));
        return ranks;
    }

    @Test
    void oneGoesAheadUntilTheServiceIsReached() {
        offer(Rank.MESSAGE);
        offer(Rank.MESSAGE);
        offer(Rank.MESSAGE);
        assertThat(ranksSent()).hasSize(1);

        run(queue::reached);

        assertThat(ranksSent()).hasSize(2);
    }

    @Test
    void callsGoBeforeTheirEndsAndThoseBeforeMessages() {
        offer(Rank.MESSAGE);
        offer(Rank.QUIET);
        offer(Rank.CALL_END);
        offer(Rank.CALL);

        run(() -> {
            for (int i = 0; i < 4; i++) {
                queue.answer(sent.get(i), ACCEPTED);
            }
        });

        assertThat(ranksSent()).containsExactly(Rank.MESSAGE, Rank.CALL, Rank.CALL_END, Rank.QUIET);
    }

    @Test
    void fullQueueRefusesMessagesAtOnce() {
        for (int i = 0; i < 4; i++) {
            offer(Rank.MESSAGE);
        }

        assertThat(offer(Rank.MESSAGE).toCompletableFuture())
                .isCompletedWithValue(new Answer.NotSent(Why.QUEUE_FULL, "4 wait already"));
    }

    @Test
    void callTakesThePlaceOfTheLastMessage() {
        offer(Rank.MESSAGE);
        offer(Rank.MESSAGE);
        CompletionStage<Answer> last = offer(Rank.MESSAGE);
        CompletionStage<Answer> quiet = offer(Rank.QUIET);

        CompletionStage<Answer> call = offer(Rank.CALL);

        assertThat(await(quiet)).isEqualTo(new Answer.NotSent(Why.QUEUE_FULL, "a call took its place"));
        assertThat(queue.pending()).isEqualTo(4);
        assertThat(last.toCompletableFuture()).isNotDone();
        assertThat(call.toCompletableFuture()).isNotDone();
    }

    @Test
    void callsDoNotDriveOutCalls() {
        for (int i = 0; i < 4; i++) {
            offer(Rank.CALL);
        }

        assertThat(await(offer(Rank.CALL)))
                .isInstanceOfSatisfying(
                        Answer.NotSent.class, not -> assertThat(not.why()).isEqualTo(Why.QUEUE_FULL));
        assertThat(queue.pending()).isEqualTo(4);
    }

    @Test
    void whatWaitsTooLongDidNotLeave() {
        offer(Rank.MESSAGE);

        assertThat(await(queue.offer(request(Rank.MESSAGE), Duration.ofMillis(50))))
                .isEqualTo(new Answer.NotSent(Why.DEADLINE, "its turn did not come in time"));
        run(() -> assertThat(overdue).isEmpty());
    }

    @Test
    void whatLeftAndIsNotAnsweredInTimeIsUnanswered() {
        CompletionStage<Answer> answer = queue.offer(request(Rank.MESSAGE), Duration.ofMillis(200));
        assertThat(ranksSent()).hasSize(1);
        run(() -> sent.get(0).leaves());

        assertThat(await(answer)).isEqualTo(new Answer.Unanswered("no answer in time"));
        run(() -> assertThat(overdue).containsExactlyElementsOf(sent));
    }

    @Test
    void lateAnswerChangesNothing() {
        CompletionStage<Answer> answer = queue.offer(request(Rank.MESSAGE), Duration.ofMillis(50));
        await(answer);

        run(() -> queue.answer(sent.get(0), ACCEPTED));

        assertThat(await(answer)).isNotEqualTo(ACCEPTED);
        assertThat(queue.pending()).isZero();
    }

    @Test
    void fromTheThirdFailureOnOnlyCallsWait() {
        CompletionStage<Answer> message = offer(Rank.MESSAGE);
        CompletionStage<Answer> call = offer(Rank.CALL);
        for (int i = 0; i < 3; i++) {
            int number = i;
            awaitSent(number + 1);
            run(() -> queue.unreachable(sent.get(number), "nobody there"));
        }

        assertThat(await(message)).isEqualTo(new Answer.NotSent(Why.UNREACHABLE, "nobody there"));
        awaitSent(4);
        run(() -> {
            queue.reached();
            queue.answer(sent.get(3), ACCEPTED);
        });
        assertThat(await(call)).isEqualTo(ACCEPTED);
    }

    private void awaitSent(int count) {
        while (ranksSent().size() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void closedQueueAnswersAll() {
        CompletionStage<Answer> underWay = offer(Rank.MESSAGE);
        CompletionStage<Answer> waits = offer(Rank.MESSAGE);
        assertThat(ranksSent()).hasSize(1);
        run(() -> sent.get(0).leaves());

        queue.close();

        assertThat(await(underWay)).isInstanceOf(Answer.Unanswered.class);
        assertThat(await(waits)).isEqualTo(new Answer.NotSent(Why.CLOSED, "closed"));
        assertThat(await(offer(Rank.MESSAGE))).isEqualTo(new Answer.NotSent(Why.CLOSED, "closed"));
    }
}
