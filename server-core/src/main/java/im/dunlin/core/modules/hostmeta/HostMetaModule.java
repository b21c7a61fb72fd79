// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.hostmeta;

import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.module.Setup;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** XEP-0156: where a host's clients connect by other ways than TCP, at the place that RFC 6415 gives such things. */
public final class HostMetaModule {
    private static final String XRD_NS = "http://docs.oasis-open.org/ns/xri/xrd-1.0";
    private static final Name XRD = Name.of(XRD_NS, "XRD");
    private static final Name LINK = Name.of(XRD_NS, "Link");
    private static final String WEBSOCKET = "urn:xmpp:alt-connections:websocket";
    private static final String BOSH = "urn:xmpp:alt-connections:xbosh";
    private static final String PATH = "/.well-known/host-meta";

    private final PublicAddresses addresses;

    public HostMetaModule(Setup setup) {
        addresses = setup.require(PublicAddresses.class);
        // Scripts of every site may ask, since clients on other sites must (§4).
        setup.implementing(156, "1.4.0")
                .http(new HttpRoute(PATH, Set.of("GET"), HttpRoute.Origins.ANY, this::xml))
                .http(new HttpRoute(PATH + ".json", Set.of("GET"), HttpRoute.Origins.ANY, this::json));
    }

    private void xml(HttpExchange exchange) {
        ElementBuilder document = Element.builder(XRD);
        links(exchange)
                .forEach((relation, address) -> document.child(Element.builder(LINK)
                        .attr("rel", relation)
                        .attr("href", address)
                        .build()));
        CanonicalWriter writer = new CanonicalWriter();
        document.build().writeTo(writer);
        byte[] declaration = "<?xml version='1.0' encoding='utf-8'?>\n".getBytes(StandardCharsets.US_ASCII);
        byte[] whole = new byte[declaration.length + writer.size()];
        System.arraycopy(declaration, 0, whole, 0, declaration.length);
        System.arraycopy(writer.array(), 0, whole, declaration.length, writer.size());
        exchange.respond(HttpResponse.of(HttpResponse.OK, "application/xrd+xml; charset=utf-8", whole));
    }

    private void json(HttpExchange exchange) {
        // Nothing in a relation or an address needs escaping in JSON.
        String links = links(exchange).entrySet().stream()
                .map(link -> "{\"rel\":\"" + link.getKey() + "\",\"href\":\"" + link.getValue() + "\"}")
                .collect(Collectors.joining(","));
        exchange.respond(HttpResponse.of(
                HttpResponse.OK,
                "application/json",
                ("{\"links\":[" + links + "]}\n").getBytes(StandardCharsets.UTF_8)));
    }

    private Map<String, String> links(HttpExchange exchange) {
        Map<String, String> links = new LinkedHashMap<>();
        String domain = exchange.request().domain();
        String websocket = addresses.ofWebSocket(domain);
        if (websocket != null) {
            links.put(WEBSOCKET, websocket);
        }
        String bosh = addresses.ofBosh(domain);
        if (bosh != null) {
            links.put(BOSH, bosh);
        }
        return links;
    }
}
