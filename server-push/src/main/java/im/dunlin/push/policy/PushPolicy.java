// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.policy;

import im.dunlin.push.policy.Decision.Kind;
import im.dunlin.push.policy.Decision.Reason;
import im.dunlin.push.registration.Filters;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Decides for one event and one device whether it is woken. A function of its arguments: it reads nothing and remembers nothing, so
 * that the same can be asked again when a wait is over, and explained afterwards. Nobody else decides.
 *
 * <pre>
 *            ACTIVE          INACTIVE        LATE       HIBERNATED        OFFLINE
 * message    after the ack   after the ack   at once    within a second   within a second
 * call       after the ack   at once         at once    at once           at once
 * call end   –               if it rang      if it rang if it rang, or missed
 * read       –               –               if shown   if shown          if shown
 * edit       –               –               if shown   if shown          if shown
 * </pre>
 *
 * "After the ack" is: not now, and again when the device has had the time to acknowledge and did not.
 */
public final class PushPolicy {
    /** Calls of one peer that wake an account in a minute, and in an hour. */
    static final int CALLS_A_MINUTE = 3;

    static final int CALLS_AN_HOUR = 10;

    /** How long messages of one conversation are gathered. */
    static final Duration GATHERED = Duration.ofSeconds(1);

    /** How long the device that is in a call has to take over one that continues it. */
    public static final Duration CONTINUED = Duration.ofSeconds(3);

    private final Duration messageAck;
    private final Duration callAck;

    /** @param messageAck how long a device may take to acknowledge a message @param callAck and a call */
    public PushPolicy(Duration messageAck, Duration callAck) {
        this.messageAck = messageAck;
        this.callAck = callAck;
    }

    public Decision decide(Event event, Situation now) {
        if (now.isBlocked()) {
            return Decision.nothing(Reason.BLOCKED);
        }
        if (event instanceof Event.Message message) {
            return message(message, now);
        }
        if (event instanceof Event.Edit edit) {
            return edit(edit, now);
        }
        if (event instanceof Event.Reaction) {
            return Decision.nothing(Reason.REACTION);
        }
        if (event instanceof Event.Call call) {
            return call(call, now);
        }
        if (event instanceof Event.CallEnd end) {
            return callEnd(end, now.state());
        }
        if (event instanceof Event.Read read) {
            return read(read, now.state());
        }
        return Decision.nothing(Reason.QUIET);
    }

    // ---- messages
    // ----------------------------------------------------------------------------------------------------

    private Decision message(Event.Message message, Situation now) {
        if (message.isRead()) {
            return Decision.nothing(Reason.READ);
        }
        Reason against = unwanted(message, now);
        if (against != null) {
            return Decision.nothing(against);
        }
        if (!now.state().isAttached() && !now.pause().isZero()) {
            return Decision.nothingYet(Reason.BUSY_ELSEWHERE, now.pause());
        }
        Kind kind = message.isMention() ? Kind.MENTION : Kind.MESSAGE;
        return switch (now.state()) {
            case ACTIVE, INACTIVE -> Decision.nothingYet(Reason.CONNECTED, messageAck);
            case LATE -> Decision.atOnce(kind, Reason.UNACKNOWLEDGED);
            case HIBERNATED, OFFLINE -> new Decision(kind, Reason.AWAY, GATHERED);
        };
    }

    /** Takes the place of what the device shows; one that is there sees it anyway, and one that showed nothing needs nothing. */
    private Decision edit(Event.Edit edit, Situation now) {
        if (now.state().isAttached()) {
            return Decision.nothing(Reason.CONNECTED);
        }
        return edit.wasPushed() ? message(edit.message(), now) : Decision.nothing(Reason.NOT_SHOWN);
    }

