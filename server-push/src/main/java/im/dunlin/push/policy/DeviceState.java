// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

/** How far a device is from its account. */
public enum DeviceState {
    /** Connected, and somebody looks at it. */
    ACTIVE,
    /** Connected, and its client says that nobody looks (XEP-0352). */
    INACTIVE,
    /** Connected as far as the server knows, but it owes an acknowledgement for too long. */
    LATE,
    /** Its session waits to be resumed (XEP-0198). */
    HIBERNATED,
    /** It has no session. */
    OFFLINE;

    /** Whether it shows by itself what it is sent. */
    boolean isAttached() {
        return this == ACTIVE || this == INACTIVE;
    }
}
