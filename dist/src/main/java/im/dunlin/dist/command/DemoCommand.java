// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
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
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
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
                new Demo(trust(data), port, spec.commandLine().getOut(), isTerminal, people, messages).play();
            }
        } finally {
            delete(directory);
        }
        return 0;
    }

    /** Only what a machine on this one may do is different from the defaults: to write as fast as it can. */
    private ServerConfig configuration(Path directory) throws ConfigException {
        return new ConfigLoader(dunlin.servers().modules()).parse("""
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
