// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Stanza;
import java.util.List;

/** Decides when a stanza may go to a session (XEP-0352). Called on the account's lane, in the order of sending. */
public interface SendGate {
    /** @return what goes out now, in order: nothing, the stanza, or what was held before and then the stanza */
    List<Stanza> pass(ClientSession session, Stanza stanza);

    /** Gives up what was held back, in order, because the server stops and keeps the session for the next start. */
    List<Stanza> release(ClientSession session);
}
