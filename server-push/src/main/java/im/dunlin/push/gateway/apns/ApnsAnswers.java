// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.PushNotificationResponse;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushRequest;
import java.time.Duration;

/** What Apple's answers mean ("Handling notification responses from APNs"). */
final class ApnsAnswers {
    private static final Duration DEVICE_PAUSE = Duration.ofMinutes(1);
    private static final Duration TOKEN_PAUSE = Duration.ofMinutes(20);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(30);

    /** A call may be over before Apple is well again, so one more try is worth it. */
    private static final Duration TROUBLE_PAUSE_OF_CALLS = Duration.ofSeconds(1);

    private ApnsAnswers() {}

    static Answer of(PushNotificationResponse<?> response, Attempt attempt) {
        if (response.isAccepted()) {
            return new Answer.Accepted(
                    response.getApnsId() == null
                            ? attempt.request().id().toString()
                            : response.getApnsId().toString());
        }
        int status = response.getStatusCode();
        String reason = response.getRejectionReason().orElse("status " + status);
        return switch (reason) {
            case "BadDeviceToken", "DeviceTokenNotForTopic" -> new Answer.Foreign(reason);
            case "Unregistered", "ExpiredToken" -> gone(response, attempt, reason);
            case "TooManyProviderTokenUpdates" -> new Answer.RetryAfter(TOKEN_PAUSE, Answer.Scope.SERVICE, reason);
            case "TooManyRequests" -> new Answer.RetryAfter(DEVICE_PAUSE, Answer.Scope.DEVICE, reason);
            case "IdleTimeout" -> new Answer.NotSent(Answer.Why.UNREACHABLE, reason);
            default -> byStatus(status, response, attempt, reason);
        };
    }

    private static Answer byStatus(int status, PushNotificationResponse<?> response, Attempt attempt, String reason) {
        return switch (status) {
            case 403 -> new Answer.Unauthorized(reason);
            case 410 -> gone(response, attempt, reason);
            case 413 ->
                new Answer.TooLarge(
                        attempt.request().kind() == PushRequest.Kind.VOIP
                                ? ApnsGateway.MAX_VOIP_PAYLOAD
                                : ApnsGateway.MAX_PAYLOAD);
            case 429 -> new Answer.RetryAfter(DEVICE_PAUSE, Answer.Scope.DEVICE, reason);
            default ->
                status >= 500
                        ? new Answer.RetryAfter(
                                attempt.request().rank() == PushRequest.Rank.CALL
                                        ? TROUBLE_PAUSE_OF_CALLS
                                        : TROUBLE_PAUSE,
                                Answer.Scope.SERVICE,
                                reason)
                        : new Answer.Refused(reason);
        };
    }

    private static Answer gone(PushNotificationResponse<?> response, Attempt attempt, String reason) {
        return new Answer.Gone(response.getTokenInvalidationTimestamp().orElse(attempt.begun()), reason);
    }
}
