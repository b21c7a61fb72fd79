// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import im.dunlin.core.jid.BareJid;

/** Something that happened to an account, as far as it matters to whether a device is woken for it. */
public sealed interface Event {
    /**
     * Something to read.
     *
     * @param peer the contact or the group
     * @param isMention it names the user, or answers what the user wrote
     * @param isStranger its sender is not in the roster; false for groups
     * @param isRead another device of the account has displayed it
     */
    record Message(BareJid peer, boolean isGroup, boolean isMention, boolean isStranger, boolean isRead)
            implements Event {}

    /**
     * Something to read is another than it was.
     *
     * @param message as it is now
     * @param wasPushed the device was woken for it a moment ago, and shows how it was
     */
    record Edit(Message message, boolean wasPushed) implements Event {}

    /** Somebody reacted to a message. */
    record Reaction() implements Event {}

    /**
     * Somebody calls, and it rings still.
     *
     * @param isContinuation it may go on as a call that another device has; others should not ring for it
     * @param wasPushed this device was woken for it already
     * @param lastMinute calls of the same peer that woke this account within a minute, this one not among them
     * @param lastHour and within an hour
     * @param isOfFlood the peer's server has woken more devices of this host by calls than one may
     */
    record Call(
            BareJid peer,
            boolean isStranger,
            boolean isContinuation,
            boolean wasPushed,
            int lastMinute,
            int lastHour,
            boolean isOfFlood)
            implements Event {}

    /**
     * It rings no more.
     *
     * @param isMissed nobody of the account took note of it
     * @param wasPushed this device was woken for it
     * @param isOwnDoing this device answered or declined it
     */
    record CallEnd(boolean isMissed, boolean wasPushed, boolean isOwnDoing) implements Event {}

    /**
     * Another device of the account has displayed something, or its author has taken it back.
     *
     * @param wasPushed this device was woken for some of it
     * @param takesAway the app can take a notification away
     */
    record Read(boolean wasPushed, boolean takesAway) implements Event {}

    /** Nothing that a person waits for: states, receipts, copies of own messages, news without text, errors. */
    record Quiet() implements Event {}
}
