// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.session;

import im.dunlin.core.config.Limits;
import java.time.Duration;

/**
 * What was agreed with a client that enabled stream management (XEP-0198 §3).
 *
 * @param id grants the resumption, so it is random and never logged
 * @param resumable whether the client asked to be able to resume
 * @param patience how long the session waits to be resumed
 * @param limits what is kept for it, and when an acknowledgement is asked for
 * @param whenOverfull called once, when more is kept than the limits allow; only posts work
 */
public record Management(
        String id, boolean resumable, Duration patience, Limits.Resumption limits, Runnable whenOverfull) {
    @Override
    public String toString() {
        return resumable ? "resumable for " + patience : "not resumable";
    }
}
