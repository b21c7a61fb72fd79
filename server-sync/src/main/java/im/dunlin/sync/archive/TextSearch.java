// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.xml.Element;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a message has to say: all of these words, in any order, as parts of others too, in capitals or not.
 *
 * @param words in small letters
 */
record TextSearch(List<String> words) {
    private static final int MAX_LENGTH = 256;

    /** @return null for what any message says */
    static @Nullable TextSearch parse(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return null;
        }
        if (text.length() > MAX_LENGTH) {
            throw StanzaError.badRequest("at most " + MAX_LENGTH + " characters are looked for")
                    .toException();
        }
        return new TextSearch(List.of(text.strip().toLowerCase(Locale.ROOT).split("\\s+")));
    }

    boolean isIn(Message message) {
        for (Element body : message.payload().all(Message.BODY)) {
            String text = body.text().toLowerCase(Locale.ROOT);
            if (words.stream().allMatch(text::contains)) {
                return true;
            }
        }
        return false;
    }
}
