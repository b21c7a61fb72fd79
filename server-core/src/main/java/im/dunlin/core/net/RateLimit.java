// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;

/** Two token buckets of one connection, bytes and stanzas; an empty one says how long reading must wait. Event loop. */
public final class RateLimit {
    /** What handling an element costs that is no stanza, in bytes. */
    private static final int NONZA_COSTS = 128;

    private final int bytesPerSecond;
    private final int bytesBurst;
    private final int stanzasPerSecond;
    private final int stanzasBurst;
    private double bytes;
    private double stanzas;
    private long filledAt = System.nanoTime();

    RateLimit(Limits.Rate limits) {
        this(limits.bytesPerSecond(), limits.bytesBurst(), limits.stanzasPerSecond(), limits.stanzasBurst());
    }

    /** With a second's worth at once after a silence. */
    public RateLimit(int bytesPerSecond, int stanzasPerSecond) {
        this(bytesPerSecond, bytesPerSecond, stanzasPerSecond, stanzasPerSecond);
    }

    private RateLimit(int bytesPerSecond, int bytesBurst, int stanzasPerSecond, int stanzasBurst) {
        this.bytesPerSecond = bytesPerSecond;
        this.bytesBurst = bytesBurst;
        this.stanzasPerSecond = stanzasPerSecond;
        this.stanzasBurst = stanzasBurst;
        this.bytes = bytesBurst;
        this.stanzas = stanzasBurst;
    }

    /**
     * Takes one stanza of so many bytes out.
     *
     * @param now {@link System#nanoTime}
     * @return nanoseconds until both buckets are above empty again; 0 if they are
     */
    long spend(int size, long now) {
        return spend(size, 1, now);
    }

    /**
     * Takes an element out that is no stanza. These may be as many as the stanzas that they acknowledge, so they cost only
     * bytes; but each is work for a lane or an answer, so none is as cheap as it is short.
     *
     * @return as {@link #spend(int, long)}
     */
    long spendNonza(int size, long now) {
        return spend(size + NONZA_COSTS, 0, now);
    }

    private long spend(int size, int count, long now) {
        double seconds = Math.max(0, now - filledAt) / 1e9;
        filledAt = now;
        bytes = Math.min(bytesBurst, bytes + seconds * bytesPerSecond) - size;
        stanzas = Math.min(stanzasBurst, stanzas + seconds * stanzasPerSecond) - count;
        double wait = Math.max(-bytes / bytesPerSecond, -stanzas / stanzasPerSecond);
        return wait <= 0 ? 0 : (long) (wait * 1e9);
    }
}
