// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import org.jspecify.annotations.Nullable;

/**
 * The server's side of one authentication. Pure: messages go in, steps come out. One step is outstanding at a time; the
 * steps may run on different threads as long as one happens after the other. To abort, drop the object.
 */
public interface SaslExchange {

    /**
     * Begins.
     *
     * @param initialResponse what the client sent along with the mechanism's name, or null if it sent nothing
     */
    SaslStep begin(byte @Nullable [] initialResponse);

    /** Takes the answer to a {@link SaslStep.Challenge}. */
    SaslStep respond(byte[] response);
}
