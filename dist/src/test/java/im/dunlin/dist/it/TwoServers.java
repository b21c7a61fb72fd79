// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.dist.ServerUnderTest;
import im.dunlin.dist.testing.RawClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Two servers in this process, {@code capulet.example} with juliet and {@code montague.example} with romeo, that find each other on
 * loopback and trust each other's certificates, and nobody else's.
 */
final class TwoServers implements BeforeAllCallback, AfterAllCallback {
    static final String CAPULET = "capulet.example";
    static final String MONTAGUE = "montague.example";

    private final Path files = directory();
    private final int capuletPort = freePort();
    private final int montaguePort = freePort();
    final ServerUnderTest capulet;
    final ServerUnderTest montague;

    /** @param ofCapulet more keys of its {@code federation} section @param others more of its {@code domains} */
    TwoServers(String ofCapulet, String others) {
        capulet = server(CAPULET, capuletPort, MONTAGUE, montaguePort, ofCapulet, others, "juliet", "nurse");
        montague = server(MONTAGUE, montaguePort, CAPULET, capuletPort, "", "", "romeo", "benvolio");
    }

    private static Path directory() {
        try {
            return Files.createTempDirectory("federation");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nobody else will take it before the server does. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HostCertificate certificate(String host) {
        try {
            return SelfSignedCertificate.in(files, host, Instant.now(), new SecureRandom());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ServerUnderTest server(
            String host, int port, String peer, int peerPort, String keys, String others, String... users) {
        HostCertificate own = certificate(host);
        String yaml = """
                hosts: { %1$s: { tls: { certificate: "%2$s", key: "%3$s" } } }
                listeners:
                  - { kind: starttls, address: 127.0.0.1, port: 0 }
                  - { kind: direct-tls, address: 127.0.0.1, port: 0 }
                  - { kind: server, address: 127.0.0.1, port: %4$d }
                federation:
                  trust: "%5$s"
                  domains:
                    %6$s: { address: "127.0.0.1:%7$d" }
                %8$s%9$s""".formatted(
                        host,
                        own.chain(),
                        own.key(),
                        port,
                        certificate(peer).chain(),
                        peer,
                        peerPort,
                        others.indent(4),
                        keys.indent(2));
        String[] accounts = Stream.of(users).map(user -> user + "@" + host).toArray(String[]::new);
        return ServerUnderTest.serving(yaml, accounts);
    }

    int capuletPort() {
        return capuletPort;
    }

    RawClient juliet() {
        return capulet.session("juliet@capulet.example/balcony");
    }

    RawClient romeo() {
        return montague.session("romeo@montague.example/orchard");
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        capulet.beforeAll(context);
        montague.beforeAll(context);
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        capulet.afterAll(context);
        montague.afterAll(context);
        try (Stream<Path> left = Files.walk(files)) {
            for (Path file : left.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
