// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.displayed;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.StanzaId;

/**
 * What an account has displayed, chat by chat (XEP-0490), for whoever keeps read positions in another way too. Found with
 * {@code Setup.require}; what runs in turns runs in those of the account.
 */
public interface DisplayedChats {
    /** Learns of each item that is published, in the turn that does. */
    interface Observer {
        /**
         * @param chat the address of one chat, however the item spells it; occupants of rooms are left out
         * @param upTo whatever a client wrote: of any archive, and not known to exist
         */
        void displayed(BareJid chat, StanzaId upTo, Turn turn);
    }

    /** While the server is built. */
    void observe(Observer observer);

    /**
     * The account has displayed a chat up to this message of its own archive. Publishes that, unless the chat's item says as much
     * already or is that of a room.
     *
     * @throws im.dunlin.core.stanza.StanzaException when the account has too many nodes or items; then no item has changed
     */
    void displayed(BareJid chat, StanzaId upTo, Turn turn);
}
