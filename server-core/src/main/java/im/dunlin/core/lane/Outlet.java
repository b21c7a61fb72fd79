// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stanza.Stanza;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where stanzas go when they leave a turn, and who handles them where they arrive; implemented by {@code dispatch}. */
public interface Outlet {
    /** The local owner, existing or not, that handles stanzas to this address; null if the address is not ours. */
    @Nullable
    BareJid localOwner(Jid to);

    /** Handles a stanza of another owner, in a turn of the owner that {@link #localOwner} named. */
    void receive(Turn turn, Stanza stanza);

    /** A stanza was routed to an address that is not ours and cannot be reached; answers it where it may be answered. */
    void unreachable(Turn turn, Stanza stanza);

    /** Whether a stanza with these addresses, of which the second is not ours, goes to another server. */
    boolean isElsewhere(@Nullable Jid from, Jid to);

    /** Sends a stanza to another server. Any thread; only posts work. */
    void depart(Departure departure);

    /** Whether a stanza for this session must wait (XEP-0352); asked in the order of sending, when the turn succeeded. */
    List<Stanza> gate(ClientSession session, Stanza stanza);

    /** A durable timer is due, in a turn of its owner. */
    void due(Turn turn, String kind, byte[] data);

    /** A durable question is answered, or not in time, in a turn of its owner. */
    void answered(Turn turn, String kind, byte[] data, im.dunlin.core.stanza.@Nullable Iq answer);

    /** An account was made, in the turn that makes it. */
    void accountCreated(Turn turn);

    /** An account goes, in the turn that removes it, while it still has everything. */
    void accountRemoved(Turn turn);

    /** The turn of a session's stanza is about to write what it has changed; adds to it. */
    void recording(Turn turn, ClientSession origin);

    /** A session was unbound for good, with what it never acknowledged; the account may be gone. */
    void unbound(Turn turn, ClientSession session, List<Stanza> unacknowledged);
}
