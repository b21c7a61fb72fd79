// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.stanza.Presence;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.OwnerKey;
import im.dunlin.storage.Reader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What other modules may know of the roster of a turn's account. Each method reads one row; the lists are kept in memory.
 */
public interface RosterView {
    /** The item of this contact; null if it is not in the roster. */
    @Nullable
    RosterItem item(BareJid contact, Turn turn);

    /** How many contacts there are. */
    int size(Turn turn);

    SubscriptionState state(BareJid contact, Turn turn);

    /** Whether this contact gets the account's presence; true for the account itself. */
    boolean sendsPresenceTo(BareJid contact, Turn turn);

    /** Whether the account gets this contact's presence; true for the account itself. */
    boolean getsPresenceFrom(BareJid contact, Turn turn);

    /** Contacts that get the account's presence. */
    List<BareJid> subscribers(Turn turn);

    /** Contacts whose presence the account gets. */
    List<BareJid> subscriptions(Turn turn);

    /** The request of a contact that waits for the user's answer, as it is shown; on a snapshot or in a turn. Any thread. */
    @Nullable
    Presence request(BareJid contact, BareJid account, OwnerKey rows, Reader reader);

    /** Tells a module of requests that come and go. While the server is built. */
    void follow(RequestListener listener);

    /** Follows which requests wait for the user's answer, in the turn that changes it. */
    interface RequestListener {
        /** A new one, or one that says something else than before. @param stamp the account's clock when it came */
        void asked(BareJid contact, long stamp, Turn turn);

        /** It was answered, taken back or crowded out. */
        void answered(BareJid contact, Turn turn);
    }

    /**
     * Asks for a contact's presence and grants it the account's in advance, as a client does that was told to (RFC 6121 §3.4).
     *
     * @param word goes along with the request
     */
    void befriend(BareJid contact, Element word, Turn turn);

    /** Lets a module answer requests for the user. While the server is built. */
    void approveBy(Approver approver);

    /** Asked about a request that the user has not answered yet. */
    @FunctionalInterface
    interface Approver {
        /** @return whether the user wants the contact: the request is granted then, and the contact is asked as well */
        boolean approves(BareJid contact, Presence request, Turn turn);
    }

    /** Tells a module of contacts that begin or cease to get the account's presence. While the server is built. */
    void follow(SubscriberListener listener);

    /** Follows who gets the account's presence, and stands in which groups, in the turn that changes it. */
    interface SubscriberListener {
        /** Gets it from now on; the approval is on its way. */
        void added(BareJid subscriber, Turn turn);

        /** Gets it no longer; what the listener sends arrives before the cancellation (RFC 6121 §3.2.2). */
        void leaving(BareJid subscriber, Turn turn);

        /** Its item has changed, perhaps its groups. */
        default void changed(BareJid contact, Turn turn) {}
    }
}
