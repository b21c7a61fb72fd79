// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.webpush;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.Origin;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Web Push to whatever server a subscription names. Each server has a queue and connections of its own, so that one that is
 * slow or dead holds up nobody else's pushes.
 */
public final class WebPushGateway implements Gateway {
    /** What every push server must take (RFC 8030 §7.2). */
    static final int MAX_BODY = 4_096;

    private static final int MAX_PENDING = 10_000;

    /** Calls find room where messages do not. */
    private static final int MAX_PENDING_WITH_CALLS = 11_000;

    private static final int MAX_SERVERS = 2_000;

    private static final Duration FORGET_IDLE_SERVERS = Duration.ofMinutes(5);

    private final VapidKey key;
    private final HttpsClient client;
    private final PushThread thread;
    private final InstantSource clock;
    private final Future<?> cleaning;

    private final Map<Origin, PushServer> servers = new ConcurrentHashMap<>();
    private final AtomicInteger pending = new AtomicInteger();
    private volatile boolean isClosed;

    /**
     * @param client where it may connect to is its rules' matter; closed by whoever made it
     * @param thread the client's
     */
    public WebPushGateway(VapidKey key, HttpsClient client, PushThread thread, InstantSource clock) {
        this.key = key;
        this.client = client;
        this.thread = thread;
        this.clock = clock;
        long period = FORGET_IDLE_SERVERS.toSeconds();
        this.cleaning = thread.loop().scheduleWithFixedDelay(this::forgetIdle, period, period, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<Answer> send(PushRequest request, Duration within) {
        if (request.payload().length > MAX_BODY) {
            return done(new Answer.TooLarge(MAX_BODY));
        }
        if (!(request.address() instanceof PushAddress.Subscription subscription)) {
            return done(new Answer.Foreign("no Web Push subscription"));
        }
        Origin origin;
        try {
            origin = Origin.of(subscription.endpoint());
        } catch (IllegalArgumentException e) {
            return done(new Answer.Refused("endpoint: " + e.getMessage()));
        }
        if (isClosed) {
            return done(new Answer.NotSent(Answer.Why.CLOSED, "closed"));
        }
        boolean isCall = request.rank() == PushRequest.Rank.CALL || request.rank() == PushRequest.Rank.CALL_END;
        int limit = isCall ? MAX_PENDING_WITH_CALLS : MAX_PENDING;
        if (pending.get() >= limit || servers.size() >= MAX_SERVERS && !servers.containsKey(origin)) {
            return done(new Answer.NotSent(Answer.Why.QUEUE_FULL, limit + " wait already, or too many servers"));
        }
        pending.incrementAndGet();
        PushServer server =
                servers.computeIfAbsent(origin, unseen -> new PushServer(origin, key, client, thread.loop(), clock));
        return server.offer(request, within).whenComplete((answer, never) -> pending.decrementAndGet());
    }

    private static CompletionStage<Answer> done(Answer answer) {
        return CompletableFuture.completedStage(answer);
    }

    private void forgetIdle() {
        servers.values().removeIf(PushServer::isIdle);
    }

    @Override
    public int pending() {
        return pending.get();
    }

    @Override
    public void close() {
        isClosed = true;
        cleaning.cancel(false);
        servers.values().forEach(PushServer::close);
    }
}
