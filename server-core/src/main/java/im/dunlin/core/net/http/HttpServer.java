// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.http;

import im.dunlin.core.config.HttpConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.config.WebConfig;
import im.dunlin.core.http.HttpHandler;
import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpRoute;
import im.dunlin.core.http.HttpRoutes;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.net.BoshSessions;
import im.dunlin.core.net.ClientListener;
import im.dunlin.core.net.ClientStreams;
import im.dunlin.core.net.ConnectionLimits;
import im.dunlin.core.net.tls.TlsContexts;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What all connections for HTTP share: which host and route a request is for, from whom it comes, and whether it may.
 *
 * <p>Everything is refused that no route allows. Any event loop.
 */
public final class HttpServer implements ClientListener.Acceptor {
    private static final String FORWARDED_FOR = "x-forwarded-for";
    private static final String FORWARDED_PROTO = "x-forwarded-proto";

    private final ServerConfig config;
    private final HttpRoutes routes;
    private final PublicAddresses addresses;
    private final ClientStreams streams;
    private final TlsContexts tls;

    private final BoshSessions bosh;

    /** Served domains by the names that a URL may have for them. */
    private final Map<String, String> domains = new HashMap<>();

    private final String defaultDomain;

    public HttpServer(
            ServerConfig config, HttpRoutes routes, PublicAddresses addresses, ClientStreams streams, TlsContexts tls) {
        this.config = config;
        this.routes = routes;
        this.addresses = addresses;
        this.streams = streams;
        this.tls = tls;
        this.bosh = new BoshSessions(streams);
        this.defaultDomain = config.hosts().keySet().iterator().next();
        config.hosts().forEach((domain, host) -> {
            domains.put(TlsContexts.nameInUrls(domain), domain);
            WebConfig web = host.web();
            if (web.url() != null) {
                domains.putIfAbsent(URI.create(web.url()).getHost().toLowerCase(Locale.ROOT), domain);
            }
        });
    }

    @Override
    public void accept(Channel channel, ConnectionLimits.Admission admission, boolean withTls) {
        if (withTls) {
            channel.pipeline().addLast(tls.https());
        }
        channel.pipeline()
                .addLast(
                        new StrictRequestDecoder(limits().http()),
                        new HttpResponseEncoder(),
                        new FlowControlHandler(),
                        new HttpConnection(this, admission, withTls));
    }

    Limits limits() {
        return config.limits();
    }

    ClientStreams streams() {
        return streams;
    }

    BoshSessions bosh() {
        return bosh;
    }

    // ---- requests
    // ----------------------------------------------------------------------------------------------------

