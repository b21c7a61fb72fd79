// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For Google's service: data only, so that the app decrypts before anything is shown.
 *
 * @param data in the order in which it is written
 * @param isHigh wakes a device that dozes
 * @param collapseKey what the push takes the place of
 */
public record FcmPush(
        NoticeClass noticeClass,
        Map<String, String> data,
        boolean isHigh,
        Instant expires,
        @Nullable String collapseKey)
        implements EncodedPush {
    public FcmPush {
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
    }
}
