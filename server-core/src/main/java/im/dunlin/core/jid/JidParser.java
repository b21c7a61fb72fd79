// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

/** Cuts an address into its parts and prepares each (RFC 7622 section 3.1). */
final class JidParser {
    /** Three parts of 1,023 bytes and two separators; no character is less than one byte. */
    private static final int MAX_LENGTH = 3 * Precis.MAX_PART_BYTES + 2;

    private JidParser() {}

    static Jid parse(String text) throws JidException {
        if (text.length() > MAX_LENGTH) {
            throw new JidException("longer than " + MAX_LENGTH + " bytes");
        }
        // The first slash ends the domain, whatever the resource contains; the first at sign before it ends
        // the localpart.
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        int at = address.indexOf('@');
        BareJid bare = BareJid.of(at < 0 ? null : address.substring(0, at), address.substring(at + 1));
        return slash < 0 ? bare : bare.withResource(text.substring(slash + 1));
    }

    static Jid prepared(String text) {
        int slash = text.indexOf('/');
        String address = slash < 0 ? text : text.substring(0, slash);
        int at = address.indexOf('@');
        BareJid bare = new BareJid(at < 0 ? null : address.substring(0, at), address.substring(at + 1));
        return slash < 0 ? bare : new FullJid(bare, text.substring(slash + 1));
    }
}
