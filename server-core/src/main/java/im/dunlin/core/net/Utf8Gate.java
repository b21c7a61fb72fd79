// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.xml.XmlText;

/**
 * Lets only complete characters that XML allows through to the parser.
 *
 * <p>Aalto decodes overlong forms and code points that do not exist, and corrupts a character that is cut
 * between two pieces of input (threats-and-faults A1, A2): so what a stanza means would depend on how TCP
 * cut it, and two parsers could see different stanzas.
 */
final class Utf8Gate {
    private int passed;
    private boolean refused;

    /** Looks at the bytes from the beginning of a character on. */
    void check(byte[] bytes, int from, int to) {
        int checked = XmlText.check(bytes, from, to);
        refused = checked < 0;
        passed = refused ? ~checked : checked;
    }

    /** Where the bytes end that may be parsed; what follows is cut, or wrong if {@link #refused}. */
    int passed() {
        return passed;
    }

    /** True if the byte at {@link #passed} begins something that is no XML character in UTF-8. */
    boolean refused() {
        return refused;
    }
}
