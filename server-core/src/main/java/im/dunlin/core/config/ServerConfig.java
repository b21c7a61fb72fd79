// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.storage.Durability;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The whole configuration of a server. Immutable; valid when it came from {@link ConfigLoader}. */
public record ServerConfig(
        @Setting(says = "Directory of everything the server keeps. Relative to this file.", byDefault = "data")
        Path data,

        @Setting(
                says = "When a client hears that its message is kept. sync: when it is on the disk; interval: when the"
                        + " operating system has it, which goes to the disk every second; none: when the operating"
                        + " system has it. With interval and none a power cut may lose acknowledged messages; the end"
                        + " of the process alone never does.",
                byDefault = "sync")
        Durability durability,

        @Setting(says = "The domains served here, each with its own settings.", byDefault = "localhost")
        Map<String, HostConfig> hosts,

        @Setting(
                says =
                        "Where clients connect. Without this key: ports 5222, 5223 and, for HTTPS, 5281, on loopback when"
                                + " localhost is the only host and on all addresses otherwise; port 5280 for HTTP, on"
                                + " loopback; where there are components, port 5347 for them, on loopback; and, where a host has"
                                + " federation, port 5269 for other servers.")
        List<ListenerConfig> listeners,

        @Setting(
                says =
                        "Programs that serve domains of their own and connect to a listener of the kind component, such as"
                                + " irc.example.org: { secretFile: irc.secret } (XEP-0114).")
        Map<String, ComponentConfig> components,

        @Setting(says = "Other servers.") FederationConfig federation,
        @Setting(says = "How clients prove who they are.") Authentication authentication,
        @Setting(says = "Memory of the store.") StorageConfig storage,
        @Setting(says = "HTTP: WebSocket, files, pages.") HttpConfig http,

        @Setting(says = "Apps of your own, whose devices the server wakes by itself.")
        PushConfig push,

        @Setting(says = "Limits of streams and connections, the same for all hosts.")
        Limits limits)
        implements Checked {

    public ServerConfig {
        hosts = RecordBinder.ordered(hosts);
        components = RecordBinder.ordered(components);
        if (listeners.isEmpty()) {
            String address = hosts.keySet().equals(Set.of("localhost")) ? "localhost" : ListenerConfig.ANY_ADDRESS;
            List<ListenerConfig> usual = new ArrayList<>(List.of(
                    new ListenerConfig(ListenerConfig.Kind.STARTTLS, address, 5222),
                    new ListenerConfig(ListenerConfig.Kind.DIRECT_TLS, address, 5223),
                    new ListenerConfig(ListenerConfig.Kind.HTTPS, address, 5281),
                    new ListenerConfig(ListenerConfig.Kind.HTTP, "localhost", 5280)));
            if (!components.isEmpty()) {
                usual.add(new ListenerConfig(ListenerConfig.Kind.COMPONENT, "localhost", 5347));
            }
            boolean anyFederated =
                    hosts.entrySet().stream().anyMatch(host -> host.getValue().isFederated(host.getKey()));
            if (federation.enabled() && anyFederated) {
                usual.add(new ListenerConfig(ListenerConfig.Kind.SERVER, address, 5269));
            }
            listeners = usual;
        }
        listeners = List.copyOf(listeners);
    }

    /** The configuration of a server without a configuration file. */
    public static ServerConfig defaults() {
        return RecordBinder.defaults(ServerConfig.class);
    }

    /** The settings of a domain that is served here. */
    public HostConfig host(String domain) {
        HostConfig host = hosts.get(domain);
        if (host == null) {
            throw new IllegalArgumentException(domain + " is not served here");
        }
        return host;
    }

    /** Whether this account administers a host: its name is for the operator to give away. */
    public boolean isAdmin(BareJid account) {
        return hosts.values().stream().anyMatch(host -> host.admins().contains(account));
    }

    @Override
    public void check(Report report) {
        if (hosts.isEmpty()) {
            report.wrong("hosts", "at least one host is needed");
        }
        hosts.keySet().forEach(host -> checkDomain("hosts", host, report));
        federation.domains().keySet().forEach(domain -> checkDomain("federation.domains", domain, report));
        for (String component : components.keySet()) {
            checkDomain("components", component, report);
            if (hosts.containsKey(component)) {
                report.wrong("components", component + " is a host");
            }
        }
        if (!components.isEmpty()
                && listeners.stream().noneMatch(each -> each.kind() == ListenerConfig.Kind.COMPONENT)) {
            report.wrong("components", "there is no listener of the kind component");
        }
        for (int i = 0; i < listeners.size(); i++) {
            if (listeners.subList(0, i).contains(listeners.get(i))) {
                report.wrong("listeners", "two listeners on " + listeners.get(i));
            }
        }
    }

    private static void checkDomain(String key, String domain, Report report) {
        try {
            String prepared = BareJid.of(null, domain).domain();
            if (!prepared.equals(domain)) {
                report.wrong(key, domain + " (expected: " + prepared + ")");
            }
        } catch (JidException e) {
            report.wrong(key, domain + " is no domain");
        }
    }
}
