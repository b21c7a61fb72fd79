// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.invitations;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.decoder.Decoder;
import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.http.HttpContent;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpRequest;
import im.dunlin.core.http.HttpResponse;
import im.dunlin.core.http.HttpSink;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.module.Setup;
import im.dunlin.core.modules.invitations.Invitations.Wish;
import im.dunlin.core.modules.registration.RegistrationModule;
import im.dunlin.core.testing.SessionModules;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.testing.TestServer.TestTime;
import im.dunlin.storage.memory.MemoryStore;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InvitationPageTest {
    private final TestServer server = start();

    private static TestServer start() {
        try {
            ServerConfig config =
                    new ConfigLoader(Map.of(InvitationsModule.KEY, InvitationsModule.Options.class)).parse("{}");
            PublicAddresses addresses = new PublicAddresses(config, domain -> domain);
            addresses.listening(true, 443);
            Map<String, Consumer<Setup>> modules = new LinkedHashMap<>();
            modules.put("addresses", setup -> setup.provide(PublicAddresses.class, addresses));
            modules.putAll(SessionModules.all());
            modules.put(RegistrationModule.KEY, RegistrationModule::new);
            modules.put(InvitationsModule.KEY, InvitationsModule::new);
            return TestServer.with(new MemoryStore(), new TestTime(), config, modules);
        } catch (ConfigException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** An exchange whose answer is kept. */
    private static final class Browser implements HttpExchange {
        private final HttpRequest request;
        private @Nullable HttpResponse response;

        Browser(HttpRequest request) {
            this.request = request;
        }

        @Override
        public HttpRequest request() {
            return request;
        }

        @Override
        public void receive(int most, Consumer<byte[]> then) {
            throw new AssertionError("nobody sends a body");
        }

        @Override
        public void receive(HttpSink sink) {
            throw new AssertionError("nobody sends a body");
        }

        @Override
        public void respond(HttpResponse answer) {
            response = answer;
        }
    }

    private HttpResponse gets(String path) {
        Browser browser = new Browser(new HttpRequest(
                "GET",
                "localhost",
                path,
                null,
                Map.of("user-agent", "Mozilla/5.0 (Linux; Android 14)"),
                0,
                InetAddress.getLoopbackAddress(),
                true));
        Objects.requireNonNull(server.modules().find("localhost", path))
                .handler()
                .handle(browser);
        server.settle();
        return Objects.requireNonNull(browser.response);
    }

    private static String body(HttpResponse response) {
        AtomicReference<String> body = new AtomicReference<>();
        HttpContent content = response.content();
        content.next(bytes -> body.set(new String(Objects.requireNonNull(bytes), StandardCharsets.UTF_8)));
        return body.get();
    }

    private Link makes(String by, Wish wish) {
        BareJid inviter = server.account(by);
        AtomicReference<Link> made = new AtomicReference<>();
        server.turn(inviter, turn -> {
            server.modules()
                    .provided(Invitations.class)
                    .make(wish, turn, (later, link) -> made.set(link), (later, error) -> {});
            return null;
        });
        return Objects.requireNonNull(made.get());
    }

    private static String path(Link link) {
        return Objects.requireNonNull(link.page()).replace("https://localhost", "");
    }

    @Test
    void pageSaysWhoInvitesAndHasTheLinkOnceForFingersAndOnceForCameras() throws Exception {
        Link link = makes("romeo@localhost", new Wish("localhost", null, Purpose.CONTACT));
        HttpResponse response = gets(path(link));
        String html = body(response);

        assertThat(response.status()).isEqualTo(HttpResponse.OK);
        assertThat(html)
                .contains("<strong>romeo@localhost</strong> invites you to chat.")
                .contains("href=\"" + link.uri() + "\"")
                .contains("<body class=\"android\">")
                .contains("Good once, until 8 January 2026, 00:00 UTC.")
                .doesNotContain("{{");
        assertThat(scanned(html)).isEqualTo(link.uri());
        // To look is not to use.
        assertThat(gets(path(link)).status()).isEqualTo(HttpResponse.OK);
    }

    /** The text of the code in a page, as a camera reads it. */
    private static String scanned(String html) throws Exception {
        Matcher box = Pattern.compile("viewBox=\"0 0 (\\d+) ").matcher(html);
        assertThat(box.find()).isTrue();
        int size = Integer.parseInt(box.group(1)) - 2 * QrSvg.QUIET;
        BitMatrix bits = new BitMatrix(size);
        Matcher dark = Pattern.compile("M(\\d+) (\\d+)h1v1h-1z").matcher(html);
        while (dark.find()) {
            bits.set(Integer.parseInt(dark.group(1)) - QrSvg.QUIET, Integer.parseInt(dark.group(2)) - QrSvg.QUIET);
        }
        return new Decoder().decode(bits).getText();
    }

    @Test
    void pageRunsNoScriptAndLoadsNothingFromElsewhere() {
        Link link = makes("romeo@localhost", new Wish("localhost", null, Purpose.CONTACT_OR_ACCOUNT));
        HttpResponse response = gets(path(link));

        assertThat(response.headers())
                .containsEntry(
                        "Content-Security-Policy",
                        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none';"
                                + " frame-ancestors 'none'")
                .containsEntry("Referrer-Policy", "no-referrer")
                .containsEntry("Cache-Control", "no-store");
        assertThat(body(response))
                .doesNotContain("<script")
                .doesNotContain("src=")
                .doesNotContain("style=");
        assertThat(gets("/invite.css").headers()).containsEntry("Content-Type", "text/css; charset=utf-8");
    }

    @Test
    void whatPeopleChooseIsEscaped() {
        assertThat(InvitationPage.escaped("<img src=\"x\" onerror='y'>&"))
                .isEqualTo("&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;&amp;");
        Link link = makes("a{{uri}}#b@localhost", new Wish("localhost", null, Purpose.CONTACT));
        assertThat(body(gets(path(link))))
                .contains("<strong>a{{uri}}#b@localhost</strong>")
                .contains("href=\"xmpp:a%7B%7Buri%7D%7D%23b@localhost?roster;");
    }

    @Test
    void whatIsNoInvitationLooksTheSameWhateverItIs() {
        Link used = makes("romeo@localhost", new Wish("localhost", null, Purpose.CONTACT));
        server.accounts().remove(BareJid.of("romeo@localhost")).join();
        server.settle();
        String gone = body(gets(path(used)));
        for (String path : new String[] {
            "/invite/", "/invite/" + "0".repeat(32), "/invite/<script>", "/invite/" + "a".repeat(5_000)
        }) {
            HttpResponse response = gets(path);
            assertThat(response.status()).isEqualTo(HttpResponse.NOT_FOUND);
            assertThat(body(response)).isEqualTo(gone);
        }
    }
}
