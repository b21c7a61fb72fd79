// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.command.RunningServer;
import im.dunlin.dist.command.ServerFactory;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import im.dunlin.storage.rocks.NativeLibrary;
import java.security.SecureRandom;
import org.slf4j.LoggerFactory;

/** The real object graphs: a server that serves, and its data without serving. */
final class Servers implements ServerFactory {
    @Override
    public void prepare() {
        NativeLibrary.loadAhead();
    }

    @Override
    public ConfigLoader configurations() {
        return StandardModules.configurations();
    }

    @Override
    public RunningServer start(ServerConfig config, DataDirectory data, Acceptance acceptance) throws StartException {
        return DunlinServer.start(config, data, acceptance);
    }

    @Override
    public Administration open(ServerConfig config, DataDirectory data) throws StartException {
        Core core = Core.open(
                config,
                data,
                new Acceptance(false, false),
                cause -> LoggerFactory.getLogger(Servers.class).error("The store failed", cause));
        for (ListenerConfig listener : config.listeners()) {
            if (listener.kind().isHttp()) {
                core.addresses().listening(listener.kind() == ListenerConfig.Kind.HTTPS, listener.port());
            }
        }
        return new LiveAdministration(config, data, core, new SecureRandom(), core::close);
    }
}
