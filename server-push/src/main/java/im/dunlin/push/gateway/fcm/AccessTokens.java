// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.HttpsRequest;
import im.dunlin.push.gateway.https.HttpsResult;
import im.dunlin.push.gateway.https.Origin;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The access token of a service account: asked for once however many wait for it, kept while it is good. Confined to the
 * gateways' thread.
 */
final class AccessTokens {
    /** A token is not used in its last minutes. */
    private static final Duration MARGIN = Duration.ofMinutes(5);

    /** Not even a token that is said to be good for less is asked for more often. */
    private static final Duration SHORTEST = Duration.ofMinutes(1);

    /** How long a refusal stands before it is tried again. */
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String GRANT = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";

    /** Who waits for a token. */
    interface Waiting {
        void granted(String token);

        /** The token service cannot be reached. */
        void unreachable(String reason);

        /** It can, and gives none. */
        void refused(Answer answer);
    }

    private final ServiceAccount account;
    private final HttpsClient client;
    private final EventLoop loop;
    private final InstantSource clock;

    private final List<Waiting> waiting = new ArrayList<>();
    private @Nullable String token;
    private Instant until = Instant.MIN;
    private @Nullable Answer refusal;
    private Instant refusedUntil = Instant.MIN;

    AccessTokens(ServiceAccount account, HttpsClient client, EventLoop loop, InstantSource clock) {
        this.account = account;
        this.client = client;
        this.loop = loop;
        this.clock = clock;
    }

    void ask(Waiting who) {
        Instant now = clock.instant();
        if (token != null && now.isBefore(until)) {
            who.granted(token);
        } else if (refusal != null && now.isBefore(refusedUntil)) {
            who.refused(refusal);
        } else {
            waiting.add(who);
            if (waiting.size() == 1) {
                fetch(now);
            }
        }
    }

    /** The service does not take this token any more. */
    void discard(String old) {
        if (old.equals(token)) {
            token = null;
        }
    }

    private void fetch(Instant now) {
        byte[] form = (GRANT + account.assertion(now)).getBytes(StandardCharsets.US_ASCII);
        HttpsRequest request = new HttpsRequest(
                Origin.of(account.tokens()),
                Origin.target(account.tokens()),
                Map.of("content-type", "application/x-www-form-urlencoded", "accept", "application/json"),
                form);
        Once once = new Once();
        Runnable cancel = client.post(request, () -> {}, once::fetched);
        once.timer = loop.schedule(
                () -> {
                    cancel.run();
                    once.fetched(new HttpsResult.Lost("no answer in time"));
                },
                PATIENCE.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** One fetch, which ends with its answer or with its time. */
    private final class Once {
        private @Nullable Future<?> timer;

        void fetched(HttpsResult result) {
            if (timer != null) {
                timer.cancel(false);
            }
            List<Waiting> told = new ArrayList<>(waiting);
            waiting.clear();
            if (result instanceof HttpsResult.Response response) {
                if (read(response)) {
                    String granted = token == null ? "" : token;
                    told.forEach(who -> who.granted(granted));
                } else {
                    Answer answer = refusal(response);
                    refusal = answer;
                    refusedUntil = clock.instant().plus(PAUSE);
                    told.forEach(who -> who.refused(answer));
                }
            } else {
                told.forEach(who -> who.unreachable("no access token: " + reason(result)));
            }
        }
    }

    private static String reason(HttpsResult result) {
        if (result instanceof HttpsResult.NoConnection not) {
            return not.reason();
        }
        return result instanceof HttpsResult.Lost lost ? lost.reason() : "its server may not be connected to";
    }

    private boolean read(HttpsResult.Response response) {
        if (response.status() != 200) {
            return false;
        }
        try {
            JsonNode json = JsonMapper.shared().readTree(response.body());
            String granted = json.path("access_token").stringValue("");
            long seconds = json.path("expires_in").asLong(0);
            if (granted.isEmpty() || !granted.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                return false;
            }
            token = granted;
            Duration life = Duration.ofSeconds(Math.min(seconds, 86_400)).minus(MARGIN);
            until = clock.instant().plus(life.compareTo(SHORTEST) < 0 ? SHORTEST : life);
            return true;
        } catch (JacksonException e) {
            return false;
        }
    }

    private Answer refusal(HttpsResult.Response response) {
        String reason = "no access token: " + error(response);
        if (response.status() == 429 || response.status() >= 500) {
            return new Answer.RetryAfter(
                    response.retryAfter(clock.instant(), Duration.ofSeconds(10)), Answer.Scope.SERVICE, reason);
        }
        return new Answer.Unauthorized(reason);
    }

    /** The word of RFC 6749 §5.2, if there is one. */
    private static String error(HttpsResult.Response response) {
        try {
            String word =
                    JsonMapper.shared().readTree(response.body()).path("error").stringValue("");
            if (word.matches("[a-z_]{1,40}")) {
                return word;
            }
        } catch (JacksonException e) {
            return "status " + response.status() + ", and no JSON";
        }
        return "status " + response.status();
    }
}
