// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;

/** Who may act as whom: everyone as themselves, nobody as anybody else. The one rule for all mechanisms. */
final class Authzid {
    private Authzid() {}

    /** @param authzid what the client asked to act as; empty if it did not ask */
    static boolean permits(String authzid, BareJid account) {
        if (authzid.isEmpty()) {
            return true;
        }
        try {
            return BareJid.parse(authzid).equals(account);
        } catch (JidException e) {
            return false;
        }
    }
}
