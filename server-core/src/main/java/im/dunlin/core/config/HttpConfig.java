// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP, the same for all its listeners. */
public record HttpConfig(
        @Setting(
                says =
                        "Addresses of proxies, such as 10.0.0.0/8 or ::1. What they say of a client's address is believed:"
                                + " by the PROXY protocol on every listener, by X-Forwarded-For and X-Forwarded-Proto on those for"
                                + " HTTP.")
        List<AddressRange> trustedProxies,

        @Setting(
                says =
                        "Other sites whose web clients may connect and upload, such as https://chat.example.net; \"*\" is"
                                + " every site.")
        List<String> origins)
        implements Checked {

    public HttpConfig {
        trustedProxies = List.copyOf(trustedProxies);
        origins = List.copyOf(origins);
    }

    public boolean isTrusted(InetAddress address) {
        return trustedProxies.stream().anyMatch(range -> range.contains(address));
    }

    @Override
    public void check(Report report) {
        for (String origin : origins) {
            if (!origin.equals("*") && !isOrigin(origin)) {
                report.wrong("origins", origin + " (expected: scheme, name and port such as https://chat.example.net)");
            }
        }
    }

    /** Whether this is http or https, a name and maybe a port, and nothing else. */
    static boolean isOrigin(@Nullable String text) {
        try {
            URI uri = URI.create(String.valueOf(text));
            return ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getRawPath().isEmpty()
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
