// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.carbons.CarbonsModule;
import im.dunlin.core.modules.csi.ClientStateModule;
import im.dunlin.core.modules.streammanagement.StreamManagementModule;
import java.util.Map;
import java.util.function.Consumer;

/** The modules of RFC 6121 and those that follow a session through its life, in their order. */
public final class SessionModules {
    private SessionModules() {}

    /** To be added to. */
    public static Map<String, Consumer<Setup>> all() {
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("carbons", CarbonsModule::new);
        modules.put("client-state", ClientStateModule::new);
        modules.put("stream-management", StreamManagementModule::new);
        return modules;
    }
}
