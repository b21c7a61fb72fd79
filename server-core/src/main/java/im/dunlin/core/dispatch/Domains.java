// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.component.Component;
import im.dunlin.core.component.Components;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.module.Service;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which domains are served here, and what stands behind each. Immutable once the modules are built. */
final class Domains {
    private record Served(Service service, HostConfig host) {}

    private final Map<String, HostConfig> hosts;
    private final Components components;
    private final Map<String, Served> services = new HashMap<>();

    Domains(Map<String, HostConfig> hosts, Components components) {
        this.hosts = hosts;
        this.components = components;
    }

    /** @param module of the service: hosts that have it switched off do not have the service either */
    void add(Service service, String module) {
        hosts.forEach((host, config) -> {
            String domain = service.subdomain() + "." + host;
            if (config.hasModule(module)
                    && (hosts.containsKey(domain)
                            || components.at(domain) != null
                            || services.put(domain, new Served(service, config)) != null)) {
                throw new IllegalArgumentException(domain + " is served twice");
            }
        });
    }

    boolean isHost(String domain) {
        return hosts.containsKey(domain);
    }

    /** Of the host, or of the host that the service at this domain belongs to. */
    @Nullable
    HostConfig host(String domain) {
        HostConfig host = hosts.get(domain);
        Served served = services.get(domain);
        return host == null && served != null ? served.host() : host;
    }

    @Nullable
    Service service(String domain) {
        Served served = services.get(domain);
        return served == null ? null : served.service();
    }

    /** The component that serves this address, connected or not. */
    @Nullable
    Component component(Jid to) {
        return components.at(to.domain());
    }

    /** Domains that are owners of rows: of hosts, and of their services. */
    List<String> owners() {
        return Stream.concat(hosts.keySet().stream(), services.keySet().stream())
                .toList();
    }

    /** The owner of everything at this address, or null if it is not ours. */
    @Nullable
    BareJid localOwner(Jid to) {
        if (hosts.containsKey(to.domain())) {
            return to.bare();
        }
        return services.containsKey(to.domain()) ? BareJid.ofDomain(to.domain()) : null;
    }
}
