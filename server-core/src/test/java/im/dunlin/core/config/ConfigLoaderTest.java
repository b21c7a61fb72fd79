// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import im.dunlin.core.config.ConfigException.Problem;
import im.dunlin.storage.Durability;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    record EchoOptions(
            @Setting(says = "What it answers.", byDefault = "hello")
            String greeting,

            @Setting(says = "How often.", byDefault = "3", min = 1, max = 9)
            int times) {}

    private final ConfigLoader loader =
            new ConfigLoader(Map.of("ping", ModuleConfig.None.class, "echo", EchoOptions.class));

    @Test
    void emptyTextIsTheDefaultConfiguration() throws Exception {
        ServerConfig config = new ConfigLoader(Map.of()).parse("");

        assertThat(config).isEqualTo(ServerConfig.defaults());
        assertThat(config.hosts()).containsOnlyKeys("localhost");
        assertThat(config.durability()).isEqualTo(Durability.SYNC);
        assertThat(config.limits().stanza().bytes()).isEqualTo(262_144);
        assertThat(config.limits().timeouts().tlsHandshake()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.authentication().mechanisms()).hasSize(4);
    }

    @Test
    void localhostAloneListensOnLoopback() throws Exception {
        assertThat(loader.parse("").listeners())
                .containsExactly(
                        new ListenerConfig(ListenerConfig.Kind.STARTTLS, "localhost", 5222),
                        new ListenerConfig(ListenerConfig.Kind.DIRECT_TLS, "localhost", 5223),
                        new ListenerConfig(ListenerConfig.Kind.HTTPS, "localhost", 5281),
                        new ListenerConfig(ListenerConfig.Kind.HTTP, "localhost", 5280));
    }

    @Test
    void realHostListensEverywhere() throws Exception {
        assertThat(loader.parse("hosts: { example.org: {} }").listeners())
                .extracting(ListenerConfig::address)
                .containsExactly("*", "*", "*", "localhost", "*");
    }

    @Test
    void componentsAreListenedForOnLoopback(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "0123456789abcdef\n");
        String components =
                "hosts: { example.org: {} }\ncomponents: { irc.example.org: { secretFile: " + secret + " } }\n";

        assertThat(loader.parse(components).listeners())
                .contains(new ListenerConfig(ListenerConfig.Kind.COMPONENT, "localhost", 5347));
        assertThat(loader.parse(components + "listeners: [ { kind: component, port: 5348 } ]")
                        .listeners())
                .containsExactly(new ListenerConfig(ListenerConfig.Kind.COMPONENT, "localhost", 5348));
    }

    @Test
    void componentNeedsASecretAListenerAndADomainOfItsOwn(@TempDir Path directory) throws Exception {
        String known = "{ secretFile: " + Files.writeString(directory.resolve("secret"), "0123456789abcdef") + " }";
        assertProblems("components: { irc.localhost: {} }", "1:30: secretFile: a component needs a secret");
        assertProblems(
                "listeners: [ { port: 5222 } ]\ncomponents: { irc.localhost: " + known + " }",
                "2:1: components: there is no listener of the kind component");
        assertProblems("components: { localhost: " + known + " }", "1:1: components: localhost is a host");
        assertProblems(
                "components: { IRC.localhost: " + known + " }",
                "1:1: components: IRC.localhost (expected: irc.localhost)");
    }

    @Test
    void otherServersAreNamedAsTheyAreCompared() {
        assertProblems(
                "federation: { domains: { Spam.example: { blocked: true } } }",
                "1:1: federation.domains: Spam.example (expected: spam.example)");
    }

    @Test
    void addressOfAnotherServerHasAPortThatThereIs() {
        for (String address : List.of("192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:99999")) {
            assertProblems(
                    "federation: { domains: { a.example: { address: \"" + address + "\" } } }",
                    "1:39: address: " + address
                            + " (expected: host and port such as 192.0.2.1:5269 or [2001:db8::1]:5269)");
        }
    }

    @Test
    void secretIsLongAndInAFile(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "  0123456789abcde\n");

        assertThat(problems("components: { irc.localhost: { secretFile: " + secret + " } }"))
                .first()
                .satisfies(problem -> assertThat(problem.toString()).endsWith("this one has less than 16 bytes)"));
    }

    @Test
    void unknownKeyNamesPlaceAndNearestKey() {
        assertProblems("""
                hosts:
                  example.org:
                    regstration: { enabled: true }
                """, "3:5: regstration: no such key (did you mean registration?)");
    }

    @Test
    void unknownKeyNearNothingListsTheKnownOnes() {
        assertProblems(
                "hosts: { a.example: { tls: { xyzzy: 1 } } }",
                "1:30: xyzzy: no such key (known here: certificate, key)");
    }

    @Test
    void illTypedValuesNamePlaceAndWhatIsExpected() {
        assertProblems("durability: always", "1:13: durability: always (expected: sync, interval, none)");
        assertProblems("limits:\n  stanza:\n    depth: many", "3:12: depth: many (expected: a whole number)");
        assertProblems("limits: { stanza: { depth: 5 } }", "1:28: depth: 5 (expected: 16 to 1000)");
        assertProblems(
                "limits: { stanza: { bytes: 1TB } }",
                "1:28: bytes: 1TB (expected: bytes such as 4096, 16KiB, 4MiB or 1GiB)");
        assertProblems(
                "limits: { timeouts: { idle: 5 } }",
                "1:29: idle: 5 (expected: a time such as 500ms, 30s, 10m, 12h or 365d)");
        assertProblems(
                "hosts: { a.example: { registration: { enabled: yes } } }",
                "1:48: enabled: yes (expected: true or false)");
        assertProblems("limits: 3", "1:9: \"3\" (expected: a section with keys)");
        assertProblems("listeners: 5222", "1:12: listeners: \"5222\" (expected: a list)");
        assertProblems("data: [ a ]", "1:7: data: a list (expected: one value)");
        assertProblems(
                "hosts: { a.example: { admins: [ \"a@b@c d\" ] } }",
                "1:33: admins: a@b@c d (expected: an address such as juliet@example.org)");
        assertProblems("hosts: { A.example: {} }", "1:1: hosts: A.example (expected: a.example)");
        assertProblems("hosts: { a..example: {} }", "1:1: hosts: a..example is no domain");
        assertProblems("- hosts", "1:1: a list (expected: a section with keys)");
    }

    @Test
    void allMistakesAreReportedAtOnce() {
        assertThat(problems("durabilty: sync\nstorage: { cacheBytes: 1 }\n")).hasSize(2);
    }

    @Test
    void keyThatStandsTwiceIsAnError() {
        assertThat(problems("durability: sync\ndurability: none\n"))
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).isEqualTo(2));
    }

    @Test
    void brokenYamlNamesThePlace() {
        assertThat(problems("hosts: [\ndata: }\n")).first().satisfies(problem -> {
            assertThat(problem.line()).isPositive();
            assertThat(problem.message()).startsWith("not YAML");
        });
    }

    @Test
    void keysThatDisagreeAreAnErrorAtOneOfThem() {
        assertProblems(
                "hosts:\n  a.example:\n    tls:\n      certificate: a.pem\n",
                "4:7: certificate: certificate and key belong together: key is missing");
        assertProblems(
                "hosts: { a.example: { limits: { archivePage: 300 } } }",
                "1:33: archivePage: 300 (expected: at most archivePageMax, 250)");
    }

    @Test
    void modulesAreOnUnlessTurnedOff() throws Exception {
        HostConfig host = loader.parse("hosts: { a.example: { modules: { ping: false } } }")
                .hosts()
                .get("a.example");

        assertThat(host.hasModule("ping")).isFalse();
        assertThat(host.hasModule("echo")).isTrue();
    }

    @Test
    void moduleReadsItsOwnSection() throws Exception {
        HostConfig host = loader.parse("hosts: { a.example: { modules: { echo: { times: 5 } } } }")
                .hosts()
                .get("a.example");

        assertThat(host.options("echo", EchoOptions.class)).isEqualTo(new EchoOptions("hello", 5));
    }

    @Test
    void moduleThatDoesNotExistIsAnError() {
        assertProblems(
                "hosts: { a.example: { modules: { pimg: true } } }", "1:34: pimg: no such key (did you mean ping?)");
        assertProblems(
                "hosts: { a.example: { modules: { echo: { times: 10 } } } }", "1:49: times: 10 (expected: 1 to 9)");
        assertProblems(
                "hosts: { a.example: { modules: { ping: maybe } } }",
                "1:40: \"maybe\" (expected: true, false or a section with keys)");
    }

    @Test
    void printedConfigurationLoadsBack() throws Exception {
        ServerConfig config = loader.parse("""
                data: "/srv/with space/\\u0007#x"
                durability: interval
                hosts:
                  a.example:
                    admins: [ juliet@a.example, "true", "\\u0444@d.example" ]
                    registration: { enabled: true, perAddress: 90s }
                    tls: { certificate: /a.pem, key: /b.pem }
                    modules: { ping: false, echo: { greeting: "- '\\"\\\\ 😀" } }
                  b.example:
                listeners:
                  - { kind: direct-tls, address: "::1", port: 0 }
                authentication: { mechanisms: [ SCRAM-SHA-1 ] }
                limits: { timeouts: { close: 1500ms }, stanza: { bytes: 100001 } }
                """);

        assertThat(loader.parse(ConfigPrinter.print(config))).isEqualTo(config);
    }

    @Test
    void printedDefaultsLoadBackAndExplainEachKey() throws Exception {
        String printed = ConfigPrinter.print(loader.parse(""));

        assertThat(loader.parse(printed)).isEqualTo(loader.parse(""));
        assertThat(printed.lines().filter(line -> line.isBlank() || line.strip().startsWith("#")))
                .hasSizeGreaterThan(50);
    }

    @Test
    void pathsAreRelativeToTheFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("dunlin.yaml");
        Files.writeString(file, "data: here\n");

        assertThat(loader.load(file).data())
                .isEqualTo(directory.toAbsolutePath().resolve("here"));
    }

    @Test
    void unreadableFileIsOneClearProblem(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("dunlin.yaml");
        assertThatThrownBy(() -> loader.load(file)).hasMessage(file + ": there is no such file");

        Files.write(file, "data: \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> loader.load(file)).hasMessage(file + ": not UTF-8");
    }

    private void assertProblems(String yaml, String expected) {
        assertThat(problems(yaml)).extracting(Problem::toString).containsExactly("configuration:" + expected);
    }

    private List<Problem> problems(String yaml) {
        return catchThrowableOfType(ConfigException.class, () -> loader.parse(yaml))
                .problems();
    }
}
