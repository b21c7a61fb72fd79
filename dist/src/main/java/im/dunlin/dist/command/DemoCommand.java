// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.demo.Demo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a reconnect costs, on a server of its own that is gone afterwards. */
@Command(
        name = "demo",
        description = {
            "Show what a reconnect costs, on a server of its own that is gone afterwards.",
            "A phone sleeps while messages come, are edited and deleted, and somebody calls. It comes back twice: by the",
            "archive, as clients do, and with the delta in its login."
        })
final class DemoCommand implements Callable<Integer> {
    /** As shells have it for a program that its user ended from the keyboard. */
    private static final int INTERRUPTED = 130;

    private final Dunlin dunlin;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--people",
            paramLabel = "N",
            defaultValue = "500",
            description = "Conversations (${DEFAULT-VALUE}).")
    private int people;

    @Option(
            names = "--messages",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Messages (${DEFAULT-VALUE}).")
    private int messages;

    DemoCommand(Dunlin dunlin) {
        this.dunlin = dunlin;
    }

    @Override
    public Integer call() throws Exception {
        StopSignal stop = dunlin.stop();
        stop.serving();
        CompletableFuture<Void> played = new CompletableFuture<>();
        Path directory = Files.createTempDirectory("dunlin-demo");
        try {
            DataDirectory data = new DataDirectory(directory);
            data.prepare();
            ServerFactory.Acceptance nothing = new ServerFactory.Acceptance(false, false);
            try (RunningServer server = dunlin.servers().start(configuration(directory), data, nothing)) {
                for (String account : Demo.ACCOUNTS) {
                    server.administration().addUser(account, Demo.PASSWORD);
                }
                int port = server.listeners().get(0).port();
                boolean isTerminal = System.console() != null;
                Demo demo = new Demo(trust(data), port, spec.commandLine().getOut(), isTerminal, people, messages);
                Thread player = new Thread(() -> play(demo, played, stop), "demo");
                player.setDaemon(true);
                player.start();
                stop.await();
                if (!played.isDone()) {
                    // What it meets now that its server goes is no failure.
                    return INTERRUPTED;
                }
            }
        } finally {
            delete(directory);
        }
        return ended(played);
    }

    /** On a thread of its own, since one that waits for a connection does not hear that the operator wants the end. */
    private static void play(Demo demo, CompletableFuture<Void> played, StopSignal stop) {
        try {
            demo.play();
            played.complete(null);
        } catch (IOException | RuntimeException e) {
            played.completeExceptionally(e);
        } finally {
            stop.request();
        }
    }

    private static int ended(CompletableFuture<Void> played) throws Exception {
        try {
            played.get();
            return CommandLine.ExitCode.OK;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Only what a machine on this one may do is different from the defaults: to write as fast as it can. */
    private ServerConfig configuration(Path directory) throws ConfigException {
        return dunlin.servers().configurations().parse("""
                        data: '%s'
                        listeners:
                          - { kind: direct-tls, address: 127.0.0.1, port: 0 }
                        limits:
                          rate: { bytesPerSecond: 1GiB, bytesBurst: 1GiB, stanzasPerSecond: 1000000, stanzasBurst: 1000000 }
                        """.formatted(directory));
    }

    private static SSLContext trust(DataDirectory data) throws IOException {
        Path certificate = SelfSignedCertificate.in(data.tls(), Demo.HOST, Instant.now(), new SecureRandom())
                .chain();
        try (InputStream in = Files.newInputStream(certificate)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    Demo.HOST, CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS here: " + e.getMessage(), e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
