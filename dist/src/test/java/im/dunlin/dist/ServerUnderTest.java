// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.command.ServerFactory.Acceptance;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.testing.Endpoint;
import im.dunlin.dist.testing.RawClient;
import im.dunlin.dist.testing.Secrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The real server in this process, on free ports of loopback and a data directory of its own, for the tests of one class. It
 * serves {@code localhost} and {@code montague.example}. Everything is as configured by default, but for fewer rounds of
 * hashing and what the class asks for.
 *
 * <p>Beside what a test does, one healthy session is there all the time, and after each test it must still be served.
 *
 * <pre>
 * &#64;RegisterExtension
 * static final ServerUnderTest server = ServerUnderTest.with("limits: { login: { failuresPerStream: 2 } }");
 * </pre>
 */
public final class ServerUnderTest implements BeforeAllCallback, AfterEachCallback, AfterAllCallback, AutoCloseable {
    private static final String COMMON = """
            data: data
            authentication: { scramIterations: 4096 }
            """;

    private static final String LISTENERS = """
            listeners:
              - { kind: starttls, address: 127.0.0.1, port: 0 }
              - { kind: direct-tls, address: 127.0.0.1, port: 0 }
              - { kind: https, address: 127.0.0.1, port: 0 }
              - { kind: http, address: 127.0.0.1, port: 0 }
              - { kind: component, address: 127.0.0.1, port: 0 }
            """;

    private static final String HOSTS = "hosts: { localhost: {}, montague.example: {} }\n";

    private final String yaml;
    private final List<String> accounts;
    private boolean watched = true;
    private @Nullable Path directory;
    private @Nullable DunlinServer server;
    private @Nullable RawClient witness;

    private ServerUnderTest(String yaml, List<String> accounts) {
        this.yaml = yaml;
        this.accounts = accounts;
    }

    public static ServerUnderTest withDefaults() {
        return with("");
    }

    /** With these top-level keys besides. */
    public static ServerUnderTest with(String settings) {
        return new ServerUnderTest(settings, List.of("juliet@localhost", "romeo@localhost", "tybalt@localhost"));
    }

    /** With these top-level keys and accounts, and without the healthy session: for other hosts than the usual ones. */
    public static ServerUnderTest serving(String settings, String... accounts) {
        return new ServerUnderTest(settings, List.of(accounts)).unwatched();
    }

    /** Without accounts, and so without the healthy session. */
    public static ServerUnderTest empty() {
        return new ServerUnderTest("", List.of()).unwatched();
    }

    /** Without the healthy session, where no session stays healthy that says nothing. */
    public ServerUnderTest unwatched() {
        watched = false;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        directory = Files.createTempDirectory("dunlin");
        start();
        for (String account : accounts) {
            addAccount(account);
        }
        if (watched) {
            addAccount("witness@localhost");
            witness = session("witness@localhost/healthy");
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (witness != null && context.getExecutionException().isEmpty()) {
            witness.settles();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        close();
        try (Stream<Path> files = Files.walk(Objects.requireNonNull(directory))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Starts, on what an earlier run left. */
    public void start() throws Exception {
        Path root = Objects.requireNonNull(directory);
        String hosts = yaml.contains("hosts:") ? "" : HOSTS;
        String listeners = yaml.contains("listeners:") ? "" : LISTENERS;
        Files.writeString(root.resolve("dunlin.yaml"), COMMON + listeners + hosts + yaml);
        ServerConfig config = StandardModules.configurations().load(root.resolve("dunlin.yaml"));
        DataDirectory data = new DataDirectory(config.data());
        data.prepare();
        server = DunlinServer.start(config, data, new Acceptance(false, false));
    }

    /** Stops as SIGTERM does. */
    @Override
    public void close() {
        if (server != null) {
            server.close();
            server = null;
            witness = null;
        }
    }

    private DunlinServer server() {
        return Objects.requireNonNull(server);
    }

    /** Makes an account with the usual password. */
    public void addAccount(String jid) throws Exception {
        server().administration().addUser(jid, Secrets.PASSWORD);
    }

    /** What commands ask of it. */
    public Administration administration() {
        return server().administration();
    }

    public Endpoint endpoint() {
        return new Endpoint(port(ListenerConfig.Kind.STARTTLS), port(ListenerConfig.Kind.DIRECT_TLS));
    }

    /** The port of the first listener of this kind. */
    public int port(ListenerConfig.Kind kind) {
        return server().listeners().stream()
                .filter(listener -> listener.kind() == kind)
                .findFirst()
                .orElseThrow()
                .port();
    }

    /** One of the facts of {@code dunlin status}. */
    public String status(String fact) throws Exception {
        return Objects.requireNonNull(server().administration().status().get(fact), fact);
    }

    // ---- clients
    // -----------------------------------------------------------------------------------------------------

    /** A connection without TLS and without a stream. */
    public RawClient connect() {
        return RawClient.connect(endpoint());
    }

    /** A connection with TLS and a stream to {@code localhost}, not logged in. */
    public RawClient connectTls() {
        return RawClient.connectTls(endpoint()).opensStream();
    }

    /** A session of one of the accounts. */
    public RawClient session(String fullJid) {
        return RawClient.session(endpoint(), fullJid);
    }
}
