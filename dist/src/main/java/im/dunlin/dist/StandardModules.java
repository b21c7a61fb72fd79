// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.echo.EchoModule;
import im.dunlin.core.modules.legacysession.LegacySessionModule;
import im.dunlin.core.modules.ping.PingModule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The modules of a server, in an order in which each finds what it requires further up. */
public final class StandardModules {
    /**
     * One module.
     *
     * @param key its name under {@code modules:} in the configuration
     */
    private record Entry(String key, Consumer<Setup> constructor) {}

    private static final List<Entry> ALL = List.of(
            new Entry("ping", PingModule::new),
            new Entry("legacy-session", LegacySessionModule::new),
            new Entry("echo", EchoModule::new));

    private StandardModules() {}

    /** Builds all of them. */
    public static void addTo(ModuleRegistry registry) {
        ALL.forEach(entry -> registry.add(entry.key(), entry.constructor()));
    }

    /** The key of every module, and the record of its section in the configuration. */
    static Map<String, Class<? extends Record>> sections() {
        Map<String, Class<? extends Record>> sections = new TreeMap<>();
        ALL.forEach(entry -> sections.put(entry.key(), im.dunlin.core.config.ModuleConfig.None.class));
        return sections;
    }
}
