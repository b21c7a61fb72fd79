// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar as an operator meets it: processes, exit statuses, and what stands on the terminal. */
class JarIT {
    private static final Path JAR = Path.of("target", "dunlin.jar").toAbsolutePath();
    private static final long MAX_BYTES = 60L << 20;
    private static final int PATIENCE_SECONDS = 60;

    private record Outcome(int status, String out, String err) {}

    @TempDir
    Path directory;

    /** Each process, and the name of the files that take what it says. */
    private final Map<Process, String> started = new LinkedHashMap<>();

    @BeforeEach
    void configure() throws IOException {
        configure("listeners: [ { address: 127.0.0.1, port: 0 } ]\n");
    }

    @AfterEach
    void end() {
        started.keySet().forEach(Process::destroyForcibly);
    }

    @Test
    void jarIsSmallAndCarriesItsNatives() throws Exception {
        assertThat(JAR).isRegularFile();
        assertThat(Files.size(JAR)).isLessThan(MAX_BYTES);
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> names = jar.stream().map(JarEntry::getName).toList();
            assertThat(names)
                    .contains(
                            "librocksdbjni-linux64.so",
                            "librocksdbjni-linux-aarch64.so",
                            "librocksdbjni-osx-arm64.jnilib")
                    .contains(
                            "META-INF/native/libnetty_tcnative_linux_x86_64.so",
                            "META-INF/native/libnetty_tcnative_linux_aarch_64.so",
                            "META-INF/native/libnetty_tcnative_osx_aarch_64.jnilib",
                            "META-INF/native/libnetty_transport_native_epoll_x86_64.so",
                            "META-INF/native/libnetty_transport_native_epoll_aarch_64.so")
                    .contains("META-INF/LICENSE", "META-INF/services/ch.qos.logback.classic.spi.Configurator")
                    .noneMatch(name ->
                            name.endsWith(".SF") || name.endsWith(".RSA") || name.endsWith("module-info.class"));
            Manifest manifest = jar.getManifest();
            assertThat(manifest.getMainAttributes().getValue("Multi-Release")).isEqualTo("true");
        }
    }

    @Test
    void entryPointLoadsOnJavaEight() throws Exception {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            byte[] launcher = jar.getInputStream(jar.getEntry("im/dunlin/dist/Launcher.class"))
                    .readAllBytes();
            assertThat(launcher[7]).as("class file version").isEqualTo((byte) 52);
        }
    }

    @Test
    void firstStartMakesItsDataAndSaysWhatToDo() throws Exception {
        Process server = serve();
        await(server, "SHA-256");

        assertThat(output(server))
                .contains("user add NAME@localhost", directory.resolve("data").toString());
        assertThat(directory.resolve("data/store")).isDirectory();
        assertThat(directory.resolve("data/tls")).isNotEmptyDirectory();
        assertThat(stop(server)).isZero();
    }

    @Test
    void demonstrationEndsByItselfWithTheCallFirst() throws Exception {
        var demo = run("", "demo", "--people", "20", "--messages", "200");

        assertThat(demo.status()).isZero();
        assertThat(demo.out())
                .contains("first of all, and it stands", "in their places", "known")
                .containsPattern("round trips after TLS +[0-9]+ +1\n")
                .doesNotContain("missing");
    }

    @Test
    void demonstrationThatIsInterruptedLeavesNothingBehind() throws Exception {
        Process demo = start("demo");
        await(demo, "serves port");

        assertThat(stop(demo)).isEqualTo(130);
        assertThat(directory.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void killedServerLeavesNothingOutsideItsData() throws Exception {
        serve().destroyForcibly().waitFor();

        assertThat(directory.resolve("tmp")).isEmptyDirectory();
    }

    @Test
    void commandsWorkOnARunningServerAndOnAStoppedOne() throws Exception {
        assertThat(run("secret\n", "user", "add", "juliet@localhost").status()).isZero();
        Process server = serve();

        assertThat(run("secret\n", "user", "add", "romeo@localhost").status()).isZero();
        assertThat(run("", "user", "list").out().lines()).containsExactly("juliet@localhost", "romeo@localhost");
        assertThat(run("", "status").out()).contains("uptime", "sessions", "messages", "store", "sync");
        assertThat(run("", "backup", directory.resolve("copy").toString()).status())
                .isZero();
        assertThat(run("", "check").out().lines()).containsExactly("2 accounts checked");
        assertThat(run("", "user", "remove", "romeo@localhost").status()).isZero();
        assertThat(stop(server)).isZero();

        assertThat(run("", "status").status()).isEqualTo(3);
        assertThat(run("", "user", "list").out().lines()).containsExactly("juliet@localhost");
        assertThat(run("changed\n", "user", "passwd", "juliet@localhost").status())
                .isZero();

        configure("data: other\n");
        assertThat(run("", "restore", directory.resolve("copy").toString()).status())
                .isZero();
        assertThat(run("", "user", "list").out().lines()).containsExactly("juliet@localhost", "romeo@localhost");
    }

    @Test
    void accountOutlivesAKilledServer() throws Exception {
        Process server = serve();
        assertThat(run("secret\n", "user", "add", "juliet@localhost").status()).isZero();
        server.destroyForcibly().waitFor();

        Process again = serve();
        assertThat(run("", "user", "list").out().lines()).containsExactly("juliet@localhost");
        assertThat(stop(again)).isZero();
    }

    @Test
    void portThatIsTakenIsOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            configure("listeners: [ { address: 127.0.0.1, port: " + taken.getLocalPort() + " } ]\n");

            assertFailsWithOneLine(run("", "serve"), String.valueOf(taken.getLocalPort()));
        }
    }

    @Test
    void secondServerOnTheSameDataIsOneLine() throws Exception {
        serve();

        assertFailsWithOneLine(run("", "serve"), "in use by process");
    }

    @Test
    void brokenConfigurationIsOneLineWithItsPlace() throws Exception {
        configure("durabilty: sync\n");

        assertFailsWithOneLine(run("", "serve"), "dunlin.yaml:1:1: durabilty: no such key (did you mean durability?)");
    }

    @Test
    void brokenCertificateIsOneLine() throws Exception {
        Files.writeString(directory.resolve("bad.pem"), "nothing");
        configure("hosts: { localhost: { tls: { certificate: bad.pem, key: bad.pem } } }\n");

        assertFailsWithOneLine(run("", "serve"), "bad.pem");
    }

    @Test
    void dataDirectoryThatCannotBeIsOneLine() throws Exception {
        configure("data: /proc/dunlin\n");

        assertFailsWithOneLine(run("", "serve"), "/proc/dunlin");
    }

    private void configure(String more) throws IOException {
        String listeners = more.contains("listeners:") ? "" : "listeners: [ { address: 127.0.0.1, port: 0 } ]\n";
        Files.writeString(directory.resolve("dunlin.yaml"), more + listeners);
    }

    private static void assertFailsWithOneLine(Outcome outcome, String text) {
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err().lines().filter(line -> !line.matches(".* (INFO|WARN) +\\[.*")))
                .singleElement()
                .asString()
                .startsWith("dunlin: ")
                .contains(text);
    }

    /** A server that has said it serves. */
    private Process serve() throws Exception {
        Process server = start("serve");
        await(server, "Its data is in");
        return server;
    }

    private void await(Process process, String text) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!output(process).contains(text)) {
            assertThat(process.isAlive()).as(error(process)).isTrue();
            assertThat(System.nanoTime()).as("no word of it: " + error(process)).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** SIGTERM, and its exit status. */
    private static int stop(Process server) throws InterruptedException {
        server.destroy();
        assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return server.exitValue();
    }

    private Outcome run(String input, String... arguments) throws Exception {
        Process process = start(arguments);
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        return new Outcome(process.exitValue(), output(process), error(process));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-Djava.io.tmpdir=" + Files.createDirectories(directory.resolve("tmp")),
                "-jar",
                JAR.toString()));
        command.addAll(List.of(arguments));
        String name = "process" + started.size();
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(directory.resolve(name + ".out").toFile())
                .redirectError(directory.resolve(name + ".err").toFile())
                .start();
        started.put(process, name);
        return process;
    }

    private String output(Process process) throws IOException {
        return Files.readString(directory.resolve(started.get(process) + ".out"));
    }

    private String error(Process process) throws IOException {
        return Files.readString(directory.resolve(started.get(process) + ".err"));
    }
}
