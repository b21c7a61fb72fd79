// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What is believed of a content type (threat H05). */
final class ContentTypes {
    static final String UNKNOWN = "application/octet-stream";

    private static final Pattern TYPE = Pattern.compile("[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}");

    /** Pictures that hold no scripts; SVG does. */
    private static final List<String> IMAGES = List.of(
            "image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp", "image/heic", "image/jxl");

    private ContentTypes() {}

    /** The type without parameters, in lower case; one that is none becomes {@link #UNKNOWN}. */
    static String of(String declared) {
        String type = declared.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return TYPE.matcher(type).matches() ? type : UNKNOWN;
    }

    /** Whether a browser may show it in its place. */
    static boolean isMedia(String type) {
        return IMAGES.contains(type) || type.startsWith("audio/") || type.startsWith("video/");
    }

    /** Whether one of the patterns, such as {@code image/*}, allows the type; without patterns every type is allowed. */
    static boolean isAllowed(String type, List<String> patterns) {
        return patterns.isEmpty()
                || patterns.stream()
                        .anyMatch(pattern -> pattern.endsWith("/*")
                                ? type.startsWith(pattern.substring(0, pattern.length() - 1))
                                : type.equals(pattern));
    }
}
