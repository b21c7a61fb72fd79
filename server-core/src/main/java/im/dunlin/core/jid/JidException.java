// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.jid;

/** Text that is not an XMPP address. Checked: whoever parses a peer's text says what follows. */
public final class JidException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The message says which rule is broken and never repeats the text. */
    public JidException(String rule) {
        super(rule, null, false, false);
    }
}
