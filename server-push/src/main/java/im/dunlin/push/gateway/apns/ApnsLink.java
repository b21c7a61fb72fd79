// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.ApnsClient;
import com.eatthepath.pushy.apns.PushNotificationResponse;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.SendQueue;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.StreamBufferingEncoder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One queue and its connection to one APNs. The connection is that of a Pushy client; one that is no good is given up with
 * its client, since a client waits up to a minute before it connects again, and keeps a token that Apple does not take.
 */
final class ApnsLink implements SendQueue.Way, AutoCloseable {
    /** Few, and never to wait for long. */
    static final SendQueue.Limits CALLS = new SendQueue.Limits(10_000, 200, Duration.ofSeconds(1));

    static final SendQueue.Limits OTHERS = new SendQueue.Limits(10_000, 200, Duration.ofSeconds(30));

    private final ApnsClients clients;
    private final String topic;
    private final EventLoop loop;
    private final SendQueue queue;

    // Below: the loop's thread only.
    private @Nullable ApnsClient current;
    private long lastAnswer = System.nanoTime();

    ApnsLink(
            String name,
            ApnsClients clients,
            String topic,
            EventLoop loop,
            InstantSource clock,
            SendQueue.Limits limits) {
        this.clients = clients;
        this.topic = topic;
        this.loop = loop;
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
        ApnsClient client = current;
        if (client == null) {
            try {
                client = clients.open();
            } catch (SSLException | RuntimeException e) {
                queue.unreachable(attempt, "TLS does not work here: " + e.getMessage());
                return;
            }
            current = client;
        }
        ApnsClient by = client;
        Departure departure = new Departure(attempt, topic, () -> {
            if (by == current) {
                queue.reached();
            }
        });
        by.sendNotification(departure).whenComplete((response, failure) -> arrived(departure, by, response, failure));
    }

    private void arrived(
            Departure departure,
            ApnsClient by,
            @Nullable PushNotificationResponse<Departure> response,
            @Nullable Throwable failure) {
        Attempt attempt = departure.attempt();
        if (response != null) {
            lastAnswer = System.nanoTime();
            answered(attempt, by, ApnsAnswers.of(response, attempt), response);
        } else if (!departure.isWritten()) {
            giveUp(by);
            queue.unreachable(attempt, reason(failure));
        } else if (isUnprocessed(failure)) {
            giveUp(by);
            again(attempt, reason(failure));
        } else {
            queue.answer(attempt, new Answer.Unanswered(reason(failure)));
        }
    }

    private void answered(Attempt attempt, ApnsClient by, Answer answer, PushNotificationResponse<Departure> response) {
        String reason = response.getRejectionReason().orElse("");
        switch (reason) {
            case "ExpiredProviderToken" -> {
                // The connection keeps its token; another gets a new one.
                giveUp(by);
                again(attempt, answer);
            }
            case "IdleTimeout" -> {
                giveUp(by);
                again(attempt, answer);
            }
            case "Shutdown", "InternalServerError", "ServiceUnavailable" -> {
                // Behind the next connection there may be another server.
                giveUp(by);
                queue.answer(attempt, answer);
            }
            default -> queue.answer(attempt, answer);
        }
    }

    private void again(Attempt attempt, String reason) {
        again(attempt, new Answer.NotSent(Answer.Why.UNREACHABLE, reason));
    }

    /** Once more; what comes back again is answered. */
    private void again(Attempt attempt, Answer otherwise) {
        if (attempt.repetitions() < 2) {
            queue.again(attempt);
        } else {
            queue.answer(attempt, otherwise);
        }
    }

    /** Nothing was heard for as long as this waited: what still waits on that connection will not be heard of either. */
    @Override
    public void overdue(Attempt attempt) {
        ApnsClient client = current;
        if (client != null && lastAnswer - attempt.since() < 0) {
            giveUp(client);
            if (!attempt.hasLeft()) {
                queue.unreachable(attempt, "no connection in time");
            }
        }
    }

    private void giveUp(ApnsClient client) {
        if (client == current) {
            current = null;
            queue.lost();
            client.close();
        }
    }

    private static boolean isUnprocessed(@Nullable Throwable failure) {
        return failure instanceof StreamBufferingEncoder.Http2GoAwayException
                || failure instanceof StreamBufferingEncoder.Http2ChannelClosedException
                || failure instanceof Http2Exception http && http.error() == Http2Error.REFUSED_STREAM;
    }

    /** In words for an operator. */
    private static String reason(@Nullable Throwable failure) {
        Throwable root = failure;
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return root == null ? "no answer" : root.getClass().getSimpleName() + ": " + root.getMessage();
    }

    @Override
    public void close() {
        queue.close();
        loop.execute(() -> {
            ApnsClient client = current;
            if (client != null) {
                giveUp(client);
            }
        });
    }
}
