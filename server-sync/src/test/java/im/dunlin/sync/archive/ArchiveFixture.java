// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.function.Consumer;

/** The archive and what it stands on. */
final class ArchiveFixture {
    private ArchiveFixture() {}

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = SessionModules.all();
        modules.put("archive", ArchiveModule::new);
        return modules;
    }

    /** A server whose only host has these settings, in YAML. */
    static TestServer server(String hostSettings) {
        return configured("hosts: { localhost: { " + hostSettings + " } }");
    }

    /** A server with this configuration. */
    static TestServer configured(String yaml) {
        return TestServer.with(new MemoryStore(), new TestServer.TestTime(), config(yaml), modules());
    }

    static ServerConfig config(String yaml) {
        try {
            return new ConfigLoader(Map.of()).parse(yaml);
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A client that is there and has looked at everything it was sent so far. */
    static TestClient online(TestServer server, String fullJid) {
        TestClient client = server.connect(fullJid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }
}
