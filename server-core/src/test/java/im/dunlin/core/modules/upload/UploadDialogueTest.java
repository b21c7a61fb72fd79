// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.upload;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.files.DirectoryFileStore;
import im.dunlin.core.files.FileStore;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpSink;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.disco.DiscoModule;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XEP-0363: slots, and what is sent to them and fetched from them. */
class UploadDialogueTest {
    private static final String REQUEST = "<iq type='get' id='s' to='upload.localhost'>"
            + "<request xmlns='urn:xmpp:http:upload:0' filename='%s' size='%s' content-type='image/png'>%s</request></iq>";

    @TempDir
    Path directory;

    private TestServer server;
    private SharedFiles files;
    private TestClient juliet;

    @BeforeEach
    void start() throws Exception {
        start(new SharedFiles(DirectoryFileStore.open(directory), 0));
    }

    private void start(SharedFiles with) {
        start(with, new MemoryStore(), new TestServer.TestTime());
    }

    private void start(SharedFiles with, Store store, TestServer.TestTime time) {
        files = with;
        Map<String, Consumer<Setup>> modules = ImModules.all();
        modules.put("files", setup -> {
            PublicAddresses addresses = new PublicAddresses(setup.config(), domain -> domain);
            addresses.listening(true, 443);
            setup.provide(SharedFiles.class, files).provide(PublicAddresses.class, addresses);
        });
        modules.put("disco", DiscoModule::new);
        modules.put(UploadModule.KEY, UploadModule::new);
        server = TestServer.with(store, time, modules);
        juliet = server.connect("juliet@localhost/balcony");
    }

    @AfterEach
    void stop() {
        server.close();
        files.close();
    }

    private String slot(String name, long size, String purpose) {
        juliet.sends(REQUEST.formatted(name, size, purpose));
        Element slot = juliet.next().first(Name.of("urn:xmpp:http:upload:0", "slot"));
        String put = slot.first(Name.of("urn:xmpp:http:upload:0", "put")).attr("url");
        assertThat(slot.first(Name.of("urn:xmpp:http:upload:0", "get")).attr("url"))
                .isEqualTo(put);
        return put;
    }

    private String slot() {
        return slot("a.png", 5, "");
    }

    /** A request for a URL that was given, as the listener brings it. */
    private Answer request(String method, String url, String body, Map<String, String> headers) throws Exception {
        Exchange exchange = new Exchange(
                new HttpRequest(
                        method,
                        "localhost",
                        URI.create(url).getPath(),
                        null,
                        headers,
                        body.length(),
                        InetAddress.getLoopbackAddress(),
                        true),
                body);
        server.modules().find("localhost", exchange.request().path()).handler().handle(exchange);
        HttpResponse response = exchange.answer.get(20, TimeUnit.SECONDS);
        StringBuilder content = new StringBuilder();
        while (content.length() < response.content().length()) {
            CompletableFuture<byte[]> piece = new CompletableFuture<>();
            response.content().next(piece::complete);
            content.append(new String(piece.get(20, TimeUnit.SECONDS), StandardCharsets.UTF_8));
        }
        response.content().close();
        return new Answer(response.status(), response.headers(), content.toString());
    }

    private Answer put(String url, String body) throws Exception {
        return request("PUT", url, body, Map.of());
    }

    private Answer get(String url, String... header) throws Exception {
        return request("GET", url, "", header.length == 0 ? Map.of() : Map.of(header[0], header[1]));
    }

    private record Answer(int status, Map<String, String> headers, String body) {}

    private static final class Exchange implements HttpExchange {
        private final HttpRequest request;
        private final String body;
        private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();

        Exchange(HttpRequest request, String body) {
            this.request = request;
            this.body = body;
        }

        @Override
        public HttpRequest request() {
            return request;
        }

        @Override
        public void receive(int most, Consumer<byte[]> then) {
            throw new AssertionError("uploads are not collected");
        }

        @Override
        public void receive(HttpSink sink) {
            if (body.equals("cut!")) {
                sink.take(new byte[1], () -> {
                    sink.broken();
                    answer.complete(HttpResponse.empty(HttpResponse.REQUEST_TIMEOUT));
                });
                return;
            }
            sink.take(body.getBytes(StandardCharsets.UTF_8), sink::complete);
        }

        @Override
        public void respond(HttpResponse response) {
            answer.complete(response);
        }
    }

