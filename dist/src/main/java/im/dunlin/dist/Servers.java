// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.command.RunningServer;
import im.dunlin.dist.command.ServerFactory;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.util.Map;

/** The object graph. */
final class Servers implements ServerFactory {
    @Override
    public Map<String, Class<? extends Record>> modules() {
        return Map.of();
    }

    @Override
    public RunningServer start(ServerConfig config, DataDirectory data, Acceptance acceptance) throws StartException {
        throw new StartException("this build cannot serve yet");
    }

    @Override
    public Administration open(ServerConfig config, DataDirectory data) throws StartException {
        throw new StartException("this build cannot serve yet");
    }
}
