// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.http;

/** Answers requests, at once or later. Called on the connection's event loop; must not wait. */
@FunctionalInterface
public interface HttpHandler {
    void handle(HttpExchange exchange);
}
