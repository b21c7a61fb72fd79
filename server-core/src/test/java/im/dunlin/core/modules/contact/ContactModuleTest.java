// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.contact;

import static im.dunlin.core.module.Addressee.SERVER;
import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.testing.TestServer;
import im.dunlin.storage.memory.MemoryStore;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContactModuleTest {
    @Test
    void administratorsOfAHostAreInItsDisco() throws Exception {
        try (TestServer server =
                server("hosts: { localhost: { admins: [ romeo@localhost, j\u00fcl+1@localhost ] } }")) {
            assertThat(server.modules().forms(SERVER, "localhost"))
                    .singleElement()
                    .hasToString("<x xmlns='jabber:x:data' type='result'>"
                            + "<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/network/serverinfo</value>"
                            + "</field><field var='admin-addresses'><value>xmpp:romeo@localhost</value>"
                            + "<value>xmpp:j%C3%BCl%2B1@localhost</value></field></x>");
        }
    }

    @Test
    void hostWithoutAdministratorsHasNoForm() throws Exception {
        try (TestServer server = server("")) {
            assertThat(server.modules().forms(SERVER, "localhost")).isEmpty();
        }
    }

    @Test
    void hostWithoutTheModuleHasNoForm() throws Exception {
        try (TestServer server =
                server("hosts: { localhost: { admins: [ romeo@localhost ], modules: { contact: false } } }")) {
            assertThat(server.modules().forms(SERVER, "localhost")).isEmpty();
        }
    }

    private static TestServer server(String yaml) throws ConfigException {
        ServerConfig config = new ConfigLoader(Map.of("contact", ModuleConfig.None.class)).parse(yaml);
        return TestServer.with(
                new MemoryStore(), new TestServer.TestTime(), config, Map.of("contact", ContactModule::new));
    }
}
