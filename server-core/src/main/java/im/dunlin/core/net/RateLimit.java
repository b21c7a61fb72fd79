// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;

/** Two token buckets of one connection, bytes and stanzas; an empty one says how long reading must wait. Event loop. */
final class RateLimit {
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
        double seconds = Math.max(0, now - filledAt) / 1e9;
        filledAt = now;
        bytes = Math.min(limits.bytesBurst(), bytes + seconds * limits.bytesPerSecond()) - size;
        stanzas = Math.min(limits.stanzasBurst(), stanzas + seconds * limits.stanzasPerSecond()) - 1;
        double wait = Math.max(-bytes / limits.bytesPerSecond(), -stanzas / limits.stanzasPerSecond());
        return wait <= 0 ? 0 : (long) (wait * 1e9);
    }
}
