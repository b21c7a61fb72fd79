// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** What became of a request. */
public sealed interface HttpsResult {

    /**
     * The server answered.
     *
     * @param body its beginning, a few KiB at most
     */
    record Response(int status, HttpHeaders headers, byte[] body) implements HttpsResult {
        private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

        public boolean isSuccess() {
            return status >= 200 && status < 300;
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** The header Retry-After, in seconds or as a date (RFC 9110 §10.2.3); at least a second, at most a day. */
        public Duration retryAfter(Instant now, Duration otherwise) {
            String value = headers.get("retry-after");
            if (value == null) {
                return otherwise;
            }
            Duration pause;
            try {
                String text = value.strip();
                pause = text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9')
                        ? Duration.ofSeconds(Long.parseLong(text))
                        : Duration.between(
                                now,
                                ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                        .toInstant());
            } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
                return otherwise;
            }
            if (pause.compareTo(Duration.ofSeconds(1)) < 0) {
                return Duration.ofSeconds(1);
            }
            return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }
    }

    /** No connection: nothing was sent. */
    record NoConnection(String reason) implements HttpsResult {}

    /** The name leads to no address that may be connected to: nothing was sent. */
    record Forbidden(String reason) implements HttpsResult {}

    /** The request was written, at least in part, and no answer came. */
    record Lost(String reason) implements HttpsResult {}
}
