// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

/**
 * One socket that clients connect to.
 *
 * @param kind what the first byte is
 * @param address an IP address, a host name, or {@link #ANY_ADDRESS}
 * @param port 0 lets the system choose
 */
public record ListenerConfig(
        @Setting(
                says =
                        "starttls: TLS after STARTTLS; direct-tls: TLS from the first byte; https: HTTP inside TLS; http:"
                                + " HTTP for this machine and for trusted proxies, others are sent to https; component: components, in"
                                + " the clear; server: other servers, TLS after STARTTLS; server-direct-tls: other servers, TLS from the first byte.",
                byDefault = "starttls")
        Kind kind,

        @Setting(
                says =
                        "IP address or name to listen on; \"*\" is all addresses. Without this key: all, but for components"
                                + " loopback.")
        String address,

        @Setting(says = "TCP port.", byDefault = "5222", max = 65_535)
        int port) {

    public ListenerConfig {
        if (address == null) {
            address = kind == Kind.COMPONENT ? "localhost" : ANY_ADDRESS;
        }
    }

    /** Listen on every address of the machine. */
    public static final String ANY_ADDRESS = "*";

    /** What is spoken on a listener. */
    public enum Kind {
        STARTTLS,
        DIRECT_TLS,
        HTTPS,
        HTTP,
        COMPONENT,
        SERVER,
        SERVER_DIRECT_TLS;

        /** Whether HTTP is spoken there. */
        public boolean isHttp() {
            return this == HTTPS || this == HTTP;
        }
    }
}
