// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import org.jspecify.annotations.Nullable;

/** The id of an archived message on the wire: the account's clock when it was archived, as 16 decimal digits. */
public final class ArchiveId {
    private static final int DIGITS = 16;

    private ArchiveId() {}

    public static String format(long id) {
        String digits = Long.toString(id);
        return "0".repeat(Math.max(0, DIGITS - digits.length())) + digits;
    }

    /** The id that this text is; null for text that {@link #format} does not make. */
    public static @Nullable Long parse(@Nullable String text) {
        if (text == null || text.length() != DIGITS) {
            return null;
        }
        long id = 0;
        for (int i = 0; i < DIGITS; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return null;
            }
            id = id * 10 + digit;
        }
        return id;
    }
}
