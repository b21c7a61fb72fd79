// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.log;

import im.dunlin.core.lane.Turn;

/** Learns of each change of a conversation that views show, in the turn that makes it ({@link ConversationLog#observe}). */
@FunctionalInterface
public interface ChangeObserver {
    /** Why a conversation changed. */
    enum Cause {
        /** It got a message. */
        MESSAGE,
        /** Somebody read or received something, as a message said. */
        POSITION,
        /** The account has read something, and no message told its devices (XEP-0490). */
        READ,
        /** It was archived, deleted, pinned, muted, or is back. */
        STATE,
        /** An entry was edited or retracted. */
        REWRITE,
        /** A call began or ended. */
        CALL,
        /** Its peer asked to subscribe, or was answered. */
        SUBSCRIPTION,
        /** Old entries went. */
        PRUNED
    }

    /**
     * May read, and send; a change of the same conversation from here is a mistake of ours.
     *
     * @param head as it is now, with a new change stamp
     */
    void changed(Turn turn, ConversationKey key, ConversationHead head, Cause cause);
}
