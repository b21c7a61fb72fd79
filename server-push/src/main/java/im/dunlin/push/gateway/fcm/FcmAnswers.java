// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Attempt;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.https.HttpsResult;
import java.time.Duration;
import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What FCM's answers mean (its ErrorCode reference). */
final class FcmAnswers {
    private static final Duration QUOTA_PAUSE = Duration.ofMinutes(1);
    private static final Duration TROUBLE_PAUSE = Duration.ofSeconds(10);
    private static final Duration TROUBLE_PAUSE_OF_CALLS = Duration.ofSeconds(1);

    private FcmAnswers() {}

    static Answer of(HttpsResult.Response response, Attempt attempt, Instant now) {
        JsonNode json = json(response.body());
        if (response.isSuccess()) {
            return new Answer.Accepted(
                    json.path("name").stringValue(attempt.request().id().toString()));
        }
        JsonNode error = json.path("error");
        String reason = reason(error, response.status());
        return switch (reason) {
            case "UNREGISTERED" -> new Answer.Gone(attempt.begun(), reason);
            case "SENDER_ID_MISMATCH" -> new Answer.Foreign(reason);
            case "INVALID_ARGUMENT" -> isAboutToken(error) ? new Answer.Foreign(reason) : new Answer.Refused(reason);
            default -> byStatus(response, attempt, now, reason);
        };
    }

    private static Answer byStatus(HttpsResult.Response response, Attempt attempt, Instant now, String reason) {
        int status = response.status();
        if (status == 401 || status == 403) {
            return new Answer.Unauthorized(reason);
        }
        if (status == 429) {
            return new Answer.RetryAfter(response.retryAfter(now, QUOTA_PAUSE), Answer.Scope.SERVICE, reason);
        }
        if (status >= 500) {
            Duration pause = attempt.request().rank() == PushRequest.Rank.CALL ? TROUBLE_PAUSE_OF_CALLS : TROUBLE_PAUSE;
            return new Answer.RetryAfter(response.retryAfter(now, pause), Answer.Scope.SERVICE, reason);
        }
        return new Answer.Refused(reason);
    }

    /** The code of FCM's own detail, else that of Google's frame, else the status. */
    private static String reason(JsonNode error, int status) {
        for (JsonNode detail : error.path("details")) {
            String code = detail.path("errorCode").stringValue("");
            if (isCode(code)) {
                return code;
            }
        }
        String code = error.path("status").stringValue("");
        return isCode(code) ? code : "status " + status;
    }

    private static boolean isCode(String text) {
        return text.matches("[A-Z_]{1,60}");
    }

    /** Everything else that is invalid may be our doing. */
    private static boolean isAboutToken(JsonNode error) {
        for (JsonNode detail : error.path("details")) {
            for (JsonNode violation : detail.path("fieldViolations")) {
                if (violation.path("field").stringValue("").equals("message.token")) {
                    return true;
                }
            }
        }
        return false;
    }

    private static JsonNode json(byte[] body) {
        try {
            return JsonMapper.shared().readTree(body);
        } catch (JacksonException e) {
            return JsonMapper.shared().createObjectNode();
        }
    }
}
