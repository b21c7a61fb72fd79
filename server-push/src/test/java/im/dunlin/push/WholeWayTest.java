// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push;

import static im.dunlin.push.PushFixture.chat;
import static im.dunlin.push.PushFixture.enable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import com.eatthepath.pushy.apns.server.RejectionReason;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.PushConfig;
import im.dunlin.core.testing.ImModules;
import im.dunlin.core.testing.TestClient;
import im.dunlin.core.testing.TestServer;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.push.app.ConfiguredApps;
import im.dunlin.push.app.Gateways;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.TestTls;
import im.dunlin.push.gateway.apns.ApnsServers;
import im.dunlin.push.gateway.apns.MockApple;
import im.dunlin.push.gateway.fcm.FakeGoogle;
import im.dunlin.push.gateway.https.FakeHttps;
import im.dunlin.push.outbox.PushRecords;
import im.dunlin.storage.memory.MemoryStore;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From who writes to the phone: the gateways are those of the server, and services of our own answer them over TLS. */
class WholeWayTest {
    private static final String HERE = "juliet@localhost";
    private static final String SM = "urn:xmpp:sm:3";
    private static final String CAPABILITIES =
            "<capability>mutable</capability><capability>call-end</capability><capability>read</capability>";

    @TempDir
    private Path directory;

    private final AtomicReference<MockApple.Reaction> apples = new AtomicReference<>(MockApple.Reaction.ACCEPT);
    private final TestServer.TestTime time = new TestServer.TestTime();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final OwnPhone keys = new OwnPhone();
    private MockApple apple;
    private FakeGoogle google;
    private FakeHttps pushServer;
    private TestServer server;
    private TestClient romeo;

    @BeforeEach
    void starts() throws Exception {
        agreesOnTheTime();
        TestTls appleTls = TestTls.of(directory, "localhost");
        TestTls googleTls = TestTls.of(directory, "google.example");
        TestTls webTls = TestTls.of(directory, "push.example");
        apple = opened(new MockApple(appleTls, 0, received -> apples.get().to(received)));
        google = opened(new FakeGoogle(googleTls, request -> request.answer(200, "{\"name\":\"1\"}")));
        pushServer = opened(new FakeHttps(webTls, request -> request.answer(201, "")));
        PushThread thread = new PushThread();
        Gateways gateways = new Gateways(
                thread,
                SslContextBuilder.forClient()
                        .trustManager(googleTls.certificate(), webTls.certificate())
                        .build(),
                host -> thread.loop().newSucceededFuture(List.of(InetAddress.getLoopbackAddress())),
                new Gateways.Services(
                        new ApnsServers(
                                InetSocketAddress.createUnresolved("localhost", apple.port()),
                                InetSocketAddress.createUnresolved("localhost", apple.port()),
                                List.of(appleTls.certificate())),
                        URI.create("https://google.example:" + google.port())));
        ConfiguredApps apps = opened(ConfiguredApps.open(config(), () -> gateways));
        server = opened(TestServer.with(new MemoryStore(), time, PushFixture.modules(apps)));
        romeo = server.connect("romeo@localhost/orchard");
        TestClient desk = server.connect("juliet@localhost/desk");
        ImModules.befriend(romeo, desk);
        desk.leaves();
    }

    private <T extends AutoCloseable> T opened(T one) {
        opened.add(0, one);
        return one;
    }

    @AfterEach
    void stops() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    private PushConfig config() throws Exception {
        key("apns.p8");
        key("vapid.pem");
        secret("fcm.json", google.accountFile().toString());
        Path file = directory.resolve("dunlin.yaml");
        Files.writeString(file, """
                push:
                  apps:
                    capulet-ios:
                      { provider: apns, keyFile: apns.p8, keyId: KEYKEYKEY1, teamId: TEAMTEAM01, topic: im.example.app }
                    capulet-android: { provider: fcm, keyFile: fcm.json }
                    capulet-web: { provider: web-push, keyFile: vapid.pem, contact: 'mailto:a@b.example' }
                  webPushAddresses: [ 127.0.0.0/8 ]
                """);
        return ConfiguredApps.checked(new ConfigLoader(Map.of())).load(file).push();
    }

