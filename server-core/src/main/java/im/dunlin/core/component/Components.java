// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.component;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The components that the configuration names. Any thread. */
public final class Components {
    private final Map<String, Component> components = new LinkedHashMap<>();
    private final Set<String> hosts;

    /** @param hosts the domains that are served here */
    public Components(Collection<String> domains, Set<String> hosts) {
        domains.forEach(domain -> components.put(domain, new Component(domain)));
        this.hosts = hosts;
    }

    /** The component of this domain, or null if none is configured. */
    public @Nullable Component at(String domain) {
        return components.get(domain);
    }

    /** In the order of the configuration. */
    public Collection<Component> all() {
        return Collections.unmodifiableCollection(components.values());
    }

    /** Those that belong to a host by their names, and those that belong to none. */
    public List<Component> of(String host) {
        return components.values().stream()
                .filter(component ->
                        isBelow(component, host) || hosts.stream().noneMatch(each -> isBelow(component, each)))
                .toList();
    }

    private static boolean isBelow(Component component, String host) {
        return component.domain().endsWith('.' + host);
    }
}
