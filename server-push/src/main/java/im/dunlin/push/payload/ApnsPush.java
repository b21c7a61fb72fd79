// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * For Apple's service.
 *
 * @param payload JSON
 * @param priority 10, or 5 for what may wait
 * @param collapseId what the push takes the place of; at most 64 bytes
 */
public record ApnsPush(
        NoticeClass noticeClass,
        Type type,
        byte[] payload,
        int priority,
        Instant expires,
        @Nullable String collapseId) implements EncodedPush {

    /** Decides token and topic as well: only {@link #VOIP} goes to the token for calls. */
    public enum Type {
        ALERT("alert"),
        BACKGROUND("background"),
        VOIP("voip");

        private final String wire;

        Type(String wire) {
            this.wire = wire;
        }

        /** The value of {@code apns-push-type}. */
        public String wire() {
            return wire;
        }
    }
}
