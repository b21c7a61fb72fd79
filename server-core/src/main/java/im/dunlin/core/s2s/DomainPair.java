// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;

/** A domain of ours and one of another server: what a stream, and each authentication on it, is for. */
record DomainPair(String local, String remote) {
    Jid localAddress() {
        return BareJid.ofDomain(local);
    }

    Jid remoteAddress() {
        return BareJid.ofDomain(remote);
    }

    @Override
    public String toString() {
        return local + " and " + remote;
    }
}
