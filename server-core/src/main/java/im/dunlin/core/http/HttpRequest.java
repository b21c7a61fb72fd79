// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request (RFC 9110). Immutable.
 *
 * @param method in upper case
 * @param domain the served domain whose name the request was for
 * @param path decoded once; begins with a slash, and no segment of it is a dot, two dots or empty but the last
 * @param query as sent, without the question mark
 * @param headers by name in lower case; several of one name are joined by commas
 * @param length of the body as announced, -1 if it is chunked, 0 without a body
 * @param from the client's own address, also behind a proxy that is trusted
 * @param secure whether nobody else on the way can read it: TLS, here or at a trusted proxy, or this machine alone
 */
public record HttpRequest(
        String method,
        String domain,
        String path,
        @Nullable String query,
        Map<String, String> headers,
        long length,
        InetAddress from,
        boolean secure) {
    public HttpRequest {
        headers = Map.copyOf(headers);
    }

    /** @param name in lower case */
    public @Nullable String header(String name) {
        return headers.get(name);
    }
}
