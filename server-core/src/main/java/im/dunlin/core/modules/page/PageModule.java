// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.page;

import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpHandler;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.module.Setup;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * The page at {@code /}: what this server is, how to connect, and a chat in the browser where the build has the web client
 * (Converse.js).
 */
public final class PageModule {
    /** Its name in the configuration. */
    public static final String KEY = "page";

    private static final String CHAT = "/chat/";
    private static final Set<String> READ = Set.of("GET");

    private static final String WITH_CHAT = "<p><a class=\"button\" href=\"/chat\">Chat in this browser</a></p>";

    private static final String WITHOUT_CHAT = "<p>This build has no chat for the browser: whoever builds it with"
            + " <code>npm</code> on the path has one (see <code>CONTRIBUTING.md</code>).</p>";

    /** What is on the pages comes from this server, but for pictures and sounds that people send each other. */
    private static final String POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"
            + " style-src 'self' 'unsafe-inline'; img-src 'self' https: http: data: blob:; media-src 'self' https: http:"
            + " blob:; connect-src 'self' ws: wss: https:; frame-src https:; object-src 'none'; base-uri 'none';"
            + " form-action 'self'; frame-ancestors 'none'";

    private final PublicAddresses addresses;
    private final SharedFiles files;
    private final Set<String> client = WebFiles.ofClient();
    private final String page = WebFiles.text("page/page.html");
    private final String chat = WebFiles.text("page/chat.html");

    public PageModule(Setup setup) {
        addresses = setup.require(PublicAddresses.class);
        files = setup.require(SharedFiles.class);
        route(setup, "/", this::page);
        route(setup, "/page.css", fixed("page/page.css"));
        if (!client.isEmpty()) {
            route(setup, "/chat", exchange -> respond(exchange, "chat.html", filled(chat, exchange)));
            route(setup, CHAT + "start.js", fixed("page/start.js"));
            route(setup, CHAT, this::client);
        }
    }

    private static void route(Setup setup, String path, HttpHandler handler) {
        setup.http(new HttpRoute(path, READ, HttpRoute.Origins.OWN, handler));
    }

    private static HttpHandler fixed(String name) {
        byte[] content = WebFiles.read(name);
        return exchange -> respond(exchange, name, content);
    }

    private static void respond(HttpExchange exchange, String name, byte[] content) {
        exchange.respond(HttpResponse.of(HttpResponse.OK, WebFiles.type(name), content)
                .with("Content-Security-Policy", POLICY)
                .with("Referrer-Policy", "no-referrer"));
    }

    private void page(HttpExchange exchange) {
        String filled = page.replace("{{chat}}", client.isEmpty() ? WITHOUT_CHAT : WITH_CHAT);
        respond(exchange, "page.html", filled(filled, exchange));
    }

    /** Nothing in a domain or an address of one means anything in HTML. */
    private byte[] filled(String template, HttpExchange exchange) {
        String host = exchange.request().domain();
        return template.replace("{{host}}", host)
                .replace("{{websocket}}", String.valueOf(addresses.ofWebSocket(host)))
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Files of the web client, which are large, are not kept in memory. */
    private void client(HttpExchange exchange) {
        String name = exchange.request().path().substring(CHAT.length());
        if (!client.contains(name)) {
            exchange.respond(HttpResponse.text(HttpResponse.NOT_FOUND, "There is nothing here."));
            return;
        }
        files.load(
                () -> WebFiles.read("chat/" + name),
                content -> exchange.respond(
                        content == null
                                ? HttpResponse.text(HttpResponse.INTERNAL_SERVER_ERROR, "It could not be read.")
                                : HttpResponse.of(HttpResponse.OK, WebFiles.type(name), content)
                                        .with("Content-Security-Policy", POLICY)
                                        .with("Cache-Control", "max-age=86400")));
    }
}
