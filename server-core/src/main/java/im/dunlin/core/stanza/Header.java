// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stanza;

import im.dunlin.core.jid.Jid;
import org.jspecify.annotations.Nullable;

/**
 * What routing needs of a stanza (RFC 6120 section 8.1).
 *
 * @param lang the stanza's {@code xml:lang}; at parse the one inherited from the stream, if any
 */
public record Header(
        @Nullable Jid to,
        @Nullable Jid from,
        @Nullable String id,
        @Nullable String lang) {
    public static final Header EMPTY = new Header(null, null, null, null);

    public static Header to(@Nullable Jid to) {
        return new Header(to, null, null, null);
    }

    public Header withTo(@Nullable Jid to) {
        return new Header(to, from, id, lang);
    }

    public Header withFrom(@Nullable Jid from) {
        return new Header(to, from, id, lang);
    }

    public Header withId(@Nullable String id) {
        return new Header(to, from, id, lang);
    }

    public Header withLang(@Nullable String lang) {
        return new Header(to, from, id, lang);
    }

    /** The header of an answer: the other way round, with the same id. */
    public Header answer() {
        return new Header(from, to, id, null);
    }
}
