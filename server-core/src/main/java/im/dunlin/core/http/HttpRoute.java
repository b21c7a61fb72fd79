// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

import java.util.Set;

/**
 * Who answers at a path. What no route allows is not there: 404, or 405 for another method.
 *
 * @param path the whole path, or with a slash at its end all below it; of several the longest is meant
 * @param methods that are answered; HEAD comes with GET, OPTIONS with all
 * @param origins whose scripts may read the answers
 */
public record HttpRoute(String path, Set<String> methods, Origins origins, HttpHandler handler) {
    /** Which sites' scripts may use a route from a browser (Cross-Origin Resource Sharing). */
    public enum Origins {
        /** Only this server's own pages. */
        OWN,
        /** The sites that the configuration names. */
        ALLOWED,
        /** Every site: what is said there is public. */
        ANY
    }

    public HttpRoute {
        methods = Set.copyOf(methods);
    }

    public boolean matches(String requested) {
        return path.endsWith("/") && path.length() > 1 ? requested.startsWith(path) : requested.equals(path);
    }
}
