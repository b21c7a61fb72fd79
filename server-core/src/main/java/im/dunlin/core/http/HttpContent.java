// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The body of an answer that comes piece by piece, each asked for when the one before has left. */
public interface HttpContent {
    /** Bytes of the whole. */
    long length();

    /**
     * Asks for the next piece. May return at once and give it later, on any thread.
     *
     * @param then gets at least one byte, or null if the rest cannot be had: then the connection breaks, as nothing else
     *     can be said any more
     */
    void next(Consumer<byte @Nullable []> then);

    /** Nothing more is asked for; called exactly once. Must not wait. */
    void close();
}
