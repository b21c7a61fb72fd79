// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.SendQueue;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.HttpsRequest;
import im.dunlin.push.gateway.https.HttpsResult;
import im.dunlin.push.gateway.https.Origin;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** One queue to FCM: an access token first, then the message. */
final class FcmLink implements SendQueue.Way, AutoCloseable {
    /** Where messages are sent. */
    record Target(Origin origin, String path) {}

    private final Target target;
    private final FcmMessages messages;
    private final AccessTokens tokens;
    private final HttpsClient client;
    private final InstantSource clock;
    private final SendQueue queue;

    /** The loop's thread only. */
    private final Map<Attempt, Runnable> underWay = new HashMap<>();

    FcmLink(
            String name,
            Target target,
            FcmMessages messages,
            AccessTokens tokens,
            HttpsClient client,
            EventLoop loop,
            InstantSource clock,
            SendQueue.Limits limits) {
        this.target = target;
        this.messages = messages;
        this.tokens = tokens;
        this.client = client;
        this.clock = clock;
        this.queue = new SendQueue(name, loop, clock, limits, this);
    }

    CompletionStage<Answer> offer(PushRequest request, Duration within) {
        return queue.offer(request, within);
    }

    int pending() {
        return queue.pending();
    }

    @Override
    public void send(Attempt attempt) {
        tokens.ask(new AccessTokens.Waiting() {
            @Override
            public void granted(String token) {
                if (!attempt.isOver()) {
                    post(attempt, token);
                }
            }

            @Override
            public void unreachable(String reason) {
                queue.unreachable(attempt, reason);
            }

            @Override
            public void refused(Answer answer) {
                queue.answer(attempt, answer);
            }
        });
    }

    private void post(Attempt attempt, String token) {
        HttpsRequest request = new HttpsRequest(
                target.origin(),
                target.path(),
                Map.of("authorization", "Bearer " + token, "content-type", "application/json; charset=utf-8"),
                messages.body(attempt.request()));
        underWay.put(attempt, client.post(request, attempt::leaves, result -> {
            underWay.remove(attempt);
            arrived(attempt, token, result);
        }));
    }

    private void arrived(Attempt attempt, String token, HttpsResult result) {
        if (result instanceof HttpsResult.Response response) {
            queue.reached();
            Answer answer = FcmAnswers.of(response, attempt, clock.instant());
            if (response.status() == 401) {
                tokens.discard(token);
            }
            if (response.status() == 401 && attempt.repetitions() == 0) {
                queue.again(attempt);
            } else {
                queue.answer(attempt, answer);
            }
        } else if (result instanceof HttpsResult.NoConnection not) {
            queue.unreachable(attempt, not.reason());
        } else if (result instanceof HttpsResult.Forbidden forbidden) {
            queue.unreachable(attempt, forbidden.reason());
        } else if (result instanceof HttpsResult.Lost lost) {
            queue.answer(attempt, new Answer.Unanswered(lost.reason()));
        }
    }

    @Override
    public void overdue(Attempt attempt) {
        Runnable cancel = underWay.remove(attempt);
        if (cancel != null) {
            cancel.run();
        }
        if (!attempt.hasLeft()) {
            queue.unreachable(attempt, "no connection in time");
        }
    }

    @Override
    public void close() {
        queue.close();
    }
}
