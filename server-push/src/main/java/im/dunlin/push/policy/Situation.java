// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import im.dunlin.push.registration.Filters;

/**
 * How things are between an account, one device and one peer when something happens.
 *
 * @param isBlocked the account has blocked the peer
 * @param isMuted the conversation is muted on all devices, for a time or for good
 * @param wanted what the user chose for the chat, or what is usual for its kind
 * @param filters what the device's client listed
 * @param strangers what a call by somebody unknown does
 */
public record Situation(
        DeviceState state,
        boolean isBlocked,
        boolean isMuted,
        Notify wanted,
        Filters filters,
        StrangersCalls strangers) {

    /** What a call by somebody who is not in the roster does. */
    public enum StrangersCalls {
        /** Shows that somebody called. */
        ALERT,
        NOTHING,
        RING
    }
}
