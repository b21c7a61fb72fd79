// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.blocking.BlockingModule;
import im.dunlin.core.modules.delivery.DeliveryModule;
import im.dunlin.core.modules.delivery.ForgedDelayModule;
import im.dunlin.core.modules.presence.PresenceModule;
import im.dunlin.core.modules.roster.RosterModule;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The modules of RFC 6121 in their order, for servers in tests, and what dialogues with them often begin with. */
public final class ImModules {
    private ImModules() {}

    /** To be added to. */
    public static Map<String, Consumer<Setup>> all() {
        Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
        modules.put("roster", RosterModule::new);
        modules.put("blocking", BlockingModule::new);
        modules.put("presence", PresenceModule::new);
        modules.put("delivery", DeliveryModule::new);
        modules.put("delay", ForgedDelayModule::new);
        return modules;
    }

    /** Both subscribe to each other; what they are sent meanwhile is forgotten. */
    public static void befriend(TestClient one, TestClient other) {
        one.sends("<presence type='subscribe' to='" + other.jid().bare() + "'/>");
        other.sends("<presence type='subscribed' to='" + one.jid().bare() + "'/>");
        other.sends("<presence type='subscribe' to='" + one.jid().bare() + "'/>");
        one.sends("<presence type='subscribed' to='" + other.jid().bare() + "'/>");
        one.ignores();
        other.ignores();
    }
}