    private void key(String name) throws Exception {
        if (!Files.exists(directory.resolve(name))) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            secret(
                    name,
                    "-----BEGIN PRIVATE KEY-----\n"
                            + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                    .encodeToString(generator
                                            .generateKeyPair()
                                            .getPrivate()
                                            .getEncoded())
                            + "\n-----END PRIVATE KEY-----\n");
        }
    }

    private void secret(String name, String text) throws Exception {
        Path file = directory.resolve(name);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    // ---- what happens

    private TestClient registers(String resource, String settings) {
        TestClient device = server.connect(HERE + "/" + resource);
        device.ignores();
        device.sends(enable("localhost", resource, settings));
        device.receives("<iq type='result' id='e'/>");
        return device;
    }

    private void threeDevicesAreAway() {
        registers("phone", keys.onIos(CAPABILITIES)).leaves();
        registers("tab", keys.onAndroid(CAPABILITIES)).leaves();
        String endpoint = "https://push.example:" + pushServer.port() + "/s/1";
        registers("web", keys.settings("<app>capulet-web</app><endpoint>" + endpoint + "</endpoint>" + CAPABILITIES))
                .leaves();
    }

    private static String word(String word, String to, String sid) {
        String content =
                word.equals("propose") ? "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>" : "";
        return "<message type='chat' to='" + to + "'><" + word + " xmlns='urn:xmpp:jingle-message:0' id='" + sid + "'>"
                + content + "</" + word + "><store xmlns='urn:xmpp:hints'/></message>";
    }

    private void calls(String sid) {
        agreesOnTheTime();
        romeo.sends(word("propose", HERE, sid));
    }

    /** Gateways have the clock of the machine. */
    private void agreesOnTheTime() {
        Duration ahead = Duration.between(time.instant(), Instant.now());
        if (!ahead.isNegative()) {
            time.advance(ahead);
        }
    }

    private static void until(BooleanSupplier condition, Supplier<String> otherwise) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail(otherwise.get());
            }
            Thread.onSpinWait();
        }
    }

    /** Waits for so many, and no more. */
    private List<MockApple.Received> atApple(int count) {
        until(() -> apple.received.size() >= count, () -> "Apple got " + apple.received);
        server.settle();
        assertThat(apple.received).hasSize(count);
        return apple.received;
    }

    private FakeHttps.Request atGoogle(int count) {
        until(() -> google.messages().size() >= count, () -> "Google got " + google.messages());
        return google.messages().get(count - 1);
    }

    private FakeHttps.Request atPushServer(int count) {
        until(() -> pushServer.received.size() >= count, () -> "the push server got " + pushServer.received);
        return pushServer.received.get(count - 1);
    }

    private JsonNode opened(MockApple.Received received) {
        return keys.open(JsonMapper.shared().readTree(received.payload()).path("p"));
    }

    private void isTold(String sid, String step) {
        PushRecords records = server.modules().provided(PushRecords.class);
        until(
                () -> records.explain(sid).stream().anyMatch(line -> line.contains(step)),
                () -> "explained is " + records.explain(sid));
    }

    /** The clock of the server stands still while a push is on its way, and must not run ahead of it. */
    private void isAnswered() {
        PushRecords records = server.modules().provided(PushRecords.class);
        until(
                () -> records.status().get("push attempts").endsWith(" 0 under way"),
                () -> "status is " + records.status());
        server.settle();
    }

    // ---- messages

    @Test
    @DisplayName("Check 20: what carries a message can read nothing of it, and the phone all")
    void messageIsReadByTheDevicesAlone() {
        threeDevicesAreAway();
        romeo.sends(chat(HERE, "It is the east, and Juliet is the sun"));
        server.after(Duration.ofSeconds(1));

        MockApple.Received alert = atApple(1).get(0);
        assertThat(alert.header("apns-push-type")).isEqualTo("alert");
        assertThat(alert.payload().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(4_096);
        JsonNode aps = JsonMapper.shared().readTree(alert.payload()).path("aps");
        assertThat(aps.path("mutable-content").asInt()).isEqualTo(1);
        JsonNode data = FakeGoogle.message(atGoogle(1)).path("data");
        List<JsonNode> all = List.of(
                opened(alert), keys.open(data), keys.open(atPushServer(1).body()));
        assertThat(all).allSatisfy(contents -> {
            assertThat(contents.path("b").asString()).isEqualTo("It is the east, and Juliet is the sun");
            assertThat(contents.path("f").asString()).isEqualTo("romeo@localhost");
        });
        assertThat(Wiretap.heard()).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    @DisplayName("Check 38: after a refusal for now the message arrives once, under the same id")
    void messageArrivesWhenAppleIsWellAgain() {
        registers("phone", keys.onIos(CAPABILITIES)).leaves();
        apples.set(received -> {
            throw new RejectedNotificationException(RejectionReason.SERVICE_UNAVAILABLE);
        });
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        String id = atApple(1).get(0).header("apns-id");
        isAnswered();
        apples.set(MockApple.Reaction.ACCEPT);
        server.after(Duration.ofMinutes(2));
        assertThat(atApple(2).get(1).header("apns-id")).isEqualTo(id);
        isAnswered();
        server.after(Duration.ofHours(1));
        atApple(2);
    }

    // ---- calls

    @Test
    @DisplayName("Checks 23, 42, 43: a call rings on all platforms, each in its way")
    void callRingsEverywhere() {
        threeDevicesAreAway();
        long now = Instant.now().getEpochSecond();
        calls("c1");

        MockApple.Received voip = atApple(1).get(0);
        assertThat(voip.header("apns-push-type")).isEqualTo("voip");
        assertThat(voip.header("apns-topic")).isEqualTo("im.example.app.voip");
        assertThat(voip.header("apns-priority")).isEqualTo("10");
        assertThat(voip.header(":path")).endsWith(OwnPhone.CALL_TOKEN);
        assertThat(Long.parseLong(voip.header("apns-expiration"))).isBetween(now, now + 90);
        JsonNode message = FakeGoogle.message(atGoogle(1));
        assertThat(message.path("android").path("priority").asString()).isEqualTo("HIGH");
        assertThat(message.path("android").path("ttl").asString()).matches("[3-6][0-9]s");
        assertThat(message.has("notification")).isFalse();
        assertThat(message.path("data").values()).allMatch(JsonNode::isString);
        FakeHttps.Request web = atPushServer(1);
        assertThat(web.header("urgency")).isEqualTo("high");
        assertThat(web.header("ttl")).matches("[3-6][0-9]");
        assertThat(List.of(opened(voip), keys.open(message.path("data")), keys.open(web.body())))
                .allSatisfy(contents -> {
                    assertThat(contents.path("f").asString()).isEqualTo("romeo@localhost/orchard");
                    assertThat(contents.path("s").asString()).isEqualTo("c1");
                    assertThat(contents.path("m").path(0).asString()).isEqualTo("audio");
                });
    }

    @Test
    @DisplayName(
            "Check 28: who answers elsewhere silences Android and the web, and nothing is shown on a phone of Apple's")
    void callThatIsAnsweredElsewhereStopsRingingWhereThePlatformAllowsIt() {
        threeDevicesAreAway();
        TestClient desk = server.connect("juliet@localhost/desk");
        desk.ignores();
        calls("c1");
        atApple(1);
        String topic = atPushServer(1).header("topic");
        atGoogle(1);
        isTold("c1", "sent: ");
        desk.sends(word("proceed", "romeo@localhost/orchard", "c1"));

        JsonNode message = FakeGoogle.message(atGoogle(2));
        assertThat(message.path("android").path("priority").asString()).isEqualTo("HIGH");
        assertThat(message.path("data").path("c").asString()).isEqualTo("end");
        assertThat(keys.open(message.path("data")).path("r").asString()).isEqualTo("elsewhere");
        FakeHttps.Request web = atPushServer(2);
        assertThat(web.header("topic")).isEqualTo(topic);
        assertThat(keys.open(web.body()).path("r").asString()).isEqualTo("elsewhere");
        server.after(Duration.ofMinutes(5));
        atApple(1);
    }

    // ---- with the delta

    /** Logs in, binds and asks what changed, in one flight; what stands in {@code <bound/>} is all that it is told. */
    private List<Element> comesBack() {
        server.account(HERE, "r0m30");
        TestClient client = server.open("localhost");
        client.sends("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='PLAIN'><initial-response>"
                + Base64.getEncoder().encodeToString("\0juliet\0r0m30".getBytes(StandardCharsets.UTF_8))
                + "</initial-response><bind xmlns='urn:xmpp:bind:0'><enable xmlns='" + Ns.CALLS + "'/>"
                + "<reconnect xmlns='https://dunlin.im/protocol/reconnect/1'/></bind></authenticate>");
        return client.next().requireChild(Name.of("urn:xmpp:bind:0", "bound")).children();
    }

    @Test
    @DisplayName("Check 25: the phone that a call wakes is told of it first, before all that is unread")
    void phoneThatACallWakesHasItInOneFlight() {
        registers("phone", keys.onIos(CAPABILITIES)).leaves();
        calls("c1");
        assertThat(opened(atApple(1).get(0)).path("s").asString()).isEqualTo("c1");
        isTold("c1", "sent: ");
        for (int i = 0; i < 50; i++) {
            romeo.sends(chat(HERE, "line " + i));
        }
        server.after(Duration.ofSeconds(5));

        List<Element> told = comesBack();
        assertThat(told)
                .first()
                .asString()
                .contains("<call sid='c1' dir='in' state='proposed'")
                .containsPattern("ttl='5[0-5]'");
        assertThat(told.toString()).contains("line 49");
    }

    @Test
    @DisplayName("Check 27: the phone that is too late finds one missed call and nothing that rings")
    void phoneThatIsTooLateFindsOneMissedCall() {
        registers("phone", keys.onIos(CAPABILITIES)).leaves();
        calls("c1");
        atApple(1);
        isTold("c1", "sent: ");
        server.after(Duration.ofSeconds(3));
        romeo.sends(word("retract", HERE, "c1"));
        MockApple.Received end = atApple(2).get(1);
        assertThat(end.header("apns-push-type")).isEqualTo("alert");
        assertThat(opened(end).path("r").asString()).isEqualTo("retract");

        List<Element> told = comesBack();
        assertThat(told).first().asString().contains("<call sid='c1'", "state='ended'", "reason='retracted'");
        assertThat(told.toString()).doesNotContain("state='proposed'");
        server.after(Duration.ofMinutes(2));
        atApple(2);
    }

    @Test
    @DisplayName("Check 26: the phone that resumes is told of the call before what it missed")
    void phoneThatResumesIsToldOfTheCallBeforeTheReplay() {
        TestClient phone = registers("phone", keys.onIos(CAPABILITIES));
        phone.sends("<presence/>");
        phone.sends("<iq type='set' id='o'><enable xmlns='" + Ns.CALLS + "'/></iq>");
        phone.ignores();
        phone.sends("<enable xmlns='" + SM + "' resume='true'/>");
        String id = Objects.requireNonNull(phone.next().attr("id"));
        phone.loses();
        calls("c1");
        assertThat(opened(atApple(1).get(0)).path("s").asString()).isEqualTo("c1");
        for (int i = 0; i < 40; i++) {
            romeo.sends(chat(HERE, "line " + i));
        }
        TestClient again = server.login(HERE);
        again.sends("<resume xmlns='" + SM + "' previd='" + id + "' h='0'/>");
        assertThat(again.next().name().local()).isEqualTo("resumed");
        assertThat(stanza(again)).contains("<calls ", "sid='c1'", "state='proposed'");
        assertThat(stanza(again)).contains("<propose ");
        assertThat(stanza(again)).contains("line 0");
    }

    /** The next that is no question of Stream Management. */
    private static String stanza(TestClient client) {
        Element next = client.next();
        return next.name().local().equals("r") ? stanza(client) : next.toString();
    }

    // ---- operators

    @Test
    @DisplayName("Check 47: no log tells a token, a key or what was written")
    void logTellsNoSecret() {
        Logger root = (Logger) LoggerFactory.getLogger("im.dunlin");
        Level before = root.getLevel();
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.DEBUG);
        try {
            threeDevicesAreAway();
            apples.set(received -> {
                throw new RejectedNotificationException(RejectionReason.INVALID_PROVIDER_TOKEN);
            });
            romeo.sends(chat(HERE, "It is the east, and Juliet is the sun"));
            calls("c1");
            server.after(Duration.ofSeconds(1));
            atGoogle(2);
            atPushServer(2);
            until(
                    () -> log.list.stream().anyMatch(event -> event.getLevel() == Level.ERROR),
                    () -> "logged is " + log.list);
        } finally {
            root.setLevel(before);
            root.detachAppender(log);
        }
        List<String> lines =
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        assertThat(lines)
                .anyMatch(line -> line.startsWith("push app capulet-ios: the service does not accept its key:"));
        assertThat(String.join("\n", lines))
                .doesNotContain(OwnPhone.TOKEN, OwnPhone.CALL_TOKEN, "/s/1", "It is the east", "romeo@localhost");
    }

    @Test
    void statusSaysWhichAppIsNotAccepted() {
        registers("phone", keys.onIos(CAPABILITIES)).leaves();
        PushRecords records = server.modules().provided(PushRecords.class);
        assertThat(records.status()).containsEntry("push app capulet-ios", "good, 0 pushes wait");
        apples.set(received -> {
            throw new RejectedNotificationException(RejectionReason.INVALID_PROVIDER_TOKEN);
        });
        romeo.sends(chat(HERE, "?"));
        server.after(Duration.ofSeconds(1));
        until(
                () -> records.status()
                        .get("push app capulet-ios")
                        .equals("its key is not accepted: InvalidProviderToken"),
                () -> "status is " + records.status());
        apples.set(MockApple.Reaction.ACCEPT);
        until(
                () -> {
                    isAnswered();
                    server.after(Duration.ofMinutes(1));
                    return records.status().get("push app capulet-ios").startsWith("good");
                },
                () -> "status is " + records.status());
        assertThat(records.status().get("pushes")).contains("1 messages");
    }
}
