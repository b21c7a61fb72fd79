// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import im.dunlin.core.jid.BareJid;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One domain: who may do what there, and for how long things are kept. */
public record HostConfig(
        @Setting(
                says =
                        "Bare JIDs of the administrators. Users find them (XEP-0157); those with accounts here administer"
                                + " the host with their clients (XEP-0133).")
        List<BareJid> admins,

        @Setting(says = "Accounts that clients make themselves (XEP-0077).")
        Registration registration,

        @Setting(
                says =
                        "How long the name of a removed account cannot be taken again, so that nobody writes to a stranger.",
                byDefault = "3650d",
                max = 36_500L * 86_400)
        Duration reserveNames,

        @Setting(
                says = "Whether users of other servers and those of this host reach each other. localhost has no other"
                        + " servers.",
                byDefault = "true")
        boolean federation,

        @Setting(says = "SASL mechanisms of this host, in place of those of authentication. Without this key: those.")
        List<OfferedMechanism> mechanisms,

        @Setting(says = "How long archives are kept.") ArchiveRetention retention,

        @Setting(says = "Certificate. Without one the server makes and keeps a self-signed one.")
        TlsFiles tls,

        @Setting(says = "The host over HTTP.") WebConfig web,

        @Setting(
                says = "Protocol extensions. All are on: false turns one off, its own keys (where it has any)"
                        + " change it.")
        Map<String, ModuleConfig> modules,

        @Setting(says = "Limits of an account.") AccountLimits limits) {

    public HostConfig {
        admins = List.copyOf(admins);
        mechanisms = List.copyOf(mechanisms);
        modules = RecordBinder.ordered(modules);
    }

    /** A host with nothing configured. */
    public static HostConfig defaults() {
        return RecordBinder.defaults(HostConfig.class);
    }

    /** Whether users of other servers reach this host. @param name its own; nobody elsewhere can mean our localhost */
    public boolean isFederated(String name) {
        return federation && !name.equals("localhost");
    }

    /** Whether the module is on; one that the configuration does not mention is. */
    public boolean hasModule(String key) {
        ModuleConfig module = modules.get(key);
        return module == null || module.enabled();
    }

    /** The modules that are not on. */
    public Set<String> switchedOff() {
        return modules.keySet().stream().filter(key -> !hasModule(key)).collect(Collectors.toUnmodifiableSet());
    }

    /** The module's own options, its defaults where the configuration does not mention it. */
    public <C extends Record> C options(String key, Class<C> section) {
        ModuleConfig module = modules.get(key);
        return module == null ? RecordBinder.defaults(section) : section.cast(module.options());
    }
}
