// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.stanza.Delay;
import im.dunlin.core.stanza.Message;
import im.dunlin.core.stanza.Stanza;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/**
 * A stanza on its way to another server (docs/adr/0020).
 *
 * @param stanza with the addresses of its sender and its receiver
 * @param at when it was sent, in microseconds since 1970
 * @param slot of the sender
 * @param sequence of its row; 0 if it has none, so that it is lost with the process
 */
public record Departure(Stanza stanza, long at, int slot, long sequence) {
    /** What waits no longer is not late. */
    private static final Duration NOT_LATE = Duration.ofSeconds(5);

    /** One that has no row. */
    static Departure unrecorded(Stanza stanza, Instant now) {
        return new Departure(stanza, Micros.of(now), 0, 0);
    }

    /** Whether a row keeps it until it has left. */
    public boolean isRecorded() {
        return sequence != 0;
    }

    public boolean isOlderThan(Duration age, Instant now) {
        return Micros.toInstant(at).plus(age).isBefore(now);
    }

    /** As it is written now: a message that was held up says since when (XEP-0203). */
    public Stanza leaving(Instant now) {
        if (!(stanza instanceof Message message) || !isOlderThan(NOT_LATE, now)) {
            return stanza;
        }
        BareJid by = BareJid.ofDomain(Objects.requireNonNull(message.from()).domain());
        return message.adding(new Delay(Micros.toInstant(at), by).element());
    }
}
