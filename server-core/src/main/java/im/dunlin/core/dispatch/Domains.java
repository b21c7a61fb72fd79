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

/** Which domains are served here, and what stands behind each. After the modules are built nothing changes but that services come. */
final class Domains {
    private record Served(Service service, HostConfig host, String hostName) {}

    private final Map<String, HostConfig> hosts;
    private final Components components;
    private final boolean federation;
    private final Map<String, Served> services = new HashMap<>();

    /** @param federation whether there are other servers for any host */
    Domains(Map<String, HostConfig> hosts, Components components, boolean federation) {
        this.federation = federation;
        this.hosts = hosts;
        this.components = components;
    }

    /** @param module of the service: hosts that have it switched off do not have the service either */
    void add(Service service, String module) {
        hosts.forEach((host, config) -> {
            String domain = service.subdomain(host) + "." + host;
            if (!config.hasModule(module)) {
                return;
            }
            if (hosts.containsKey(domain) || components.at(domain) != null || services.containsKey(domain)) {
                if (service.isThere()) {
                    throw new DomainTakenException(domain, module);
                }
                return;
            }
            services.put(domain, new Served(service, config, host));
        });
    }

    boolean isHost(String domain) {
        return hosts.containsKey(domain);
    }

    /** Whether other servers reach this domain of ours, and are reached from there. */
    boolean isFederated(String domain) {
        Served served = served(domain);
        return components.at(domain) != null
                ? hosts.keySet().stream().anyMatch(this::isFederatedHost)
                : isFederatedHost(served == null ? domain : served.hostName());
    }

    private boolean isFederatedHost(String name) {
        HostConfig host = hosts.get(name);
        return federation && host != null && host.isFederated(name);
    }

    /** Whether this name is given away here, to a host, a component or a service, even one that has yet to come. */
    boolean isOurs(String domain) {
        return hosts.containsKey(domain) || services.containsKey(domain) || components.at(domain) != null;
    }

    /** Of the host, or of the host that the service at this domain belongs to. */
    @Nullable
    HostConfig host(String domain) {
        HostConfig host = hosts.get(domain);
        Served served = served(domain);
        return host == null && served != null ? served.host() : host;
    }

    @Nullable
    Service service(String domain) {
        Served served = served(domain);
        return served == null ? null : served.service();
    }

    private @Nullable Served served(String domain) {
        Served served = services.get(domain);
        return served == null || !served.service().isThere() ? null : served;
    }

    /** The component that serves this address, connected or not. */
    @Nullable
    Component component(Jid to) {
        return components.at(to.domain());
    }

    /** Domains that are owners of rows: of hosts, and of their services, of which some may come later. */
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
        Served served = served(to.domain());
        if (served == null) {
            return null;
        }
        return served.service().hasOwners() ? to.bare() : BareJid.ofDomain(to.domain());
    }
}
