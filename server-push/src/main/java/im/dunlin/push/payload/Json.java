// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Text of peers in JSON, which never becomes anything but text there. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private static final char REPLACEMENT = '\uFFFD';

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** In UTF-8, without a space. */
    static byte[] bytes(ObjectNode object) {
        return MAPPER.writeValueAsBytes(object);
    }

    /** The text with half surrogate pairs replaced, which are no characters and have no UTF-8. */
    static String clean(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                clean = clean == null ? new StringBuilder(text) : clean;
                clean.setCharAt(i, REPLACEMENT);
            }
        }
        return clean == null ? text : clean.toString();
    }
}
