// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of a file (RFC 9110 §14).
 *
 * @param first byte
 * @param length of the part; 0 if the file has no such part
 */
record ByteRange(long first, long length) {
    private static final Pattern ONE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

    /** @return null for what is no single range: then the whole file is the answer */
    static @Nullable ByteRange parse(@Nullable String header, long size) {
        Matcher range = ONE.matcher(header == null ? "" : header.strip());
        if (!range.matches()) {
            return null;
        }
        String from = range.group(1);
        String to = range.group(2);
        if (from.isEmpty()) {
            if (to.isEmpty()) {
                return null;
            }
            long last = Math.min(size, Long.parseLong(to));
            return new ByteRange(size - last, last);
        }
        long first = Long.parseLong(from);
        long end = to.isEmpty() ? size - 1 : Math.min(size - 1, Long.parseLong(to));
        if (!to.isEmpty() && Long.parseLong(to) < first) {
            return null;
        }
        return new ByteRange(first, Math.max(0, end - first + 1));
    }
}
