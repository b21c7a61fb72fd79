// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.version;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.Setting;
import im.dunlin.core.module.Setup;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** XEP-0092: Software Version, of the server. */
public final class VersionModule {
    private static final String NS = "jabber:iq:version";
    private static final Name QUERY = Name.of(NS, "query");

    /** What is said beside name and version. */
    public record Options(
            @Setting(says = "Whether to name the operating system as well.", byDefault = "false")
            boolean os) {}

    private final Setup setup;

    public VersionModule(Setup setup) {
        this.setup = setup;
        setup.implementing(92, "1.1").feature(NS, SERVER).iqGet(QUERY, Set.of(SERVER), (iq, turn) -> answer(iq));
    }

    private Iq answer(Iq iq) {
        String domain = Objects.requireNonNull(iq.to()).domain();
        ElementBuilder query =
                Element.builder(QUERY).child(Name.of(NS, "name"), "Dunlin").child(Name.of(NS, "version"), version());
        if (setup.config().host(domain).options("version", Options.class).os()) {
            query.child(Name.of(NS, "os"), System.getProperty("os.name") + " " + System.getProperty("os.version"));
        }
        return iq.result(query.build());
    }

    /** As the manifest of the jar has it. */
    private static String version() {
        @Nullable String version = VersionModule.class.getPackage().getImplementationVersion();
        return version == null ? "unreleased" : version;
    }
}
