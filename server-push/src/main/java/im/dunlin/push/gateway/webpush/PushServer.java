// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.webpush;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.SendQueue;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.HttpsRequest;
import im.dunlin.push.gateway.https.HttpsResult;
import im.dunlin.push.gateway.https.Origin;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** One server that subscriptions name, and what is on the way to it. */
final class PushServer implements AutoCloseable {
    private static final Duration LONGEST_REST = Duration.ofSeconds(60);

    /** Together four connections; one is kept for calls. */
    private static final SendQueue.Limits CALLS = new SendQueue.Limits(10_000, 1, LONGEST_REST);

    private static final SendQueue.Limits OTHERS = new SendQueue.Limits(10_000, 3, LONGEST_REST);

    private final Origin origin;
    private final VapidKey key;
    private final HttpsClient client;
    private final InstantSource clock;
    private final Lane calls;
    private final Lane others;

    // Below: the loop's thread only.
    private String authorization = "";
    private Instant renew = Instant.MIN;

    PushServer(Origin origin, VapidKey key, HttpsClient client, EventLoop loop, InstantSource clock) {
        this.origin = origin;
        this.key = key;
        this.client = client;
        this.clock = clock;
        this.calls = new Lane(loop, CALLS);
        this.others = new Lane(loop, OTHERS);
    }

    CompletionStage<Answer> offer(PushRequest request, Duration within) {
        Lane lane = switch (request.rank()) {
            case CALL, CALL_END -> calls;
            case MESSAGE, QUIET -> others;
        };
        return lane.queue.offer(request, within);
    }

    boolean isIdle() {
        return calls.queue.pending() + others.queue.pending() == 0;
    }

    private final class Lane implements SendQueue.Way {
        private final SendQueue queue;
        private final Map<Attempt, Runnable> underWay = new HashMap<>();

        Lane(EventLoop loop, SendQueue.Limits limits) {
            // Without a name: whoever subscribes may invent servers, and fill the log.
            this.queue = new SendQueue(null, loop, clock, limits, this);
        }

        @Override
        public void send(Attempt attempt) {
            underWay.put(
                    attempt,
                    client.post(request(attempt.request()), attempt::leaves, result -> arrived(attempt, result)));
        }

        private void arrived(Attempt attempt, HttpsResult result) {
            underWay.remove(attempt);
            if (result instanceof HttpsResult.Response response) {
                queue.reached();
                queue.answer(attempt, answer(attempt, response));
            } else if (result instanceof HttpsResult.NoConnection not) {
                queue.unreachable(attempt, not.reason());
            } else if (result instanceof HttpsResult.Forbidden forbidden) {
                queue.answer(attempt, new Answer.Rejected("endpoint: " + forbidden.reason()));
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
    }

    private HttpsRequest request(PushRequest push) {
        URI endpoint = ((PushAddress.Subscription) push.address()).endpoint();
        Instant now = clock.instant();
        Map<String, String> headers = new HashMap<>();
        headers.put("authorization", authorization(now));
        headers.put("content-type", "application/octet-stream");
        headers.put("content-encoding", "aes128gcm");
        headers.put(
                "ttl",
                Long.toString(Math.max(0, Duration.between(now, push.expires()).toSeconds())));
        headers.put(
                "urgency",
                switch (push.urgency()) {
                    case HIGH -> "high";
                    case NORMAL -> "normal";
                    case LOW -> "low";
                });
        if (push.collapse() != null) {
            headers.put("topic", push.collapse());
        }
        return new HttpsRequest(origin, Origin.target(endpoint), headers, push.payload());
    }

    private String authorization(Instant now) {
        if (!now.isBefore(renew)) {
            authorization = key.authorization(origin, now);
            renew = now.plus(VapidKey.VALIDITY.dividedBy(2));
        }
        return authorization;
    }

    /** RFC 8030 §5 and §7; RFC 8292 §4. A server is one of many, so that none can speak for the whole app profile. */
    private Answer answer(Attempt attempt, HttpsResult.Response response) {
        String reason = "status " + response.status();
        return switch (response.status()) {
            case 200, 201, 202, 204 ->
                new Answer.Accepted(attempt.request().id().toString());
            case 404, 410 -> new Answer.Gone(attempt.begun(), reason);
            case 401, 403 -> new Answer.Rejected(reason);
            case 413 -> new Answer.TooLarge(WebPushGateway.MAX_BODY);
            case 429 ->
                new Answer.RetryAfter(
                        response.retryAfter(clock.instant(), Duration.ofMinutes(1)), Answer.Scope.DEVICE, reason);
            default ->
                response.status() >= 500
                        ? new Answer.RetryAfter(
                                response.retryAfter(clock.instant(), pause(attempt)), Answer.Scope.SERVICE, reason)
                        : new Answer.Refused(reason);
        };
    }

    private static Duration pause(Attempt attempt) {
        return attempt.request().rank() == PushRequest.Rank.CALL ? Duration.ofSeconds(1) : Duration.ofSeconds(30);
    }

    @Override
    public void close() {
        calls.queue.close();
        others.queue.close();
    }
}
