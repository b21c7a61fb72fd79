// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import java.time.Duration;
import java.time.Instant;

/** What became of one attempt. Reasons are words of the service or ours, for operators; no secret is in them. */
public sealed interface Answer {

    /**
     * The service has it; whether the device gets it nobody says.
     *
     * @param id what the service calls it
     */
    record Accepted(String id) implements Answer {}

    /**
     * The address reaches nobody any more. Forget it if it was registered before {@code since}; what was registered later is
     * another that only looks the same.
     *
     * @param since as the service says; where it does not, when the attempt began
     */
    record Gone(Instant since, String reason) implements Answer {}

    /**
     * The address belongs to another app or to the other environment. Dead for this profile; where the registration did not name
     * an environment, the other one was tried.
     */
    record Foreign(String reason) implements Answer {}

    /**
     * The service did not take it and says, or lets us guess, when to ask again. It did not arrive.
     *
     * @param after the least time to wait; for a call this may be longer than it rings
     * @param scope who has to wait
     */
    record RetryAfter(Duration after, Scope scope, String reason) implements Answer {}

    /** Who has to wait. */
    enum Scope {
        /** This address. */
        DEVICE,
        /** Everything through this app profile, or to this Web Push server. */
        SERVICE
    }

    /**
     * It was sent, and no answer came: it may have arrived or not. To be repeated with the same id and collapse, of a call once,
     * and not after it expired.
     */
    record Unanswered(String reason) implements Answer {}

    /** The service does not accept our keys. Nothing of this profile leaves until an operator acts; the address is innocent. */
    record Unauthorized(String reason) implements Answer {}

    /**
     * One server of many takes nothing of ours for this address: it does not like our signature, our clock, or the key of the
     * subscription; or its name leads where we do not go. To be tried again later, and to be counted against the address.
     */
    record Rejected(String reason) implements Answer {}

    /**
     * The payload is above what the service takes.
     *
     * @param limit in bytes, as the gateway knows it
     */
    record TooLarge(int limit) implements Answer {}

    /** The service does not take this notification and never will, or it is malformed. The address is innocent. */
    record Refused(String reason) implements Answer {}

    /** Nothing was sent, so that it may be repeated without a thought. */
    record NotSent(Why why, String reason) implements Answer {}

    /** Why nothing was sent. */
    enum Why {
        /** The time given was over before its turn came. */
        DEADLINE,
        /** {@link PushRequest#expires} has passed. */
        EXPIRED,
        /** Too much waits already. */
        QUEUE_FULL,
        /** No connection to the service: refused, no such name, no trust in its certificate, or a rest after failures. */
        UNREACHABLE,
        /** The server stops, or the app profile was taken out of the configuration. */
        CLOSED
    }
}
