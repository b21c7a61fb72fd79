// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.outage;

import static im.dunlin.core.module.Addressee.SERVER;

import im.dunlin.core.config.Checked;
import im.dunlin.core.config.Setting;
import im.dunlin.core.form.Field;
import im.dunlin.core.form.Form;
import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.Element;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * XEP-0455: Service Outage Status. Clients learn while the server is there where its status will be when it is not: at addresses
 * of another machine, which the operator names.
 */
public final class OutageModule {
    /** Its name in the configuration. */
    public static final String KEY = "outage";

    /** Where the status is. */
    public record Options(
            @Setting(
                    says =
                            "Addresses of files on another machine that say what is wrong while this host is out of order"
                                    + " (XEP-0455), such as https://status.example.net/example.org.json.")
            List<String> addresses)
            implements Checked {
        public Options {
            addresses = List.copyOf(addresses);
        }

        @Override
        public void check(Report report) {
            for (String address : addresses) {
                if (!isWeb(address)) {
                    report.wrong("addresses", address + " (expected: an address with https or http)");
                }
            }
        }

        private static boolean isWeb(String address) {
            try {
                URI uri = new URI(address);
                return uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()));
            } catch (URISyntaxException e) {
                return false;
            }
        }
    }

    private final Setup setup;

    public OutageModule(Setup setup) {
        this.setup = setup;
        setup.implementing(455, "0.4.0").discoForm(this::form, SERVER);
    }

    private @Nullable Element form(String domain) {
        List<String> addresses =
                setup.config().host(domain).options(KEY, Options.class).addresses();
        return addresses.isEmpty()
                ? null
                : Form.of(
                                "urn:xmpp:sos:0",
                                "Service outage status",
                                Field.lines("external-status-addresses", "").with(addresses))
                        .result();
    }
}
