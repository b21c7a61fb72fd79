// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.https;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/** Scheme, host and port of a URL (RFC 6454); the scheme is https. */
public record Origin(String host, int port) {
    private static final int DEFAULT_PORT = 443;

    private static final int MAX_URL = 1_000;

    /** A host name; one whose last label is a number may be an address in disguise. */
    private static final Pattern NAME =
            Pattern.compile("([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?");

    private static final int MAX_NAME = 253;

    /** @throws IllegalArgumentException with the reason why no request may be made to this URL */
    public static Origin of(URI url) {
        String host = url.getHost();
        if (!"https".equalsIgnoreCase(url.getScheme())) {
            throw new IllegalArgumentException("not https");
        }
        String text = url.toString();
        if (text.length() > MAX_URL || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("longer than " + MAX_URL + " characters, or not ASCII");
        }
        if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw new IllegalArgumentException("a user or a fragment in it");
        }
        if (host == null) {
            throw new IllegalArgumentException("no host name in it");
        }
        String name = host.toLowerCase(Locale.ROOT);
        if (name.length() > MAX_NAME || !NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("its host is no name");
        }
        int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
        if (port == 0 || port > 0xffff) {
            throw new IllegalArgumentException("its port is none");
        }
        return new Origin(name, port);
    }

    /** What a request asks for: path and query. */
    public static String target(URI url) {
        String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
        return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    }

    public boolean hasDefaultPort() {
        return port == DEFAULT_PORT;
    }

    /** As in the header Host. */
    String authority() {
        return hasDefaultPort() ? host : host + ":" + port;
    }

    @Override
    public String toString() {
        return "https://" + authority();
    }
}
