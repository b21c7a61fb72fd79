// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;
import io.netty.channel.Channel;
import java.util.EnumSet;
import java.util.concurrent.TimeUnit;

/**
 * How fast one peer is read. Reading stops while any of the reasons in {@link Pause} holds; events that were decoded already wait
 * in order. On the channel's event loop unless a method says otherwise.
 */
public final class Pace {
    private static final long NEVER = Long.MIN_VALUE;

    /** Why nothing is read from the peer just now. */
    public enum Pause {
        /** A step of the negotiation is elsewhere. */
        NEGOTIATING,
        /** Too much of what the peer sent is still unfinished. */
        CREDIT,
        /** The peer does not read what it is sent. */
        UNREAD,
        /** The peer sends faster than it may. */
        RATE
    }

    private final Channel channel;
    private final int creditBytes;
    private final RateLimit rate;
    private final EnumSet<Pause> pauses = EnumSet.noneOf(Pause.class);
    private int unfinishedBytes;
    private long insideSince = NEVER;
    private long unreadSince = NEVER;

    /** @param creditBytes how much of what the peer sent may be unfinished before it is not read any more */
    public Pace(Channel channel, int creditBytes, RateLimit rate) {
        this.channel = channel;
        this.creditBytes = creditBytes;
        this.rate = rate;
    }

    /** A stanza of so many bytes has come. */
    public void stanza(int bytes) {
        unfinishedBytes += bytes;
        pause(Pause.CREDIT, unfinishedBytes > creditBytes);
        rest(rate.spend(bytes, System.nanoTime()));
    }

    /** An element has come that is no stanza. */
    public void nonza(int bytes) {
        rest(rate.spendNonza(bytes, System.nanoTime()));
    }

    private void rest(long nanos) {
        if (nanos > 0 && !pauses.contains(Pause.RATE)) {
            pause(Pause.RATE, true);
            channel.eventLoop().schedule(() -> pause(Pause.RATE, false), nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Returns credit. Any thread. */
    public void credit(int bytes) {
        channel.eventLoop().execute(() -> {
            unfinishedBytes -= bytes;
            // Half must be back before reading goes on, or each stanza would switch it twice.
            if (pauses.contains(Pause.CREDIT) && unfinishedBytes <= creditBytes / 2) {
                pause(Pause.CREDIT, false);
            }
        });
    }

    public void pause(Pause reason, boolean on) {
        boolean changed = on ? pauses.add(reason) : pauses.remove(reason);
        if (changed) {
            channel.config().setAutoRead(pauses.isEmpty());
        }
    }

    /** An element has come to its end. */
    public void progressed() {
        insideSince = NEVER;
    }

    /** Whether one stanza has been arriving, or the socket has taken nothing, for too long. */
    public boolean isStuck(boolean insideElement, long now, Limits.Timeouts timeouts) {
        insideSince = !insideElement ? NEVER : insideSince == NEVER ? now : insideSince;
        unreadSince = !pauses.contains(Pause.UNREAD) ? NEVER : unreadSince == NEVER ? now : unreadSince;
        return insideSince != NEVER && now - insideSince > timeouts.stanza().toNanos()
                || unreadSince != NEVER && now - unreadSince > timeouts.send().toNanos();
    }
}
