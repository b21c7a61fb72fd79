// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;

/** One request to a command. */
public interface CommandCall {
    Iq iq();

    /** Who asks, as a full JID if it is a client. */
    Jid asker();

    /** The host of the server, service or account that is asked. */
    String host();

    /** Answers after the turn of the request; in a turn of the same owner, at most once. */
    void answer(CommandStep step, Turn turn);

    /** Refuses after the turn of the request; the form that was sent may be sent again, with something else in it. */
    void refuse(StanzaError error, Turn turn);
}
