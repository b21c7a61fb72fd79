// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import java.time.Duration;

/**
 * What becomes of an event for one device.
 *
 * @param kind what wakes it
 * @param reason why, for whoever asks later
 * @param delay until it is sent; of nothing, until it is decided again with what is known by then, zero for never
 */
public record Decision(Kind kind, Reason reason, Duration delay) {
    /** What wakes a device. */
    public enum Kind {
        NOTHING,
        /** Updates what is shown, and shows nothing. */
        SILENT,
        MESSAGE,
        MENTION,
        CALL,
        CALL_END
    }

    /** Why. */
    public enum Reason {
        AWAY("the device is not connected"),
        UNACKNOWLEDGED("the device does not acknowledge what it is sent"),
        NOT_LOOKED_AT("nobody looks at the device, and calls do not wait"),
        CONNECTED("the device is connected and shows it by itself"),
        BLOCKED("the account has blocked the sender"),
        BUSY_ELSEWHERE("the user is busy on another device, and the client wants to wait"),
        QUIET("it is nothing to wake anybody for"),
        READ("another device has displayed it"),
        MUTED("the conversation is muted"),
        NEVER("the user wants nothing of this chat"),
        NO_MENTION("the user wants mentions alone of this chat"),
        FILTERED("the device's client filters the sender"),
        STRANGER("the sender is not in the roster"),
        ANOTHERS_CALL("another device goes on with the call"),
        RANG_ALREADY("the device was woken for this call"),
        TOO_MANY_CALLS("the peer calls too often"),
        FLOOD_OF_CALLS("calls of the peer's server wake too many"),
        NEVER_RANG("the device was not woken for this call"),
        OWN_DOING("the device itself did it"),
        NOTHING_TO_TAKE_AWAY("the device shows nothing of it"),
        TAKES_NOTHING_AWAY("its app takes nothing away"),
        REACTION("reactions wake nobody"),
        NOT_SHOWN("the device does not show what was edited");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** In words. */
        public String text() {
            return text;
        }
    }

    static Decision nothing(Reason reason) {
        return new Decision(Kind.NOTHING, reason, Duration.ZERO);
    }

    static Decision nothingYet(Reason reason, Duration delay) {
        return new Decision(Kind.NOTHING, reason, delay);
    }

    public static Decision atOnce(Kind kind, Reason reason) {
        return new Decision(kind, reason, Duration.ZERO);
    }

    public boolean wakes() {
        return kind != Kind.NOTHING;
    }

    /** Whether it has to be decided again after {@link #delay}. */
    public boolean isOpen() {
        return kind == Kind.NOTHING && !delay.isZero();
    }

    /** Whether that is so whatever the device does meanwhile. */
    public boolean isPostponed() {
        return isOpen() && reason == Reason.BUSY_ELSEWHERE;
    }
}
