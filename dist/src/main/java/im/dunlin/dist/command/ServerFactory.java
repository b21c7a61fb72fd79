// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** What the commands work on: the object graph, or a fake one in their tests. */
public interface ServerFactory {
    /** The key of every module there is, and the record of its section in the configuration. */
    Map<String, Class<? extends Record>> modules();

    /** Starts a server; when this returns, clients can connect. The data directory stays the caller's to close. */
    RunningServer start(ServerConfig config, DataDirectory data) throws StartException;

    /** Opens what a server keeps, without serving. The data directory stays the caller's to close. */
    Administration open(ServerConfig config, DataDirectory data) throws StartException;

    /**
     * Tells a restored store that what came after the backup is gone.
     *
     * @param store directory of the store's files, which nobody has open
     * @param taken the moment that the backup shows
     */
    void restored(ServerConfig config, Path store, Instant taken) throws StartException;
}
