// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.sync.calls.Call.Reason;
import im.dunlin.sync.calls.Call.State;
import org.jspecify.annotations.Nullable;

/**
 * How calls go on. One table for both sides: what counts is whether the caller or the called account says it.
 *
 * <pre>
 *               PROPOSED   RINGING    ANSWERED
 * RINGING       RINGING    –          –
 * ANSWER        ANSWERED   ANSWERED   –
 * DECLINE       rejected   rejected   finished
 * CANCEL        retracted  retracted  finished
 * MIGRATION     migrated   migrated   migrated
 * TIE_BREAK     tie-break  tie-break  –
 * TIMEOUT       timeout    timeout    –
 * LOSS          –          –          lost
 * BLOCK         blocked    blocked    blocked
 * </pre>
 *
 * What has ended stays ended.
 */
final class CallTransitions {
    enum Event {
        RINGING,
        ANSWER,
        DECLINE,
        CANCEL,
        MIGRATION,
        TIE_BREAK,
        /** The offer has rung for long enough. */
        TIMEOUT,
        /** A device is gone, or too much time has passed without a word. */
        LOSS,
        /** The account blocked the peer. */
        BLOCK
    }

    /** @param reason exactly if the state is ENDED */
    record Next(State state, @Nullable Reason reason) {}

    private CallTransitions() {}

    /** What a word means that the caller says, or the called account; null for one that this side cannot say. */
    static @Nullable Event event(CallWord word, boolean byCaller) {
        return switch (word.kind()) {
            case PROPOSE -> null;
            case RINGING -> byCaller ? null : Event.RINGING;
            case PROCEED -> byCaller ? null : Event.ANSWER;
            case RETRACT -> byCaller ? end(word, Event.CANCEL) : null;
            case REJECT, FINISH -> end(word, byCaller ? Event.CANCEL : Event.DECLINE);
        };
    }

    private static Event end(CallWord word, Event otherwise) {
        if (word.breaksTie()) {
            return Event.TIE_BREAK;
        }
        return word.migratedTo() != null ? Event.MIGRATION : otherwise;
    }

    /** Null where nothing changes. */
    static @Nullable Next next(State state, Event event) {
        return switch (state) {
            case PROPOSED, RINGING ->
                switch (event) {
                    case RINGING -> state == State.RINGING ? null : new Next(State.RINGING, null);
                    case ANSWER -> new Next(State.ANSWERED, null);
                    case DECLINE -> ended(Reason.REJECTED);
                    case CANCEL -> ended(Reason.RETRACTED);
                    case MIGRATION -> ended(Reason.MIGRATED);
                    case TIE_BREAK -> ended(Reason.TIE_BREAK);
                    case TIMEOUT -> ended(Reason.TIMEOUT);
                    case LOSS -> null;
                    case BLOCK -> ended(Reason.BLOCKED);
                };
            case ANSWERED ->
                switch (event) {
                    case RINGING, ANSWER, TIE_BREAK, TIMEOUT -> null;
                    case DECLINE, CANCEL -> ended(Reason.FINISHED);
                    case MIGRATION -> ended(Reason.MIGRATED);
                    case LOSS -> ended(Reason.LOST);
                    case BLOCK -> ended(Reason.BLOCKED);
                };
            case ENDED -> null;
        };
    }

    private static Next ended(Reason reason) {
        return new Next(State.ENDED, reason);
    }
}
