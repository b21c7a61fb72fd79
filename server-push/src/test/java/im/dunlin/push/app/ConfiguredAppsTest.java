// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import static im.dunlin.push.gateway.Pushes.LONG;
import static im.dunlin.push.gateway.Pushes.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.PushConfig;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Answer.Why;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.Pushes;
import im.dunlin.push.gateway.TestTls;
import im.dunlin.push.gateway.https.FakeHttps;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps of a configuration, with a Web Push server on loopback. */
class ConfiguredAppsTest {
    private static final String WEB =
            "    web: { provider: web-push, keyFile: vapid.pem, contact: 'mailto:a@b.example' }\n";

    @TempDir
    private Path directory;

    private Path key;
    private Path file;
    private long changes;
    private TestTls tls;
    private FakeHttps server;
    private PushConfig config;
    private ConfiguredApps apps;

    @BeforeEach
    void start() throws Exception {
        key = directory.resolve("vapid.pem");
        writeKey();
        file = directory.resolve("dunlin.yaml");
        Files.writeString(file, """
                push:
                  apps:
                    web: { provider: web-push, keyFile: vapid.pem, contact: 'mailto:a@b.example' }
                  webPushAddresses: [ 127.0.0.0/8 ]
                """);
        config = ConfiguredApps.checked(new ConfigLoader(Map.of())).load(file).push();
        tls = TestTls.of(directory, "push.example");
        server = new FakeHttps(tls, request -> request.answer(201, ""));
        apps = ConfiguredApps.open(config, this::gateways);
    }

    private Gateways gateways() {
        PushThread thread = new PushThread();
        try {
            return new Gateways(
                    thread,
                    SslContextBuilder.forClient()
                            .trustManager(tls.certificate())
                            .build(),
                    host -> thread.loop().newSucceededFuture(List.of(InetAddress.getLoopbackAddress())),
                    Gateways.Services.REAL);
        } catch (SSLException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        apps.close();
        server.close();
    }

    private void writeKey() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        write("-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(generator.generateKeyPair().getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
    }

    /** With a time of its own, however soon after the last. */
    private void write(String text) throws IOException {
        long times = Files.exists(key) ? Files.getLastModifiedTime(key).toMillis() : 0;
        Files.writeString(key, text);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.setLastModifiedTime(key, FileTime.from(Instant.ofEpochMilli(Math.max(times + 1_000, 1_000_000))));
    }

    private Answer push() {
        PushAddress phone = new PushAddress.Subscription(URI.create("https://push.example:" + server.port() + "/x"));
        return await(apps.gateway(apps.all().get(0)).send(Pushes.message(phone), LONG));
    }

    private String lastKey() {
        String header = server.received.get(server.received.size() - 1).header("authorization");
        return header.substring(header.indexOf("k="));
    }

    @Test
    void appHasAGatewayThatReachesItsDevices() {
        assertThat(apps.all()).containsExactly(new Apps.App("web", Apps.Provider.WEB_PUSH));
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void otherAppHasNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> apps.gateway(new Apps.App("other", Apps.Provider.FCM)));
    }

    @Test
    void keyFileThatChangesIsReadWhenItHasSettled() throws Exception {
        push();
        String before = lastKey();
        writeKey();
        apps.look();
        push();
        assertThat(lastKey()).isEqualTo(before);

        apps.look();

        push();
        assertThat(lastKey()).isNotEqualTo(before);
    }

    @Test
    void brokenFileReplacesNothing() throws Exception {
        push();
        String before = lastKey();
        write("no key");

        apps.look();
        apps.look();

        assertThat(push()).isInstanceOf(Answer.Accepted.class);
        assertThat(lastKey()).isEqualTo(before);
    }

    // ---- a configuration that changes

    private void configures(String apps) throws IOException {
        writes("push:\n  apps:\n" + apps + "  webPushAddresses: [ 127.0.0.0/8 ]\n");
    }

    private void writes(String configuration) throws IOException {
        Files.writeString(file, configuration);
        Files.setLastModifiedTime(file, FileTime.from(Instant.ofEpochMilli(++changes * 1_000_000)));
        this.apps.look();
        this.apps.look();
    }

    private void follows() {
        apps.follow(
                file,
                () -> ConfiguredApps.checked(new ConfigLoader(Map.of()))
                        .load(file)
                        .push());
    }

    @Test
    void appIsAddedAndTakenOutWhileTheServerRuns() throws Exception {
        follows();
        configures(WEB + WEB.replace("web:", "other:"));
        assertThat(apps.all()).extracting(Apps.App::key).containsExactly("web", "other");
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
        configures(WEB.replace("web:", "other:"));
        assertThat(apps.all()).extracting(Apps.App::key).containsExactly("other");
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void firstAppOfAllIsAddedWhileTheServerRuns() throws Exception {
        apps.close();
        apps = ConfiguredApps.open(new PushConfig(Map.of(), List.of()), this::gateways);
        assertThat(apps.all()).isEmpty();
        follows();
        configures(WEB);
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void addressesOfEndpointsAreAllowedWhileTheServerRuns() throws Exception {
        apps.close();
        apps = ConfiguredApps.open(new PushConfig(config.apps(), List.of()), this::gateways);
        follows();
        assertThat(push()).isNotInstanceOf(Answer.Accepted.class);
        assertThat(server.received).isEmpty();
        configures(WEB);
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void appThatIsConfiguredOtherwiseIsOpenedAnewAndTheOthersAreNot() throws Exception {
        follows();
        configures(WEB + WEB.replace("web:", "other:"));
        Gateway web = apps.gateway(apps.all().get(0));
        Gateway other = apps.gateway(apps.all().get(1));
        configures(WEB + WEB.replace("web:", "other:").replace("a@b", "c@d"));
        assertThat(apps.gateway(apps.all().get(0))).isSameAs(web);
        assertThat(apps.gateway(apps.all().get(1))).isNotSameAs(other);
    }

    @Test
    void configurationThatIsWrongChangesNothing() throws Exception {
        follows();
        configures("    web: { provider: pigeon }\n");
        configures("    web: { provider: web-push, keyFile: none.pem, contact: 'mailto:a@b.example' }\n");
        assertThat(apps.all()).extracting(Apps.App::key).containsExactly("web");
        assertThat(push()).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void closedAppsSendNothing() {
        PushRequest request = Pushes.message(new PushAddress.Subscription(URI.create("https://push.example/x")));
        apps.close();

        assertThat(await(apps.gateway(apps.all().get(0)).send(request, LONG)))
                .isEqualTo(new Answer.NotSent(Why.CLOSED, "closed"));
    }

    @Test
    void keyThatIsGoneSinceTheCheckKeepsTheServerFromStarting() throws Exception {
        Files.delete(key);

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> ConfiguredApps.open(config, Gateways::toTheWorld))
                .withMessageContaining("vapid.pem: there is no such file");
    }
}
