// SPDX-License-Identifier: Apache-2.0
package im.dunlin.sync.archive;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.delivery.DeliveryModule;
import im.dunlin.core.modules.presence.PresenceModule;
import im.dunlin.core.modules.roster.RosterModule;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The archive and what it stands on. */
final class ArchiveFixture {
    private ArchiveFixture() {}

    static Map<String, Consumer<Setup>> modules() {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
        modules.put("roster", RosterModule::new);
        modules.put("presence", PresenceModule::new);
        modules.put("archive", ArchiveModule::new);
        modules.put("delivery", DeliveryModule::new);
        return modules;
    }

    /** A client that is there and has looked at everything it was sent so far. */
    static TestClient online(TestServer server, String fullJid) {
        TestClient client = server.connect(fullJid);
        client.sends("<presence/>");
        client.ignores();
        return client;
    }
}
