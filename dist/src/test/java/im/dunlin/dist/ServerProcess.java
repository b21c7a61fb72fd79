// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.testing.Endpoint;
import im.dunlin.dist.testing.Secrets;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The jar as a process of its own, on free ports of loopback, that can be killed and started again on the same data. It logs
 * everything, into a file that the test of the logs reads.
 */
public final class ServerProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private static final Path JAR = Path.of("target", "dunlin.jar").toAbsolutePath();

    private static final Pattern PORTS =
            Pattern.compile("127\\.0\\.0\\.1 port (\\d+) \\(STARTTLS\\), 127\\.0\\.0\\.1 port (\\d+) \\(TLS\\)");

    private final Path directory;
    private final Path log;
    private final List<String> options;
    private @Nullable Process process;

    /**
     * @param directory of the configuration and the data
     * @param name of the log, among those of the run
     * @param settings top-level keys of the configuration besides the usual ones of tests
     * @param options of the virtual machine
     */
    public ServerProcess(Path directory, String name, String settings, String... options) throws IOException {
        this.directory = directory;
        this.options = List.of(options);
        Files.createDirectories(Secrets.LOGS);
        this.log = Secrets.LOGS.toAbsolutePath().resolve(name + ".log");
        Files.writeString(directory.resolve("dunlin.yaml"), """
                data: data
                listeners:
                  - { kind: starttls, address: 127.0.0.1, port: 0 }
                  - { kind: direct-tls, address: 127.0.0.1, port: 0 }
                authentication: { scramIterations: 4096 }
                """ + settings);
    }

    /** Makes accounts with the usual password while the server is stopped. */
    public void addAccounts(Iterable<String> jids) throws Exception {
        ServerConfig config = StandardModules.configurations().load(directory.resolve("dunlin.yaml"));
        DataDirectory data = new DataDirectory(config.data());
        data.prepare();
        try (Administration administration = new Servers().open(config, data)) {
            for (String jid : jids) {
                administration.addUser(jid, Secrets.PASSWORD);
            }
        }
    }

    /** What the running server finds when it looks through its logs, as {@code dunlin check} prints it. */
    public List<String> check() throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process check = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-jar", JAR.toString(), "check")
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        try (BufferedReader lines = check.inputReader()) {
            return lines.lines().toList();
        } finally {
            check.waitFor();
        }
    }

    /** Starts without waiting until it serves. */
    public void launch() throws IOException {
        List<String> command = new java.util.ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
        command.addAll(options);
        command.addAll(List.of("-Dim.dunlin.log=TRACE", "-jar", JAR.toString(), "serve"));
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output())
                .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Starts, and returns when it serves. */
    public void start() throws IOException, InterruptedException {
        launch();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!ports().find()) {
            assertThat(process().isAlive()).as("the server runs; see " + log).isTrue();
            assertThat(System.nanoTime()).as("the server serves; see " + log).isLessThan(end);
            process().waitFor(20, TimeUnit.MILLISECONDS);
        }
    }

    public Endpoint endpoint() throws IOException {
        Matcher ports = ports();
        assertThat(ports.find()).isTrue();
        return new Endpoint(Integer.parseInt(ports.group(1)), Integer.parseInt(ports.group(2)));
    }

    private Matcher ports() throws IOException {
        return PORTS.matcher(Files.readString(output().toPath()));
    }

    private File output() {
        return directory.resolve("out").toFile();
    }

    private Process process() {
        return Objects.requireNonNull(process);
    }

    /** SIGKILL. */
    public void kill() throws InterruptedException {
        process().destroyForcibly().waitFor();
    }

    /** SIGTERM, at once. */
    public void asksToStop() {
        process().destroy();
    }

    /** Waits for the end. @return the exit status */
    public int exitStatus() throws InterruptedException {
        assertThat(process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("the server stops")
                .isTrue();
        return process().exitValue();
    }

    /** Its number, for asking the system about it. */
    public long pid() {
        return process().pid();
    }

    public Path log() {
        return log;
    }

    @Override
    public void close() throws InterruptedException {
        if (process != null) {
            kill();
        }
    }
}
