// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;

/**
 * What the commands work on: the object graph, or a fake one in their tests. Beside {@link StartException}, any
 * {@link im.dunlin.storage.StoreException} may say why something cannot be opened.
 */
public interface ServerFactory {
    /** Begins what takes long and needs no configuration; a start that follows finds it done. */
    void prepare();

    /** Reads configurations, knowing every module there is. */
    ConfigLoader configurations();

    /**
     * Starts a server; when this returns, clients can connect.
     *
     * @param data prepared
     */
    RunningServer start(ServerConfig config, DataDirectory data, Acceptance acceptance) throws StartException;

    /**
     * Opens what a server keeps, without serving.
     *
     * @param data prepared
     * @throws im.dunlin.storage.StoreBusyException when a server runs on it
     */
    Administration open(ServerConfig config, DataDirectory data) throws StartException;

    /**
     * What an operator accepts so that the server starts all the same.
     *
     * @param loss that acknowledged rows are gone
     * @param clock that the wall clock is behind what accounts have seen
     */
    record Acceptance(boolean loss, boolean clock) {}
}
