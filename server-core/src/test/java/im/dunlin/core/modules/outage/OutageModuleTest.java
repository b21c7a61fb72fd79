// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.outage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OutageModuleTest {
    private static final String INFO =
            "<iq type='get' id='d' to='localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";

    private static ServerConfig config(String outage) throws ConfigException {
        return new ConfigLoader(Map.of(OutageModule.KEY, OutageModule.Options.class))
                .parse("hosts: { localhost: { modules: { outage: " + outage + " } } }");
    }

    private static TestServer server(String outage) throws ConfigException {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put(OutageModule.KEY, OutageModule::new);
        modules.put("disco", DiscoModule::new);
        return TestServer.with(new MemoryStore(), new TestTime(), config(outage), modules);
    }

    /** "This information MUST be scoped using a FORM_TYPE of urn:xmpp:sos:0" (§2.1). */
    @Test
    void clientsLearnWhereTheStatusIs() throws ConfigException {
        try (TestServer server = server("{ addresses: [ \"https://status.example.net/a.json\" ] }")) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends(INFO);
            juliet.receives("<iq type='result' id='d'><query xmlns='http://jabber.org/protocol/disco#info'>"
                    + "<x xmlns='jabber:x:data' type='result'>"
                    + "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:sos:0</value></field>"
                    + "<field var='external-status-addresses'><value>https://status.example.net/a.json</value></field>"
                    + "</x></query></iq>");
        }
    }

    @Test
    void nothingIsSaidWithoutAddresses() throws ConfigException {
        try (TestServer server = server("{}")) {
            TestClient juliet = server.connect("juliet@localhost/balcony");
            juliet.sends(INFO);
            assertThat(juliet.next().toString()).doesNotContain("urn:xmpp:sos:0");
        }
    }

    /** "Values of 'external-status-addresses' form field MUST be valid URIs" (§2.1). */
    @Test
    void whatIsNoAddressOfTheWebIsAMistake() {
        for (String wrong : new String[] {"status", "ftp://a.example/x", "https://", "https://a b/"}) {
            assertThatThrownBy(() -> config("{ addresses: [ \"" + wrong + "\" ] }"))
                    .as(wrong)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("expected: an address with https or http");
        }
    }
}