    /** Reads the head of a request. @param peer who sent it here, a proxy maybe */
    HttpRequest read(io.netty.handler.codec.http.HttpRequest head, InetAddress peer, boolean withTls)
            throws RefusedRequestException {
        if (!head.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && !head.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            throw new RefusedRequestException(HttpResponse.BAD_REQUEST, "Only HTTP/1.1 is spoken here.");
        }
        HttpHeaders headers = head.headers();
        List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1) {
            throw new RefusedRequestException(HttpResponse.BAD_REQUEST, "A request names one host.");
        }
        String target = head.uri();
        String authority = hosts.get(0);
        if (!target.startsWith("/")) {
            // What proxies are sent (RFC 9112 §3.2.2); the target's host is meant.
            int name = target.indexOf("://") + 3;
            int path = target.indexOf('/', name);
            if (name < 3 || path < 0) {
                throw new RefusedRequestException(HttpResponse.BAD_REQUEST, "The target of this request is malformed.");
            }
            authority = target.substring(name, path);
            target = target.substring(path);
        }
        String domain = domain(authority);
        if (domain == null) {
            throw new RefusedRequestException(HttpResponse.MISDIRECTED_REQUEST, "This host is not served here.");
        }
        int query = target.indexOf('?');
        boolean trusted = config.http().isTrusted(peer);
        Map<String, String> all = new HashMap<>();
        for (Map.Entry<String, String> header : headers) {
            all.merge(header.getKey().toLowerCase(Locale.ROOT), header.getValue(), (one, other) -> one + ", " + other);
        }
        boolean secure = withTls || (trusted ? "https".equals(all.get(FORWARDED_PROTO)) : peer.isLoopbackAddress());
        return new HttpRequest(
                head.method().name(),
                domain,
                RequestPath.decode(query < 0 ? target : target.substring(0, query)),
                query < 0 ? null : target.substring(query + 1),
                all,
                length(headers),
                trusted ? client(peer, all.get(FORWARDED_FOR)) : peer,
                secure);
    }

    private static long length(HttpHeaders headers) {
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        // The decoder has refused what is no number.
        return length != null ? Long.parseLong(length) : headers.contains(HttpHeaderNames.TRANSFER_ENCODING) ? -1 : 0;
    }

    /** The last address that somebody trusted saw and that is not itself a trusted proxy. */
    private InetAddress client(InetAddress peer, @Nullable String forwarded) {
        InetAddress client = peer;
        String[] hops = forwarded == null ? new String[0] : forwarded.split(",", -1);
        for (int i = hops.length - 1; i >= 0 && config.http().isTrusted(client); i--) {
            String hop = hops[i].strip();
            try {
                if (!NetUtil.isValidIpV4Address(hop) && !NetUtil.isValidIpV6Address(hop)) {
                    break;
                }
                client = InetAddress.getByName(hop);
            } catch (UnknownHostException e) {
                break;
            }
        }
        return client;
    }

    private @Nullable String domain(String authority) {
        String name = name(authority);
        return isAddress(name) ? defaultDomain : domains.get(name);
    }

    /** The host of an authority, without its port. */
    private static String name(String authority) {
        int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.lastIndexOf(':');
        String name = end <= 0 ? authority : authority.substring(0, end);
        return name.endsWith(".")
                ? name.substring(0, name.length() - 1).toLowerCase(Locale.ROOT)
                : name.toLowerCase(Locale.ROOT);
    }

    private static boolean isAddress(String name) {
        return NetUtil.isValidIpV4Address(name) || name.startsWith("[") && NetUtil.isValidIpV6Address(name);
    }

    // ---- routes
    // ------------------------------------------------------------------------------------------------------

    /** The route that answers; every other request is refused here. @param streams answers requests of BOSH */
    HttpRoute route(HttpRequest request, HttpHandler streams) throws RefusedRequestException {
        if (!request.secure()) {
            throw new RefusedRequestException(elsewhere(request));
        }
        boolean isStream = request.path().equals(PublicAddresses.BOSH_PATH);
        HttpRoute route = isStream
                ? new HttpRoute(PublicAddresses.BOSH_PATH, Set.of("POST"), HttpRoute.Origins.ALLOWED, streams)
                : routes.find(request.domain(), request.path());
        if (route == null) {
            throw new RefusedRequestException(HttpResponse.NOT_FOUND, "There is nothing here.");
        }
        String method = request.method();
        if (method.equals("OPTIONS")) {
            throw new RefusedRequestException(options(route, request));
        }
        if (!route.methods().contains(method.equals("HEAD") ? "GET" : method)) {
            throw new RefusedRequestException(
                    HttpResponse.text(HttpResponse.METHOD_NOT_ALLOWED, "This cannot be done here.")
                            .with("Allow", allowed(route)));
        }
        String origin = request.header("origin");
        if (isStream && origin != null && !isAllowed(origin, request.header("host"))) {
            throw new RefusedRequestException(HttpResponse.FORBIDDEN, "Web clients of this site may not connect here.");
        }
        return route;
    }

    /** Nothing is said in the clear but where it is said otherwise. */
    private HttpResponse elsewhere(HttpRequest request) {
        String address = addresses.of(request.domain());
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        if (!reads || address == null || !address.startsWith("https:")) {
            return HttpResponse.text(HttpResponse.FORBIDDEN, "Use HTTPS.");
        }
        String path = URI.create("/").resolve(encoded(request.path())).toASCIIString();
        return HttpResponse.text(HttpResponse.PERMANENT_REDIRECT, "Use HTTPS.").with("Location", address + path);
    }

    private static URI encoded(String path) {
        try {
            return new URI(null, null, path, null);
        } catch (java.net.URISyntaxException e) {
            return URI.create("/");
        }
    }

    private static String allowed(HttpRoute route) {
        String methods = String.join(", ", route.methods().stream().sorted().toList());
        return (route.methods().contains("GET") ? "HEAD, " : "") + "OPTIONS, " + methods;
    }

    private HttpResponse options(HttpRoute route, HttpRequest request) {
        HttpResponse answer = HttpResponse.empty(HttpResponse.NO_CONTENT).with("Allow", allowed(route));
        boolean read = mayRead(route, request.header("origin"), request.header("host"));
        return withOrigins(read ? preflight(answer, route) : answer, route, request);
    }

    private static HttpResponse preflight(HttpResponse answer, HttpRoute route) {
        return answer.with("Access-Control-Allow-Methods", allowed(route))
                .with("Access-Control-Allow-Headers", "Authorization, Content-Type")
                .with("Access-Control-Max-Age", "3600");
    }

    private boolean mayRead(HttpRoute route, @Nullable String origin, @Nullable String host) {
        return switch (route.origins()) {
            case OWN -> false;
            case ALLOWED -> origin != null && isAllowed(origin, host);
            case ANY -> true;
        };
    }

    /** The answer, with what browsers must know of who may read it. */
    HttpResponse withOrigins(HttpResponse response, HttpRoute route, HttpRequest request) {
        String origin = request.header("origin");
        if (!mayRead(route, origin, request.header("host"))) {
            return route.origins() == HttpRoute.Origins.ALLOWED ? response.with("Vary", "Origin") : response;
        }
        return route.origins() == HttpRoute.Origins.ANY
                ? response.with("Access-Control-Allow-Origin", "*")
                : response.with("Access-Control-Allow-Origin", String.valueOf(origin))
                        .with("Vary", "Origin");
    }

    /**
     * Whether scripts of this site may connect: of a served host, at whatever port, of an address that was asked for by
     * address (a name could have been pointed here), or of a site that the configuration names.
     */
    boolean isAllowed(String origin, @Nullable String host) {
        HttpConfig http = config.http();
        if (http.origins().contains("*") || http.origins().contains(origin)) {
            return true;
        }
        String name;
        try {
            name = URI.create(origin).getHost();
        } catch (IllegalArgumentException e) {
            return false;
        }
        if (name == null) {
            return false;
        }
        return domains.containsKey(name.toLowerCase(Locale.ROOT))
                || isAddress(name) && host != null && name.equals(name(host));
    }
}