    private long stored() throws Exception {
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile).count();
        }
    }

    // ---- slots
    // -------------------------------------------------------------------------------------------------------

    @Test
    void serviceSaysWhatItTakes() {
        juliet.sends("<iq type='get' id='d' to='upload.localhost'>"
                + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");

        assertThat(juliet.next().toString())
                .contains("category='store' type='file'")
                .contains("urn:xmpp:http:upload:0")
                .contains("urn:xmpp:http:upload:purpose:0#ephemeral")
                .contains("<field var='max-file-size'><value>52428800</value></field>");
    }

    @Test
    void slotIsAtAPlaceThatNobodyCanGuess() {
        assertThat(slot("très cool.png", 5, ""))
                .matches("https://localhost/upload/[0-9a-f]{32}/tr%C3%A8s%20cool\\.png");
        assertThat(slot()).isNotEqualTo(slot());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "..", ".", "a/b", "../a", "a\\b", "a&#10;b", "a&#9;"})
    void nameIsNoPath(String name) {
        juliet.sends(REQUEST.formatted(name, 5, ""));

        juliet.receivesError("bad-request");
    }

    @Test
    void longNameIsRefused() {
        juliet.sends(REQUEST.formatted("x".repeat(5_000), 5, ""));

        juliet.receivesError("bad-request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1.5", "99999999999999999999", "x"})
    void sizeIsANumberOfBytes(String size) {
        juliet.sends(REQUEST.formatted("a", size, ""));

        juliet.receivesError("bad-request");
    }

    @Test
    void fileThatIsTooLargeIsRefusedWithTheLimit() {
        juliet.sends(REQUEST.formatted("a", 52_428_801, ""));

        assertThat(juliet.next().toString())
                .contains("<not-acceptable ")
                .contains("<file-too-large xmlns='urn:xmpp:http:upload:0'><max-file-size>52428800</max-file-size>");
    }

    @Test
    void dayHasALimitAndTheErrorSaysWhenToTryAgain() {
        for (int i = 0; i < 4; i++) {
            slot("a", 52_428_800, "");
        }
        juliet.sends(REQUEST.formatted("a", 1, ""));
        assertThat(juliet.next().toString())
                .contains("<resource-constraint ")
                .contains("<retry xmlns='urn:xmpp:http:upload:0' stamp='");

        server.after(Duration.ofDays(1));

        slot();
    }

    @Test
    void otherPurposesThanThoseOfferedAreRefused() {
        juliet.sends(REQUEST.formatted("a", 5, "<permanent xmlns='urn:xmpp:http:upload:purpose:0'/>"));
        juliet.receivesError("feature-not-implemented");
        juliet.sends(REQUEST.formatted(
                "a", 5, "<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='2001-01-01T00:00:00Z'/>"));
        juliet.receivesError("bad-request");
        juliet.sends(REQUEST.formatted("a", 5, "<ephemeral xmlns='urn:xmpp:http:upload:purpose:0'/>"));
        juliet.receivesError("bad-request");
    }

    // ---- files
    // -------------------------------------------------------------------------------------------------------

    @Test
    void fileThatWasPutCanBeFetched() throws Exception {
        String url = slot();
        assertThat(get(url).status()).isEqualTo(404);

        assertThat(put(url, "hello").status()).isEqualTo(201);

        Answer answer = get(url);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(answer.headers())
                .containsEntry("Content-Type", "image/png")
                .containsEntry("Content-Disposition", "inline; filename*=UTF-8''a.png")
                .containsEntry("Content-Security-Policy", "sandbox; default-src 'none'");
        assertThat(get(url, "if-none-match", answer.headers().get("ETag")).status())
                .isEqualTo(304);
    }

    @Test
    void whatCouldHoldAScriptIsOnlySaved() throws Exception {
        juliet.sends("<iq type='get' id='s' to='upload.localhost'><request xmlns='urn:xmpp:http:upload:0'"
                + " filename='a.html' size='5' content-type='text/html'/></iq>");
        String url = juliet.next()
                .first(Name.of("urn:xmpp:http:upload:0", "slot"))
                .first(Name.of("urn:xmpp:http:upload:0", "get"))
                .attr("url");
        put(url, "<b>x<");

        assertThat(get(url).headers())
                .containsEntry("Content-Type", "application/octet-stream")
                .containsEntry("Content-Disposition", "attachment; filename*=UTF-8''a.html");
    }

    @Test
    void partOfAFileCanBeFetched() throws Exception {
        String url = slot();
        put(url, "hello");

        Answer part = get(url, "range", "bytes=1-3");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.body()).isEqualTo("ell");
        assertThat(part.headers()).containsEntry("Content-Range", "bytes 1-3/5");
        assertThat(get(url, "range", "bytes=-2").body()).isEqualTo("lo");
        assertThat(get(url, "range", "bytes=7-").status()).isEqualTo(416);
        assertThat(get(url, "range", "bytes=0-1,3-4").body()).isEqualTo("hello");
    }

    @Test
    void slotIsForOneFileOfItsSize() throws Exception {
        String url = slot();

        assertThat(put(url, "hello!").status()).isEqualTo(413);
        assertThat(put(url, "hell").status()).isEqualTo(413);
        assertThat(put(url, "hello").status()).isEqualTo(201);
        assertThat(put(url, "hallo").status()).isEqualTo(409);
        assertThat(get(url).body()).isEqualTo("hello");
    }

    @Test
    void uploadThatWasCutLeavesNothingAndMayBeTriedAgain() throws Exception {
        String url = slot("a", 4, "");
        put(url, "cut!");

        Answer again = put(url, "good");
        for (int i = 0; i < 100 && again.status() == 409; i++) {
            // The first is still being forgotten.
            Thread.onSpinWait();
            again = put(url, "good");
        }

        assertThat(again.status()).isEqualTo(201);
        assertThat(stored()).isEqualTo(1);
    }

    /** Another run of the server on the same store and directory, which may have got less far on the disk than it should. */
    private void restart() throws Exception {
        server.kill();
        files.close();
        start(new SharedFiles(DirectoryFileStore.open(directory), 0), server.store(), server.time());
    }

    @Test
    void fileThatCameWhenTheServerWasKilledMayComeAgain() throws Exception {
        String url = slot();
        // Complete on the disk, and the row that says so was not written.
        FileStore.Incoming file = DirectoryFileStore.open(directory).create(id(url));
        file.write("half?".getBytes(StandardCharsets.UTF_8));
        file.commit();
        restart();
        assertThat(get(url).status()).isEqualTo(404);

        assertThat(put(url, "hello").status()).isEqualTo(201);

        assertThat(get(url).body()).isEqualTo("hello");
        assertThat(stored()).isEqualTo(1);
    }

    @Test
    void fileThatExpiredWhenTheServerWasKilledIsDeletedLater() throws Exception {
        String url = slot();
        put(url, "hello");
        // Nothing is deleted any more, as if it was killed just before.
        files.close();
        server.after(Duration.ofDays(31));
        assertThat(get(url).status()).isEqualTo(404);
        assertThat(stored()).isEqualTo(1);

        restart();
        server.after(Duration.ofMinutes(10));

        files.close();
        assertThat(stored()).isZero();
    }

    private static String id(String url) {
        return url.replaceFirst(".*/upload/", "").replaceFirst("/.*", "");
    }

    @Test
    void slotExpiresAndGivesItsShareBack() throws Exception {
        String url = slot();
        server.after(Duration.ofMinutes(6));

        assertThat(put(url, "hello").status()).isEqualTo(403);
        assertThat(stored()).isZero();
    }

    @Test
    void anotherNameOrIdIsNotFound() throws Exception {
        String url = slot();
        put(url, "hello");

        assertThat(get(url.replace("a.png", "b.png")).status()).isEqualTo(404);
        assertThat(get(url.replaceFirst("[0-9a-f]{32}", "0".repeat(32))).status())
                .isEqualTo(404);
        assertThat(get(url + "/x").status()).isEqualTo(404);
        assertThat(put(url.replaceFirst("[0-9a-f]{32}", "x"), "hello").status()).isEqualTo(403);
    }

    @Test
    void filesExpire() throws Exception {
        String url = slot();
        put(url, "hello");
        server.after(Duration.ofMinutes(6));
        assertThat(get(url).status()).isEqualTo(200);

        server.after(Duration.ofDays(30));

        assertThat(get(url).status()).isEqualTo(404);
        files.close();
        assertThat(stored()).isZero();
    }

    @Test
    void ephemeralFileIsGoneAtItsTime() throws Exception {
        String before = server.time().instant().plus(Duration.ofHours(1)).toString();
        String url = slot("a", 5, "<ephemeral xmlns='urn:xmpp:http:upload:purpose:0' expire-before='" + before + "'/>");
        put(url, "hello");
        assertThat(get(url).status()).isEqualTo(200);

        server.time().advance(Duration.ofHours(1));

        assertThat(get(url).status()).isEqualTo(404);
    }

    @Test
    void filesOfAProfileAreKeptLonger() throws Exception {
        String url = slot("a", 5, "<profile xmlns='urn:xmpp:http:upload:purpose:0'/>");
        put(url, "hello");

        server.after(Duration.ofDays(100));

        assertThat(get(url).status()).isEqualTo(200);
    }

    @Test
    void filesGoWithTheirAccount() throws Exception {
        String url = slot();
        put(url, "hello");
        server.turn(juliet.jid().bare(), turn -> {
            turn.removeOwner(turn.now());
            return null;
        });
        server.settle();

        assertThat(get(url).status()).isEqualTo(404);
        files.close();
        assertThat(stored()).isZero();
    }

    @Test
    void accountCannotBeForgottenByAMessageOfItsClient() throws Exception {
        String url = slot();
        put(url, "hello");
        juliet.sends("<message to='upload.localhost'><account-removed xmlns='urn:dunlin:upload'/></message>");
        juliet.receivesError("service-unavailable");

        assertThat(get(url).status()).isEqualTo(200);
    }

    @Test
    void withoutRoomNothingIsTaken() throws Exception {
        server.close();
        start(new SharedFiles(DirectoryFileStore.open(directory), Long.MAX_VALUE));
        String url = slot();

        assertThat(put(url, "hello").status()).isEqualTo(507);
        juliet.sends(REQUEST.formatted("a", 5, ""));
        juliet.receivesError("resource-constraint");
        assertThat(stored()).isZero();
    }
}
