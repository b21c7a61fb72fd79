// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.roster;

import static im.dunlin.core.modules.roster.SubscriptionState.BOTH;
import static im.dunlin.core.modules.roster.SubscriptionState.FROM;
import static im.dunlin.core.modules.roster.SubscriptionState.FROM_PENDING_OUT;
import static im.dunlin.core.modules.roster.SubscriptionState.NONE;
import static im.dunlin.core.modules.roster.SubscriptionState.NONE_PENDING_IN;
import static im.dunlin.core.modules.roster.SubscriptionState.NONE_PENDING_OUT;
import static im.dunlin.core.modules.roster.SubscriptionState.NONE_PENDING_OUT_IN;
import static im.dunlin.core.modules.roster.SubscriptionState.TO;
import static im.dunlin.core.modules.roster.SubscriptionState.TO_PENDING_IN;
import static im.dunlin.core.stanza.Presence.Type.SUBSCRIBE;
import static im.dunlin.core.stanza.Presence.Type.SUBSCRIBED;
import static im.dunlin.core.stanza.Presence.Type.UNSUBSCRIBE;
import static im.dunlin.core.stanza.Presence.Type.UNSUBSCRIBED;

import im.dunlin.core.stanza.Presence;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * RFC 6121 Appendix A.2 and A.3: what each subscription stanza does in each state, for the user whose server this is.
 * Pre-approval (§3.4) and automatic answers are not in these tables, in the RFC neither: {@link Subscriptions} has them.
 */
final class SubscriptionTable {
    /**
     * @param passes outbound: the stanza is routed to the contact; inbound: it is delivered to the user
     * @param after the same as before where nothing changes
     */
    record Transition(boolean passes, SubscriptionState after) {}

    private static final Map<Presence.Type, Map<SubscriptionState, Transition>> OUTBOUND = Map.of(
            // A.2.1
            SUBSCRIBE,
            new Rows()
                    .passes(NONE, NONE_PENDING_OUT)
                    .passes(NONE_PENDING_OUT)
                    .passes(NONE_PENDING_IN, NONE_PENDING_OUT_IN)
                    .passes(NONE_PENDING_OUT_IN)
                    .passes(TO)
                    .passes(TO_PENDING_IN)
                    .passes(FROM, FROM_PENDING_OUT)
                    .passes(FROM_PENDING_OUT)
                    .passes(BOTH)
                    .rows(),
            // A.2.2
            UNSUBSCRIBE,
            new Rows()
                    .passes(NONE)
                    .passes(NONE_PENDING_OUT, NONE)
                    .passes(NONE_PENDING_IN)
                    .passes(NONE_PENDING_OUT_IN, NONE_PENDING_IN)
                    .passes(TO, NONE)
                    .passes(TO_PENDING_IN, NONE_PENDING_IN)
                    .passes(FROM)
                    .passes(FROM_PENDING_OUT, FROM)
                    .passes(BOTH, FROM)
                    .rows(),
            // A.2.3
            SUBSCRIBED,
            new Rows()
                    .stays(NONE)
                    .stays(NONE_PENDING_OUT)
                    .passes(NONE_PENDING_IN, FROM)
                    .passes(NONE_PENDING_OUT_IN, FROM_PENDING_OUT)
                    .stays(TO)
                    .passes(TO_PENDING_IN, BOTH)
                    .stays(FROM)
                    .stays(FROM_PENDING_OUT)
                    .stays(BOTH)
                    .rows(),
            // A.2.4
            UNSUBSCRIBED,
            new Rows()
                    .stays(NONE)
                    .stays(NONE_PENDING_OUT)
                    .passes(NONE_PENDING_IN, NONE)
                    .passes(NONE_PENDING_OUT_IN, NONE_PENDING_OUT)
                    .stays(TO)
                    .passes(TO_PENDING_IN, TO)
                    .passes(FROM, NONE)
                    .passes(FROM_PENDING_OUT, NONE_PENDING_OUT)
                    .passes(BOTH, TO)
                    .rows());

    private static final Map<Presence.Type, Map<SubscriptionState, Transition>> INBOUND = Map.of(
            // A.3.1
            SUBSCRIBE,
            new Rows()
                    .passes(NONE, NONE_PENDING_IN)
                    .passes(NONE_PENDING_OUT, NONE_PENDING_OUT_IN)
                    .stays(NONE_PENDING_IN)
                    .stays(NONE_PENDING_OUT_IN)
                    .passes(TO, TO_PENDING_IN)
                    .stays(TO_PENDING_IN)
                    .stays(FROM)
                    .stays(FROM_PENDING_OUT)
                    .stays(BOTH)
                    .rows(),
            // A.3.2
            UNSUBSCRIBE,
            new Rows()
                    .stays(NONE)
                    .stays(NONE_PENDING_OUT)
                    .passes(NONE_PENDING_IN, NONE)
                    .passes(NONE_PENDING_OUT_IN, NONE_PENDING_OUT)
                    .stays(TO)
                    .passes(TO_PENDING_IN, TO)
                    .passes(FROM, NONE)
                    .passes(FROM_PENDING_OUT, NONE_PENDING_OUT)
                    .passes(BOTH, TO)
                    .rows(),
            // A.3.3
            SUBSCRIBED,
            new Rows()
                    .stays(NONE)
                    .passes(NONE_PENDING_OUT, TO)
                    .stays(NONE_PENDING_IN)
                    .passes(NONE_PENDING_OUT_IN, TO_PENDING_IN)
                    .stays(TO)
                    .stays(TO_PENDING_IN)
                    .stays(FROM)
                    .passes(FROM_PENDING_OUT, BOTH)
                    .stays(BOTH)
                    .rows(),
            // A.3.4
            UNSUBSCRIBED,
            new Rows()
                    .stays(NONE)
                    .passes(NONE_PENDING_OUT, NONE)
                    .stays(NONE_PENDING_IN)
                    .passes(NONE_PENDING_OUT_IN, NONE_PENDING_IN)
                    .passes(TO, NONE)
                    .passes(TO_PENDING_IN, NONE_PENDING_IN)
                    .stays(FROM)
                    .passes(FROM_PENDING_OUT, FROM)
                    .passes(BOTH, FROM)
                    .rows());

    private SubscriptionTable() {}

    /** @param type one of the four that {@link Presence.Type#isSubscription} names */
    static Transition outbound(Presence.Type type, SubscriptionState before) {
        return look(OUTBOUND, type, before);
    }

    static Transition inbound(Presence.Type type, SubscriptionState before) {
        return look(INBOUND, type, before);
    }

    private static Transition look(
            Map<Presence.Type, Map<SubscriptionState, Transition>> tables,
            Presence.Type type,
            SubscriptionState before) {
        return Objects.requireNonNull(Objects.requireNonNull(tables.get(type)).get(before));
    }

    private static final class Rows {
        private final Map<SubscriptionState, Transition> rows = new EnumMap<>(SubscriptionState.class);

        Rows passes(SubscriptionState before, SubscriptionState after) {
            rows.put(before, new Transition(true, after));
            return this;
        }

        Rows passes(SubscriptionState state) {
            return passes(state, state);
        }

        /** Neither passes nor changes anything. */
        Rows stays(SubscriptionState state) {
            rows.put(state, new Transition(false, state));
            return this;
        }

        Map<SubscriptionState, Transition> rows() {
            return rows;
        }
    }
}
