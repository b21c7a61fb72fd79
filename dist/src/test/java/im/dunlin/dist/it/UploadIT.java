// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ListenerConfig.Kind;
import im.dunlin.core.xml.Element;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Files by HTTP (XEP-0363), over real sockets and a real disk. */
class UploadIT {
    @RegisterExtension
    static final ServerUnderTest server = ServerUnderTest.with("""
            http: { origins: [ "https://chat.example.net" ] }
            limits: { http: { head: 1s, bytesPerSecond: 64KiB } }
            """);

    private static final HttpClient http = HttpClient.newHttpClient();
    private static RawClient juliet;

    @BeforeAll
    static void logIn() {
        juliet = server.session("juliet@localhost/uploads");
    }

    @AfterAll
    static void logOut() {
        juliet.close();
    }

    private static URI slot(long size) {
        juliet.sends("<iq type='get' id='s' to='upload.localhost'><request xmlns='urn:xmpp:http:upload:0'"
                + " filename='très cool.jpg' size='" + size + "' content-type='image/jpeg'/></iq>");
        Element slot = juliet.next().firstChild();
        return URI.create(String.valueOf(slot.children().get(0).attr("url")));
    }

    private static HttpResponse<byte[]> put(URI uri, HttpRequest.BodyPublisher body) throws Exception {
        return http.send(HttpRequest.newBuilder(uri).PUT(body).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static HttpResponse<byte[]> send(String method, URI uri, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @Test
    void largeFileComesBackAsItWas() throws Exception {
        byte[] file = random(5_000_000);
        URI uri = slot(file.length);
        assertThat(send("GET", uri).statusCode()).isEqualTo(404);

        assertThat(put(uri, HttpRequest.BodyPublishers.ofByteArray(file)).statusCode())
                .isEqualTo(201);

        HttpResponse<byte[]> answer = send("GET", uri);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(file);
        assertThat(answer.headers().firstValue("content-type")).contains("image/jpeg");
        assertThat(answer.headers().firstValue("content-disposition"))
                .contains("inline; filename*=UTF-8''tr%C3%A8s%20cool.jpg");
        assertThat(answer.headers().firstValue("x-content-type-options")).contains("nosniff");
        assertThat(send("GET", uri, "Range", "bytes=4999998-").body())
                .isEqualTo(new byte[] {file[4_999_998], file[4_999_999]});
        HttpResponse<byte[]> head = send("HEAD", uri);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.headers().firstValue("content-length")).contains("5000000");
        assertThat(head.body()).isEmpty();
    }

    @Test
    void fileOverTlsArrivesHoweverTheNetworkCutsItsRecords() throws Exception {
        byte[] file = random(60_000);
        URI uri = slot(file.length);
        try (Socket server = new Socket("127.0.0.1", UploadIT.server.port(Kind.HTTPS));
                ServerSocket relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setTcpNoDelay(true);
            Thread cutting = new Thread(() -> inPieces(relay, server));
            cutting.start();
            try (Socket client = RawClient.trustsAll()
                    .getSocketFactory()
                    .createSocket(relay.getInetAddress(), relay.getLocalPort())) {
                client.setSoTimeout(20_000);
                OutputStream out = client.getOutputStream();
                out.write(("PUT " + uri.getRawPath() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + file.length
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(file);

                assertThat(new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII))
                                .readLine())
                        .startsWith("HTTP/1.1 201");
            }
            cutting.join();
        }
        assertThat(send("GET", uri).body()).isEqualTo(file);
    }

    /** Brings what the client says to the server, in segments that end within records, and back what the server says. */
    private static void inPieces(ServerSocket from, Socket to) {
        try (Socket client = from.accept()) {
            Thread back = new Thread(() -> {
                try {
                    to.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException e) {
                    // The client has what it wanted.
                }
            });
            back.start();
            byte[] piece = new byte[5_000];
            for (int read = client.getInputStream().read(piece);
                    read > 0;
                    read = client.getInputStream().read(piece)) {
                to.getOutputStream().write(piece, 0, read);
                TimeUnit.MILLISECONDS.sleep(5);
            }
            to.close();
            back.join();
        } catch (IOException | InterruptedException e) {
            // As above.
        }
    }

    @Test
    void bodyOfAnotherLengthIsRefused() throws Exception {
        URI uri = slot(1_000);

        assertThat(put(uri, HttpRequest.BodyPublishers.ofByteArray(random(1_001)))
                        .statusCode())
                .isEqualTo(413);
        InputStream unknown = new java.io.ByteArrayInputStream(random(1_000));
        assertThat(put(uri, HttpRequest.BodyPublishers.ofInputStream(() -> unknown))
                        .statusCode())
                .isEqualTo(411);
    }

    @Test
    void slowUploadIsNotWaitedForAndMayBeTriedAgain() throws Exception {
        byte[] file = random(100_000);
        URI uri = slot(file.length);
        try (Socket socket = new Socket("127.0.0.1", server.port(Kind.HTTP))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("PUT " + uri.getRawPath()
                                    + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc")
                            .getBytes(StandardCharsets.US_ASCII));

            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }

        int status = 409;
        for (int i = 0; i < 1_000 && status == 409; i++) {
            try {
                status = put(uri, HttpRequest.BodyPublishers.ofByteArray(file)).statusCode();
            } catch (IOException e) {
                // Whoever is refused while it still sends may find the connection closed before it reads why.
                assertThat(status).isEqualTo(409);
            }
        }
        assertThat(status).isEqualTo(201);
    }

    @Test
    void scriptsOfNamedSitesMayUpload() throws Exception {
        URI uri = slot(3);
        HttpResponse<byte[]> preflight =
                send("OPTIONS", uri, "Origin", "https://chat.example.net", "Access-Control-Request-Method", "PUT");
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("access-control-allow-origin"))
                .contains("https://chat.example.net");
        assertThat(preflight
                        .headers()
                        .firstValue("access-control-allow-methods")
                        .orElseThrow())
                .contains("PUT");

        assertThat(send("OPTIONS", uri, "Origin", "https://evil.example")
                        .headers()
                        .firstValue("access-control-allow-origin"))
                .isEmpty();
    }

    @Test
    void manyPiecesOfManyFilesAtOnceDoNotHinderASession() throws Exception {
        byte[] file = random(2_000_000);
        var answers = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> slot(file.length))
                .map(uri -> http.sendAsync(
                        HttpRequest.newBuilder(uri)
                                .PUT(HttpRequest.BodyPublishers.ofByteArray(file))
                                .build(),
                        HttpResponse.BodyHandlers.discarding()))
                .toList();
        juliet.sends("<iq type='get' id='p' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>");
        juliet.receives("<iq type='result' id='p' from='localhost' to='juliet@localhost/uploads'/>");

        for (var answer : answers) {
            assertThat(answer.get().statusCode()).isEqualTo(201);
        }
    }
}
