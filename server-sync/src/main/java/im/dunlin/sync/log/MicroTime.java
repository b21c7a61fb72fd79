// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as Xabber's clients read them: UTC with six digits of a second, always. */
public final class MicroTime {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private MicroTime() {}

    public static String format(Instant time) {
        return FORMAT.format(time);
    }
}
