// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import im.dunlin.push.registration.Filters;
import java.time.Duration;

/**
 * How things are between an account, one device and one peer when something happens.
 *
 * @param isBlocked the account has blocked the peer
 * @param isMuted the conversation is muted on all devices, for a time or for good
 * @param wanted what the user chose for the chat, or what is usual for its kind
 * @param filters what the device's client listed
 * @param strangers what a call by somebody unknown does
 * @param pause how much longer the device is not woken for messages, since its user is busy on another
 */
public record Situation(
        DeviceState state,
        boolean isBlocked,
        boolean isMuted,
        Notify wanted,
        Filters filters,
        StrangersCalls strangers,
        Duration pause) {

    /** What a call by somebody who is not in the roster does. */
    public enum StrangersCalls {
        /** Shows that somebody called. */
        ALERT,
        NOTHING,
        RING
    }
}
