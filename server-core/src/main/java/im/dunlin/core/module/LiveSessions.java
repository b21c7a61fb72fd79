// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.module;

import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stream.StreamError;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The sessions of all accounts, connected ones and those that wait to be resumed: for modules that administer. */
public interface LiveSessions {
    /** Ends a session: its connection with the error, and everything that it was to its account. In the account's turn. */
    void end(ClientSession session, @Nullable StreamError error, Turn turn);

    /**
     * Shows every session to the consumer, on the lane of its account, several at a time. Any thread; returns at once.
     *
     * @param done when all have been shown; on a lane, and must only post work
     */
    void forEach(Consumer<ClientSession> each, Runnable done);
}
