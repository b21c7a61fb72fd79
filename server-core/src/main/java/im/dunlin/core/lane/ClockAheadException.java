// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

import java.time.Instant;

/** A persisted clock is so far ahead of the wall clock that new ids could not be told from the future's. */
public final class ClockAheadException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ClockAheadException(Instant persisted, Instant wall) {
        super("the data was written until " + persisted + " but this machine's clock says " + wall
                + "; correct the clock, or start with --accept-clock");
    }
}
