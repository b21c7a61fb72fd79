// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.version;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.time.TimeModule;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class VersionTimeDialogueTest {
    private static final Map<String, Consumer<Setup>> MODULES =
            Map.of("version", VersionModule::new, "time", TimeModule::new);

    private static final String VERSION =
            "<iq type='get' id='v' to='localhost'><query xmlns='jabber:iq:version'/></iq>";

    @Test
    void versionNamesTheServerAndNotItsSystem() {
        try (TestServer server = TestServer.with(MODULES)) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends(VERSION);

            Element answer = juliet.receives(
                    "<iq type='result' id='v'><query xmlns='jabber:iq:version'><name>Dunlin</name></query></iq>");

            assertThat(answer.toString()).contains("<version>").doesNotContain("<os>");
        }
    }

    @Test
    void versionNamesTheSystemWhereTheHostSaysSo() throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of("version", VersionModule.Options.class))
                .parse("hosts: { localhost: { modules: { version: { os: true } } } }");
        try (TestServer server = TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, MODULES)) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends(VERSION);

            assertThat(juliet.next().toString()).contains("<os>");
        }
    }

    @Test
    void timeIsUtc() {
        try (TestServer server = TestServer.with(MODULES)) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends("<iq type='get' id='t' to='localhost'><time xmlns='urn:xmpp:time'/></iq>");

            Element time = Objects.requireNonNull(
                    juliet.receives("<iq type='result' id='t'/>").firstChild());

            assertThat(time.toString()).contains("<tzo>+00:00</tzo>", "<utc>2026-01-01T00:00:00.000Z</utc>");
        }
    }
}
