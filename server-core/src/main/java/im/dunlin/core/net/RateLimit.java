// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;

/** Two token buckets of one connection, bytes and stanzas; an empty one says how long reading must wait. Event loop. */
final class RateLimit {
    /** What handling an element costs that is no stanza, in bytes. */
    private static final int NONZA_COSTS = 128;

    private final Limits.Rate limits;
    private double bytes;
    private double stanzas;
    private long filledAt = System.nanoTime();

    RateLimit(Limits.Rate limits) {
        this.limits = limits;
        this.bytes = limits.bytesBurst();
        this.stanzas = limits.stanzasBurst();
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
        bytes = Math.min(limits.bytesBurst(), bytes + seconds * limits.bytesPerSecond()) - size;
        stanzas = Math.min(limits.stanzasBurst(), stanzas + seconds * limits.stanzasPerSecond()) - count;
        double wait = Math.max(-bytes / limits.bytesPerSecond(), -stanzas / limits.stanzasPerSecond());
        return wait <= 0 ? 0 : (long) (wait * 1e9);
    }
}
