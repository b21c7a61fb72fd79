// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ConfigPrinter;
import im.dunlin.core.config.PushApp;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.push.gateway.TestTls;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What an operator hears of the section push before a server starts with it. */
class PushConfigTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void makeKeys() throws Exception {
        file = directory.resolve("dunlin.yaml");
        pem("team.p8", ec("secp256r1").getPrivate());
        pem("p384.pem", ec("secp384r1").getPrivate());
        pem("rsa.pem", rsa().getPrivate());
        write("text.txt", "hello");
        write("password.txt", "secret\nnot this");
        write(
                "account.json",
                JsonMapper.shared()
                        .writeValueAsString(Map.of(
                                "type",
                                "service_account",
                                "project_id",
                                "example-app",
                                "private_key_id",
                                "1",
                                "private_key",
                                Base64.getEncoder()
                                        .encodeToString(rsa().getPrivate().getEncoded()),
                                "client_email",
                                "a@b.example",
                                "token_uri",
                                "https://oauth2.example/token")));
        write("open.pem", Files.readString(directory.resolve("team.p8")));
        Files.setPosixFilePermissions(directory.resolve("open.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        TestTls app = TestTls.of(Files.createDirectory(directory.resolve("tls")), "im.example.app");
        p12("app.p12", app.key(), app.certificate(), "secret");
    }

    private static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        return generator.generateKeyPair();
    }

    private void pem(String name, PrivateKey key) throws Exception {
        write(
                name,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
    }

    private void p12(String name, PrivateKey key, X509Certificate certificate, String password) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("app", key, password.toCharArray(), new Certificate[] {certificate});
        write(name, "");
        try (OutputStream out = Files.newOutputStream(directory.resolve(name))) {
            store.store(out, password.toCharArray());
        }
    }

    private void write(String name, String text) throws Exception {
        Path path = directory.resolve(name);
        Files.writeString(path, text);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private ServerConfig load(String app) throws Exception {
        Files.writeString(file, "push:\n  apps:\n    chat:\n      { " + app + " }\n");
        return ConfiguredApps.checked(new ConfigLoader(Map.of())).load(file);
    }

    private PushApp app(String app) throws Exception {
        return load(app).push().apps().get("chat");
    }

    @Test
    void keyOfATeamIsForAppsOnApplesPlatforms() throws Exception {
        AppKey key = AppKey.load(
                app("provider: apns, keyFile: team.p8, topic: im.example.app, keyId: KEYKEYKEY1, teamId: TEAMTEAM01"));

        assertThat(key).isInstanceOf(AppKey.Apns.class);
    }

    @Test
    void certificateOfAnAppIsForThatApp() throws Exception {
        AppKey key =
                AppKey.load(app("provider: apns, keyFile: app.p12, passwordFile: password.txt, topic: im.example.app"));

        assertThat(key).isInstanceOf(AppKey.Apns.class);
    }

    @Test
    void serviceAccountIsForFcm() throws Exception {
        assertThat(AppKey.load(app("provider: fcm, keyFile: account.json")))
                .isInstanceOfSatisfying(
                        AppKey.Fcm.class,
                        fcm -> assertThat(fcm.account().project()).isEqualTo("example-app"));
    }

    @Test
    void anyKeyOnP256IsForWebPush() throws Exception {
        assertThat(AppKey.load(app("provider: web-push, keyFile: team.p8, contact: 'mailto:a@b.example'")))
                .isInstanceOfSatisfying(
                        AppKey.WebPush.class,
                        web -> assertThat(web.key().publicKey()).hasSize(87));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keyFile: team.p8 | provider: missing",
                "provider: fcm | keyFile: missing",
                "provider: fcm, keyFile: none.json | there is no such file",
                "provider: fcm, keyFile: text.txt | not JSON",
                "provider: fcm, keyFile: account.json, topic: x | topic: only apns has it",
                "provider: fcm, keyFile: account.json, contact: x | contact: only web-push has it",
                "provider: apns, keyFile: team.p8 | topic: missing",
                "provider: apns, keyFile: team.p8, topic: a.b, keyId: KEYKEYKEY1 | teamId: missing",
                "provider: apns, keyFile: team.p8, topic: a.b, keyId: x, teamId: TEAMTEAM01 | keyId: x (expected: ten",
                "provider: apns, keyFile: team.p8, topic: 'a b', keyId: KEYKEYKEY1, teamId: TEAMTEAM01 | topic: a b",
                "provider: apns, keyFile: rsa.pem, topic: a.b, keyId: KEYKEYKEY1, teamId: TEAMTEAM01 | of another kind",
                "provider: apns, keyFile: p384.pem, topic: a.b, keyId: KEYKEYKEY1, teamId: TEAMTEAM01 | another kind",
                "provider: apns, keyFile: text.txt, topic: a.b, keyId: KEYKEYKEY1, teamId: TEAMTEAM01 | no private key",
                "provider: apns, keyFile: app.p12, topic: a.b | another password",
                "provider: apns, keyFile: team.p8, topic: a.b | no PKCS #12 file",
                "provider: web-push, keyFile: team.p8 | contact: null (expected: mailto",
                "provider: web-push, keyFile: team.p8, contact: me | contact: me (expected: mailto",
                "provider: web-push, keyFile: open.pem, contact: 'mailto:a@b.example' | read by everybody",
                "provider: pigeon, keyFile: team.p8 | provider: pigeon (expected: apns, fcm, web-push)"
            })
    void whatIsWrongIsSaidWithItsPlace(String app, String message) {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load(app))
                .satisfies(wrong -> assertThat(wrong.problems()).anySatisfy(problem -> {
                    assertThat(problem.message()).contains(message);
                    assertThat(problem.file()).isEqualTo(file);
                    assertThat(problem.line()).isEqualTo(4);
                    assertThat(problem.column()).isGreaterThanOrEqualTo(7);
                }));
    }

    @Test
    void keyOfAnAppIsWhatClientsCanSay() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfiguredApps.checked(new ConfigLoader(Map.of()))
                        .parse("push: { apps: { 'my app': { provider: fcm } } }"))
                .withMessageContaining("my app (expected");
    }

    @Test
    void printedConfigurationLoadsBackAndShowsNoKey() throws Exception {
        ServerConfig config = load("provider: fcm, keyFile: account.json");

        String printed = ConfigPrinter.print(config);

        assertThat(printed).contains("account.json").doesNotContain("a@b.example");
        assertThat(ConfiguredApps.checked(new ConfigLoader(Map.of())).parse(printed))
                .isEqualTo(config);
    }
}
