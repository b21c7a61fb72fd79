// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.dist.control.Administration;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A server that serves, until it is closed or fails. */
public interface RunningServer extends AutoCloseable {
    Administration administration();

    /** Where clients connect, with the ports that the system chose. */
    List<ListenerConfig> listeners();

    /**
     * Reads again, whenever the configuration has changed, what may change while the server runs: the apps of {@code push}.
     *
     * @param file from which it was loaded
     */
    void follow(Path file, ConfigLoader loader);

    /** Completes with the reason when the server cannot go on; never completes otherwise. */
    CompletionStage<String> failure();

    /** Tells the clients, finishes turns, closes the store. Waits for it, within a bounded time; called once. */
    @Override
    void close();
}
