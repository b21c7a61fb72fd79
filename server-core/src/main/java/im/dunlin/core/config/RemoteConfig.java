// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is different about one other server. */
public record RemoteConfig(
        @Setting(
                says =
                        "Host and port of the server, such as 192.0.2.1:5269 or xmpp.example.net:5269. Without this key: as"
                                + " DNS says.")
        @Nullable
        String address,

        @Setting(says = "As federation.authentication, for this domain.")
        FederationConfig.@Nullable Proof authentication,

        @Setting(says = "true: nothing is taken from this domain or sent to it.", byDefault = "false")
        boolean blocked)
        implements Checked {
    private static final Pattern ADDRESS = Pattern.compile("([^:/ ]+|\\[[0-9a-fA-F:.]+]):[0-9]{1,5}");

    @Override
    public void check(Report report) {
        if (address != null && !isHostAndPort(address)) {
            report.wrong(
                    "address", address + " (expected: host and port such as 192.0.2.1:5269 or [2001:db8::1]:5269)");
        }
    }

    private static boolean isHostAndPort(String address) {
        if (!ADDRESS.matcher(address).matches()) {
            return false;
        }
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return port >= 1 && port <= 65_535;
    }
}
