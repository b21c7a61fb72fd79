// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Notifications to be sent, and answers to be waited for. */
public final class Pushes {
    /** Much longer than anything here takes. */
    public static final Duration LONG = Duration.ofSeconds(30);

    private Pushes() {}

    public static PushRequest message(PushAddress address) {
        return of(address, PushRequest.Kind.ALERT, PushRequest.Rank.MESSAGE, PushRequest.Urgency.HIGH, "{\"aps\":{}}");
    }

    public static PushRequest call(PushAddress address) {
        return of(address, PushRequest.Kind.VOIP, PushRequest.Rank.CALL, PushRequest.Urgency.HIGH, "{\"aps\":{}}");
    }

    public static PushRequest of(
            PushAddress address,
            PushRequest.Kind kind,
            PushRequest.Rank rank,
            PushRequest.Urgency urgency,
            String payload) {
        return new PushRequest(
                UUID.randomUUID(),
                "app",
                address,
                kind,
                rank,
                urgency,
                "collapse_1",
                Instant.now().plusSeconds(3_600),
                payload.getBytes(StandardCharsets.UTF_8));
    }

    public static Answer await(CompletionStage<Answer> answer) {
        try {
            return answer.toCompletableFuture().get(2 * LONG.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            return fail("no answer", e);
        }
    }
}
