// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import im.dunlin.core.config.ServerConfig;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where each host is reached over HTTP, as clients are told. Known when the listeners are open; any thread. */
public final class PublicAddresses {
    public static final String WEBSOCKET_PATH = "/ws";
    public static final String BOSH_PATH = "/bosh";

    private static final int HTTPS_PORT = 443;
    private static final int NONE = -1;

    private final ServerConfig config;
    private final UnaryOperator<String> spelling;
    private volatile int tls = NONE;
    private volatile int plain = NONE;

    /** @param spelling of a domain in URLs, which know only ASCII */
    public PublicAddresses(ServerConfig config, UnaryOperator<String> spelling) {
        this.config = config;
        this.spelling = spelling;
    }

    /** A listener for HTTP is open; the first of a kind counts. */
    public void listening(boolean withTls, int port) {
        if (withTls && tls == NONE) {
            tls = port;
        } else if (!withTls && plain == NONE) {
            plain = port;
        }
    }

    /**
     * Scheme, name and port, such as {@code https://example.org:5281}; null where nothing listens. For this machine alone
     * it is without TLS, as no program trusts a certificate for that.
     */
    public @Nullable String of(String domain) {
        String configured = config.host(domain).web().url();
        if (configured != null) {
            return configured;
        }
        String name = spelling.apply(domain);
        if (plain != NONE && (tls == NONE || domain.equals("localhost"))) {
            return "http://" + name + ":" + plain;
        }
        return tls == NONE ? null : "https://" + name + (tls == HTTPS_PORT ? "" : ":" + tls);
    }

    /** Where clients connect by WebSocket. */
    public @Nullable String ofWebSocket(String domain) {
        String address = of(domain);
        return address == null ? null : address.replaceFirst("^http", "ws") + WEBSOCKET_PATH;
    }

    /** Where clients connect by BOSH. */
    public @Nullable String ofBosh(String domain) {
        String address = of(domain);
        return address == null ? null : address + BOSH_PATH;
    }
}
