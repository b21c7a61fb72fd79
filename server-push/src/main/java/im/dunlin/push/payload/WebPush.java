// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * For a Web Push service (RFC 8030), UnifiedPush included.
 *
 * @param body in the content coding {@code aes128gcm}
 * @param topic what the push takes the place of while it waits; at most 32 characters of base64url
 */
public record WebPush(
        NoticeClass noticeClass,
        byte[] body,
        Urgency urgency,
        Instant expires,
        @Nullable String topic) implements EncodedPush {

    /** RFC 8030 section 5.3. */
    public enum Urgency {
        LOW,
        NORMAL,
        HIGH;

        /** The value of the header {@code Urgency}. */
        public String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
