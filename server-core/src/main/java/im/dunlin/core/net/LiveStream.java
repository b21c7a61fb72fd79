// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.stream.StreamError;
import org.jspecify.annotations.Nullable;

/** A stream that is there, as {@link ClientStreams} sees it. On its event loop. */
public interface LiveStream {
    /** Looks at the clocks of this stream; called every few seconds. @param now {@link System#nanoTime} */
    void checkTime(long now);

    /** Ends the stream after what was written to it. */
    void close(@Nullable StreamError error);

    /** Ends the connection without a word. */
    void cut();
}
