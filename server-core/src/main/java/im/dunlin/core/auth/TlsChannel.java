// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What authentication needs to know of the TLS connection below a stream. Kept no longer than until the stream is
 * authenticated: the values of the bindings identify the connection. */
public final class TlsChannel {
    /** Secure, but not by TLS that ends in this process: there is nothing to bind to. */
    public static final TlsChannel ELSEWHERE = new TlsChannel("elsewhere", Map.of());

    private final String protocol;
    private final Map<String, byte[]> bindings;
    private final List<String> bindingTypes;

    /**
     * @param protocol the version as the Java platform names it, for example {@code TLSv1.3}
     * @param bindings value by channel-binding type (RFC 5056), only those that hold for this very connection
     */
    public TlsChannel(String protocol, Map<String, byte[]> bindings) {
        this.protocol = protocol;
        this.bindings = new HashMap<>(bindings);
        this.bindingTypes = bindings.keySet().stream().sorted().toList();
    }

    public String protocol() {
        return protocol;
    }

    /** The channel-binding types of this connection in octet order. */
    public List<String> bindingTypes() {
        return bindingTypes;
    }

    /** The value of a channel-binding type; null if this connection has none. */
    public byte @Nullable [] binding(String type) {
        byte[] value = bindings.get(type);
        return value == null ? null : value.clone();
    }

    /** XEP-0515: the protocol version as four lower-case hexadecimal digits, or null for a version it does not list. */
    @Nullable
    String versionDigits() {
        return switch (protocol) {
            case "TLSv1.3" -> "0304";
            case "TLSv1.2" -> "0303";
            default -> null;
        };
    }

    @Override
    public String toString() {
        return protocol + " " + bindingTypes();
    }
}