    /** The strictest of what the user said anywhere; null if nothing speaks against it. */
    private static @Nullable Reason unwanted(Event.Message message, Situation now) {
        Filters filters = now.filters();
        if (now.isMuted()) {
            return Reason.MUTED;
        }
        if (now.wanted() == Notify.NEVER) {
            return Reason.NEVER;
        }
        if (filters.muted().contains(message.peer())) {
            return Reason.FILTERED;
        }
        if (message.isStranger() && filters.ignoresStrangers()) {
            return Reason.STRANGER;
        }
        boolean onlyMentions =
                now.wanted() == Notify.ON_MENTION || filters.mentions().contains(message.peer());
        if (message.isGroup() && filters.rooms() != null) {
            Filters.Room room = filters.rooms().get(message.peer());
            if (room == null || room.allow() == Filters.Allow.NEVER) {
                return Reason.FILTERED;
            }
            onlyMentions |= room.allow() == Filters.Allow.MENTIONED;
        }
        return onlyMentions && !message.isMention() ? Reason.NO_MENTION : null;
    }

    // ---- calls
    // -------------------------------------------------------------------------------------------------------

    /** Who mutes a conversation still wants to be called; who wants nothing of a contact does not. */
    private Decision call(Event.Call call, Situation now) {
        if (call.wasPushed()) {
            return Decision.nothing(Reason.RANG_ALREADY);
        }
        if (now.wanted() == Notify.NEVER) {
            return Decision.nothing(Reason.NEVER);
        }
        if (call.isStranger() && now.strangers() != Situation.StrangersCalls.RING) {
            boolean isShown = now.strangers() == Situation.StrangersCalls.ALERT
                    && !now.filters().ignoresStrangers()
                    && !now.state().isAttached();
            return isShown ? Decision.atOnce(Kind.MESSAGE, Reason.STRANGER) : Decision.nothing(Reason.STRANGER);
        }
        if (call.isStranger() && now.filters().ignoresStrangers()) {
            return Decision.nothing(Reason.STRANGER);
        }
        if (call.lastMinute() >= CALLS_A_MINUTE || call.lastHour() >= CALLS_AN_HOUR) {
            return Decision.nothing(Reason.TOO_MANY_CALLS);
        }
        if (call.isOfFlood()) {
            return Decision.nothing(Reason.FLOOD_OF_CALLS);
        }
        if (call.isContinuation()) {
            return Decision.nothingYet(Reason.ANOTHERS_CALL, CONTINUED);
        }
        return switch (now.state()) {
            case ACTIVE -> Decision.nothingYet(Reason.CONNECTED, callAck);
            case INACTIVE -> Decision.atOnce(Kind.CALL, Reason.NOT_LOOKED_AT);
            case LATE -> Decision.atOnce(Kind.CALL, Reason.UNACKNOWLEDGED);
            case HIBERNATED, OFFLINE -> Decision.atOnce(Kind.CALL, Reason.AWAY);
        };
    }

    private static Decision callEnd(Event.CallEnd end, DeviceState state) {
        if (end.isOwnDoing()) {
            return Decision.nothing(Reason.OWN_DOING);
        }
        if (state == DeviceState.ACTIVE) {
            return Decision.nothing(Reason.CONNECTED);
        }
        if (end.wasPushed()) {
            return Decision.atOnce(Kind.CALL_END, away(state));
        }
        if (state.isAttached()) {
            return Decision.nothing(Reason.NEVER_RANG);
        }
        return end.isMissed() ? Decision.atOnce(Kind.CALL_END, away(state)) : Decision.nothing(Reason.NEVER_RANG);
    }

    // ---- what was read
    // -----------------------------------------------------------------------------------------------

    private static Decision read(Event.Read read, DeviceState state) {
        if (state.isAttached()) {
            return Decision.nothing(Reason.CONNECTED);
        }
        if (!read.takesAway()) {
            return Decision.nothing(Reason.TAKES_NOTHING_AWAY);
        }
        return read.wasPushed()
                ? new Decision(Kind.SILENT, away(state), GATHERED)
                : Decision.nothing(Reason.NOTHING_TO_TAKE_AWAY);
    }

    private static Reason away(DeviceState state) {
        return switch (state) {
            case ACTIVE, INACTIVE -> Reason.NOT_LOOKED_AT;
            case LATE -> Reason.UNACKNOWLEDGED;
            case HIBERNATED, OFFLINE -> Reason.AWAY;
        };
    }
}
