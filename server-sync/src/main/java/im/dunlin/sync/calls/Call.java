// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.calls;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.lane.Micros;
import im.dunlin.core.stanza.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A call as one of its two accounts knows it. Times are microseconds since 1970 by the server's clock.
 *
 * @param sid its session id, unique within the account
 * @param isOutgoing whether the account called
 * @param device of this account that called or answered
 * @param peerDevice of the other side that called or answered
 * @param start when it was proposed
 * @param revision the account's clock at the last change
 * @param end 0 while it lasts
 * @param reason while it lasts null
 * @param archiveId of the offer, if the archive has it
 * @param continues the call that this one may take over (XEP-0353 §4.2): a device that is not in it should not ring
 * @param migratedTo the call that took this one over
 * @param offer the message that proposed it, kept while it lasts
 */
public record Call(
        String sid,
        boolean isOutgoing,
        BareJid peer,
        @Nullable FullJid device,
        @Nullable FullJid peerDevice,
        State state,
        long start,
        long revision,
        long end,
        @Nullable Reason reason,
        @Nullable String archiveId,
        @Nullable String continues,
        @Nullable String migratedTo,
        @Nullable Message offer) {
    /** How long it rings. Clients give up at about that time. */
    static final Duration RINGING_TIME = Duration.ofSeconds(60);

    /** When a call whose end nobody told is over (XEP-0353 §5). */
    static final Duration LONGEST = Duration.ofHours(24);

    /** The ordinals are on disk. */
    public enum State {
        PROPOSED,
        RINGING,
        ANSWERED,
        ENDED;

        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why it ended. The ordinals are on disk. */
    public enum Reason {
        /** The called account declined. */
        REJECTED,
        /** The caller gave up. */
        RETRACTED,
        /** Nobody answered. */
        TIMEOUT,
        /** Either side hung up. */
        FINISHED,
        /** It goes on as another. */
        MIGRATED,
        /** Both called at once, and the other call goes on. */
        TIE_BREAK,
        /** The account blocked the peer. */
        BLOCKED,
        /** Nobody told its end. */
        LOST;

        String wire() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    static Call proposed(String sid, boolean isOutgoing, BareJid peer, long start, long revision, Message offer) {
        return new Call(
                sid, isOutgoing, peer, null, null, State.PROPOSED, start, revision, 0, null, null, null, null, offer);
    }

    /** Neither answered nor over. */
    public boolean isOffer() {
        return state == State.PROPOSED || state == State.RINGING;
    }

    public boolean isOver() {
        return state == State.ENDED;
    }

    /** Until when it lasts if nobody says anything. */
    long until() {
        return start + Micros.of(Instant.EPOCH.plus(isOffer() ? RINGING_TIME : LONGEST));
    }

    /** When it stops ringing if nobody says anything. */
    public Instant ringsUntil() {
        return Micros.toInstant(start).plus(RINGING_TIME);
    }

    /** The kinds of media that the offer describes, in its order; none once it is over. */
    public List<String> media() {
        CallWord word = offer == null ? null : CallWord.of(offer);
        String media = word == null ? null : word.media();
        return media == null ? List.of() : List.of(media.split(" ", -1));
    }

    /** Whether it lasts at this time, whatever timers have yet to do. */
    public boolean isLiveAt(Instant now) {
        return !isOver() && until() > Micros.of(now);
    }

    Call between(@Nullable FullJid own, @Nullable FullJid theirs) {
        return new Call(
                sid,
                isOutgoing,
                peer,
                own == null ? device : own,
                theirs == null ? peerDevice : theirs,
                state,
                start,
                revision,
                end,
                reason,
                archiveId,
                continues,
                migratedTo,
                offer);
    }

    Call continuing(@Nullable String other) {
        return new Call(
                sid,
                isOutgoing,
                peer,
                device,
                peerDevice,
                state,
                start,
                revision,
                end,
                reason,
                archiveId,
                other,
                migratedTo,
                offer);
    }

    Call archivedAs(@Nullable String id) {
        return new Call(
                sid,
                isOutgoing,
                peer,
                device,
                peerDevice,
                state,
                start,
                revision,
                end,
                reason,
                id,
                continues,
                migratedTo,
                offer);
    }

    Call in(State next, long at) {
        return new Call(
                sid,
                isOutgoing,
                peer,
                device,
                peerDevice,
                next,
                start,
                at,
                end,
                reason,
                archiveId,
                continues,
                migratedTo,
                offer);
    }

    Call over(Reason why, Instant when, @Nullable String successor, long at) {
        return new Call(
                sid,
                isOutgoing,
                peer,
                device,
                peerDevice,
                State.ENDED,
                start,
                at,
                Micros.of(when),
                why,
                archiveId,
                continues,
                successor,
                null);
    }
}
