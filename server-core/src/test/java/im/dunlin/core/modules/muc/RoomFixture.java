// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.muc;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.modules.ping.PingModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** A server with rooms, and what people do in them. */
final class RoomFixture {
    static final String ROOM = "chat@rooms.localhost";
    static final String JOIN = "<x xmlns='http://jabber.org/protocol/muc'/>";

    private static final Name X = Name.of(Ns.MUC_USER, "x");
    private static final Name STATUS = Name.of(Ns.MUC_USER, "status");

    private RoomFixture() {}

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("disco", DiscoModule::new);
        modules.put("ping", PingModule::new);
        modules.put(MucModule.KEY, MucModule::new);
        return modules;
    }

    static TestServer server() {
        return server(new MemoryStore());
    }

    static TestServer server(Store store) {
        return TestServer.with(store, new TestServer.TestTime(), modules());
    }

    /** @param options of the module, as in YAML */
    static TestServer configured(String options) {
        try {
            ServerConfig config = new ConfigLoader(Map.of(MucModule.KEY, Options.class))
                    .parse("hosts: { localhost: { modules: { rooms: { " + options + " } } } }");
            return TestServer.with(new MemoryStore(), new TestServer.TestTime(), config, modules());
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static void asksToJoin(TestClient client, String nick) {
        client.sends("<presence to='" + ROOM + "/" + nick + "'>" + JOIN + "</presence>");
    }

    /** Joins, and forgets what it was told. */
    static void joins(TestClient client, String nick) {
        asksToJoin(client, nick);
        client.ignores();
    }

    /** Makes the room as it is by default. */
    static void makes(TestClient owner, String nick) {
        asksToJoin(owner, nick);
        configures(owner);
        owner.ignores();
    }

    /** @param fields a name and a value, by turns */
    static void configures(TestClient owner, String... fields) {
        StringBuilder form = new StringBuilder();
        for (int i = 0; i < fields.length; i += 2) {
            form.append("<field var='muc#roomconfig_" + fields[i] + "'><value>" + fields[i + 1] + "</value></field>");
        }
        owner.sends("<iq type='set' id='cfg' to='" + ROOM
                + "'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'>" + form
                + "</x></query></iq>");
    }

    static void says(TestClient client, String text) {
        client.sends(
                "<message type='groupchat' id='" + text + "' to='" + ROOM + "'><body>" + text + "</body></message>");
    }

    /** Status codes of a presence or message of a room. */
    static List<String> codes(Element stanza) {
        return Objects.requireNonNull(stanza.first(X)).children(STATUS).stream()
                .map(status -> status.requireAttr("code"))
                .toList();
    }

    static Element item(Element presence) {
        return Objects.requireNonNull(Objects.requireNonNull(presence.first(X)).first(Name.of(Ns.MUC_USER, "item")));
    }
}
