// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig.Kind;
import im.dunlin.dist.ServerUnderTest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the listener for HTTP answers, byte for byte. */
class HttpIT {
    private static final String META = "/.well-known/host-meta";
    private static final String UPGRADE = "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            http:
              origins: [ "https://chat.example.net" ]
              trustedProxies: [ 127.0.99.0/24 ]
            limits: { http: { head: 1s }, timeouts: { close: 1s } }
            """);

    /** All that the server says until it closes; the last request must ask for that. */
    private static String talk(String requests) throws IOException {
        return talk("127.0.0.1", requests);
    }

    private static String talk(String from, String requests) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", server.port(Kind.HTTP)));
            socket.getOutputStream().write(requests.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String get(String path, String... headers) throws IOException {
        return talk(request("GET", path, headers));
    }

    private static String request(String method, String path, String... headers) {
        StringBuilder lines = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n");
        for (String header : headers) {
            lines.append(header).append("\r\n");
        }
        return lines.append("Connection: close\r\n\r\n").toString();
    }

    private static String status(String answer) {
        return answer.substring(0, Math.max(0, answer.indexOf("\r\n"))).replaceFirst("HTTP/1.1 (\\d+).*", "$1");
    }

    // ---- host-meta
    // ---------------------------------------------------------------------------------------------------

    @Test
    void hostMetaNamesTheWebSocketAndBosh() throws Exception {
        String url = "ws://localhost:" + server.port(Kind.HTTP) + "/ws";
        String bosh = "http://localhost:" + server.port(Kind.HTTP) + "/bosh";

        assertThat(get(META))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .containsIgnoringCase("access-control-allow-origin: *\r\n")
                .endsWith("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>"
                        + "<Link rel='urn:xmpp:alt-connections:websocket' href='" + url + "'/>"
                        + "<Link rel='urn:xmpp:alt-connections:xbosh' href='" + bosh + "'/></XRD>");
        assertThat(get(META + ".json"))
                .containsIgnoringCase("content-type: application/json\r\n")
                .contains("{\"links\":[{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":\"" + url + "\"},"
                        + "{\"rel\":\"urn:xmpp:alt-connections:xbosh\",\"href\":\"" + bosh + "\"}]}");
    }

    // ---- bodies
    // ------------------------------------------------------------------------------------------------------

    @Test
    void bodyThatNobodyWantedIsNotReadForEver() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port(Kind.HTTP))) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write("PUT /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            int sent = 0;
            try {
                while (sent < 100) {
                    out.write('x');
                    sent++;
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            } catch (IOException e) {
                // It is closed, as it should be.
            }

            assertThat(sent).isLessThan(100);
        }
    }

    // ---- pages
    // -------------------------------------------------------------------------------------------------------

    @Test
    void pageSaysWhatThisIsAndLetsNothingElseRunThere() throws Exception {
        String page = get("/");
        String css = get("/page.css");

        assertThat(page)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains(
                        "<title>localhost</title>",
                        "NAME@localhost",
                        "ws://localhost:" + server.port(Kind.HTTP) + "/ws")
                .doesNotContain("{{")
                .containsIgnoringCase(
                        "content-security-policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval';");
        assertThat(css).startsWith("HTTP/1.1 200 OK\r\n").containsIgnoringCase("content-type: text/css");
    }

    @Test
    void chatIsOfferedExactlyWhereTheBuildHasIt() throws Exception {
        boolean packed = HttpIT.class.getResource("/web/chat/index") != null;

        assertThat(get("/").contains("href=\"/chat\"")).isEqualTo(packed);
        assertThat(status(get("/chat"))).isEqualTo(packed ? "200" : "404");
        assertThat(status(get("/chat/dist/converse.min.js"))).isEqualTo(packed ? "200" : "404");
        assertThat(status(get("/chat/LICENSE"))).isEqualTo(packed ? "200" : "404");
        assertThat(status(get("/chat/index"))).isEqualTo("404");
        assertThat(status(get("/chat/../page/page.html"))).isEqualTo("400");
        assertThat(status(get("/chat/dist"))).isEqualTo("404");
    }

    // ---- HTTP
    // --------------------------------------------------------------------------------------------------------

    @Test
    void requestsOfOneConnectionAreAnsweredInTheirOrder() throws Exception {
        String keep = "GET " + META + " HTTP/1.1\r\nHost: localhost\r\n\r\n";

        assertThat(talk(keep + keep.replace("GET", "HEAD") + "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n"
                        + request("GET", META + ".json")))
                .matches("(?s).*200 OK.*XRD>HTTP/1.1 200 OK.*\r\n\r\nHTTP/1.1 404 .*HTTP/1.1 200 OK.*links.*");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/.well-known/../.well-known/host-meta",
                "/.well-known/%2e%2e/host-meta",
                "/.well-known/%2E/host-meta",
                "/.well-known//host-meta",
                "/.well-known%2f/host-meta",
                "/.well-known\\host-meta",
                "/.well-known/%5chost-meta",
                "/%00",
                "/%zz",
                "/%2",
                "/%u002e%u002e/",
                "/%2>%2>",
                "/%c0%ae%c0%ae/",
                "/%ff",
                "/\u00e9",
                "/\u007f"
            })
    void pathThatCouldBeReadTwoWaysIsMalformed(String path) throws Exception {
        assertThat(status(get(path))).isEqualTo("400");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\nHost: localhost\n\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"
                        + "\r\n0\r\n\r\n",
                "GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n"
                        + "Content-Length: 5\r\n\r\n0\r\n\r\n",
                "GET / HTTP/2.0\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "GET http:// HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "<stream:stream xmlns='jabber:client'>\r\n\r\n"
            })
    void requestThatIsNoneIsRefused(String request) throws Exception {
        assertThat(status(talk(request))).isEqualTo("400");
    }

    /** Threat H09: of its lengths only the first is known here. */
    @Test
    void connectionInHttp10EndsWithItsAnswer() throws Exception {
        String two = "Content-Length: 1\r\nContent-Length: 60\r\n";

        assertThat(talk("GET " + META + " HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n" + two + "\r\nx"
                        + request("GET", "/none")))
                .startsWith("HTTP/1.1 200 OK\r\n")
                .doesNotContain("404");
    }

    @Test
    void sizesAreBounded() throws Exception {
        assertThat(status(get("/" + "x".repeat(10_000)))).isEqualTo("414");
        assertThat(status(get("/", "X: " + "x".repeat(20_000)))).isEqualTo("431");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 200",
        "LOCALHOST.:5280, 200",
        "montague.example, 200",
        "127.0.0.1:80, 200",
        "[::1]:80, 200",
        "capulet.example, 421",
        "'', 421"
    })
    void onlyServedHostsAreAnswered(String host, String status) throws Exception {
        assertThat(status(talk("GET " + META + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")))
                .isEqualTo(status);
    }

    @Test
    void onlyWhatARouteAllowsIsDone() throws Exception {
        assertThat(talk(request("DELETE", META)))
                .startsWith("HTTP/1.1 405 ")
                .containsIgnoringCase("allow: HEAD, OPTIONS, GET\r\n");
        assertThat(status(talk(request("BREW", META)))).isEqualTo("405");
        assertThat(status(talk(request("PUT", "/none", "Content-Length: 3") + "abc")))
                .isEqualTo("404");
    }

    /** Slowloris: a head that never ends, a body that nobody wants. */
    @Test
    void slowClientsAreNotWaitedFor() throws Exception {
        assertThat(talk("GET / HTTP/1.1\r\nHost: loc")).isEmpty();
        assertThat(talk("")).isEmpty();
        assertThat(talk("PUT /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nabc"))
                .startsWith("HTTP/1.1 404 ");
    }

    // ---- proxies
    // -----------------------------------------------------------------------------------------------------

    @Test
    void trustedProxyMustSayThatItsClientUsesTls() throws Exception {
        assertThat(status(talk("127.0.99.1", request("GET", META)))).isEqualTo("403");
        assertThat(status(talk("127.0.99.1", request("GET", META, "X-Forwarded-Proto: https"))))
                .isEqualTo("200");
        assertThat(status(talk("127.0.99.1", request("GET", META, "X-Forwarded-Proto: http"))))
                .isEqualTo("403");
    }

    @Test
    void proxyHeaderTellsTheClient() throws Exception {
        String proxied = "PROXY TCP4 192.0.2.1 127.0.0.1 1000 80\r\n";

        // Whoever comes from elsewhere and without TLS is sent away, and loopback is not elsewhere.
        assertThat(status(talk("127.0.99.1", proxied + request("GET", META)))).isEqualTo("403");
        assertThat(status(talk("127.0.99.1", proxied.replace("192.0.2.1", "127.0.0.9") + request("GET", META))))
                .isEqualTo("200");
        assertThat(status(talk("127.0.0.1", proxied + request("GET", META)))).isEqualTo("400");
    }

    @Test
    void onlyTheLastUntrustedHopIsBelieved() throws Exception {
        String[] forged = {"X-Forwarded-Proto: https", "X-Forwarded-For: 127.0.0.1, 192.0.2.7, 127.0.99.7"};

        // One address may connect fifty times at once, and meanwhile more; each of these is counted for 192.0.2.7.
        String last = "";
        for (int i = 0; i < 500 && !last.equals("429"); i++) {
            String[] headers = {forged[0], forged[1], UPGRADE + "Sec-WebSocket-Protocol: xmpp"};
            last = status(
                    talkBriefly("127.0.99.1", request("GET", "/ws", headers).replace("Connection: close\r\n", "")));
        }

        assertThat(last).isEqualTo("429");
        assertThat(status(talk(request("GET", META)))).isEqualTo("200");
    }

    /** The first line of the answer. */
    private static String talkBriefly(String from, String request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", server.port(Kind.HTTP)));
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder line = new StringBuilder();
            for (int c = socket.getInputStream().read();
                    c >= 0;
                    c = socket.getInputStream().read()) {
                line.append((char) c);
                if (c == '\n') {
                    break;
                }
            }
            return line.toString();
        }
    }

    // ---- the handshake of a WebSocket
    // --------------------------------------------------------------------------------

    private static String handshake(String... headers) throws IOException {
        String[] all = new String[headers.length + 1];
        all[0] = UPGRADE.strip();
        System.arraycopy(headers, 0, all, 1, headers.length);
        return talkBriefly("127.0.0.1", request("GET", "/ws", all).replace("Connection: close\r\n", ""));
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:5280, 101",
        "https://montague.example, 101",
        "https://chat.example.net, 101",
        "https://chat.example.net.evil.example, 403",
        "http://chat.example.net, 403",
        "https://evil.example, 403",
        "http://127.0.0.1:5280, 403",
        "null, 403",
        "nonsense, 403"
    })
    void webClientsOfOtherSitesMayNotConnect(String origin, String status) throws Exception {
        assertThat(status(handshake("Sec-WebSocket-Protocol: xmpp", "Origin: " + origin)))
                .isEqualTo(status);
    }

    @Test
    void handshakeIsForXmppInVersion13() throws Exception {
        assertThat(status(handshake())).isEqualTo("400");
        assertThat(status(handshake("Sec-WebSocket-Protocol: chat, superchat"))).isEqualTo("400");
        assertThat(status(handshake("Sec-WebSocket-Protocol: chat, xmpp"))).isEqualTo("101");
        assertThat(talk(request("GET", "/ws", UPGRADE.replace("13", "8").strip(), "Sec-WebSocket-Protocol: xmpp")
                        .replace("keep-alive, Upgrade", "Upgrade, close")))
                .startsWith("HTTP/1.1 426 ")
                .containsIgnoringCase("sec-websocket-version: 13");
        assertThat(status(get("/ws"))).isEqualTo("426");
        assertThat(status(talk(
                        request("GET", "/ws", UPGRADE.replace("dGhl", "").strip(), "Sec-WebSocket-Protocol: xmpp"))))
                .isEqualTo("400");
    }

    /** RFC 6455 §1.3 has this key and this answer. */
    @Test
    void keyIsAnsweredAsTheDocumentSays() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", server.port(Kind.HTTP))) {
            socket.getOutputStream()
                    .write(request("GET", "/ws", UPGRADE.strip(), "Sec-WebSocket-Protocol: xmpp")
                            .replace("Connection: close\r\n", "")
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] answer = new byte[400];
            int length = 0;
            while (!new String(answer, 0, length, StandardCharsets.US_ASCII).contains("\r\n\r\n")) {
                length += socket.getInputStream().read(answer, length, answer.length - length);
            }

            assertThat(new String(answer, 0, length, StandardCharsets.US_ASCII))
                    .containsIgnoringCase("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .containsIgnoringCase("sec-websocket-protocol: xmpp\r\n");
        }
    }
}
