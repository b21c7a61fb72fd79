// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.streamlimits;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamLimitsDialogueTest {
    private static TestServer server(String yaml) throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of("stream-limits", ModuleConfig.None.class)).parse(yaml);
        return TestServer.with(
                new MemoryStore(), new TestServer.TestTime(), config, Map.of("stream-limits", StreamLimitsModule::new));
    }

    @Test
    void limitsAreThoseOfTheConfigurationBeforeAndAfterTheLogin() throws ConfigException {
        try (TestServer server =
                server("limits: { beforeLogin: { bytes: 9000 }, stanza: { bytes: 20000 }, timeouts: { idle: 2m } }")) {
            assertThat(server.open("localhost").features().toString())
                    .contains("<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>9000</max-bytes>"
                            + "<idle-seconds>120</idle-seconds></limits>");
            assertThat(server.login("juliet@localhost").features().toString())
                    .contains("<max-bytes>20000</max-bytes><idle-seconds>120</idle-seconds>");
        }
    }

    @Test
    void hostWithoutTheModuleDoesNotSay() throws ConfigException {
        try (TestServer server = server("hosts: { localhost: { modules: { stream-limits: false } } }")) {
            assertThat(server.open("localhost").features().toString()).doesNotContain("stream-limits");
        }
    }
}
