// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

/** The nine states between a user and a contact, seen from the user (RFC 6121 Appendix A.1). */
public enum SubscriptionState {
    NONE(false, false, false, false),
    NONE_PENDING_OUT(false, false, true, false),
    NONE_PENDING_IN(false, false, false, true),
    NONE_PENDING_OUT_IN(false, false, true, true),
    TO(true, false, false, false),
    TO_PENDING_IN(true, false, false, true),
    FROM(false, true, false, false),
    FROM_PENDING_OUT(false, true, true, false),
    BOTH(true, true, false, false);

    private final boolean to;
    private final boolean from;
    private final boolean pendingOut;
    private final boolean pendingIn;

    SubscriptionState(boolean to, boolean from, boolean pendingOut, boolean pendingIn) {
        this.to = to;
        this.from = from;
        this.pendingOut = pendingOut;
        this.pendingIn = pendingIn;
    }

    /** The state of these four facts; a request that is granted already waits no more. */
    static SubscriptionState of(boolean to, boolean from, boolean pendingOut, boolean pendingIn) {
        for (SubscriptionState state : values()) {
            if (state.to == to
                    && state.from == from
                    && state.pendingOut == (pendingOut && !to)
                    && state.pendingIn == (pendingIn && !from)) {
                return state;
            }
        }
        throw new AssertionError("the nine states are all combinations");
    }

    /** The user gets the contact's presence. */
    public boolean isTo() {
        return to;
    }

    /** The contact gets the user's presence. */
    public boolean isFrom() {
        return from;
    }

    /** The user has asked for the contact's presence. */
    public boolean isPendingOut() {
        return pendingOut;
    }

    /** The contact has asked for the user's presence. */
    public boolean isPendingIn() {
        return pendingIn;
    }

    /** The value of {@code subscription} in a roster item (RFC 6121 §2.1.2.5). */
    public String wire() {
        if (to) {
            return from ? "both" : "to";
        }
        return from ? "from" : "none";
    }
}
