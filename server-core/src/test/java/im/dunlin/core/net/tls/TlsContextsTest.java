// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import im.dunlin.core.net.tls.TestCertificate.Made;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TlsContextsTest {
    private static final String MONTAGUE = "montague.example";
    private static final String CAPULET = "capulet.example";
    private static final Made MONTAGUES =
            TestCertificate.forHost(MONTAGUE).dnsName("*.montague.example").selfSigned();
    private static final Made CAPULETS =
            TestCertificate.forHost(CAPULET).signedWith("RSA", "SHA384withRSA").selfSigned();

    @TempDir
    private Path directory;

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private Instant now = Instant.now();
    private HostCertificate montagueFiles;
    private HostCertificate capuletFiles;

    @BeforeEach
    void writeCertificates() {
        montagueFiles = files(MONTAGUE);
        capuletFiles = files(CAPULET);
        MONTAGUES.write(montagueFiles);
        CAPULETS.write(capuletFiles);
        log.start();
        logger().addAppender(log);
    }

    @AfterEach
    void stop() {
        logger().detachAppender(log);
        scheduler.shutdownNow();
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void certificateIsChosenByServerNameIndication(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            assertThat(shown(contexts, MONTAGUE)).isEqualTo(MONTAGUES.certificate());
            assertThat(shown(contexts, CAPULET)).isEqualTo(CAPULETS.certificate());
            assertThat(shown(contexts, "CAPULET.example")).isEqualTo(CAPULETS.certificate());
            assertThat(shown(contexts, "orchard.montague.example")).isEqualTo(MONTAGUES.certificate());
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void clientWithoutKnownNameSeesTheDefaultHost(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            assertThat(shown(contexts, null)).isEqualTo(MONTAGUES.certificate());
            assertThat(shown(contexts, "xmpp17.provider.example")).isEqualTo(MONTAGUES.certificate());
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void clientWithoutNameSeesTheHostOfItsStream(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            assertThat(shown(TlsPair.connect(contexts.startTls(CAPULET), null))).isEqualTo(CAPULETS.certificate());
            assertThat(shown(TlsPair.connect(contexts.startTls(CAPULET), MONTAGUE)))
                    .isEqualTo(MONTAGUES.certificate());
            assertThat(shown(TlsPair.connect(contexts.startTls("unknown.example"), null)))
                    .isEqualTo(MONTAGUES.certificate());
            assertThat(shown(TlsPair.connect(contexts.startTls(null), null))).isEqualTo(MONTAGUES.certificate());
        }
    }

    @Test
    void connectionKnowsWhomItsCertificateSpeaksFor() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL);
                TlsPair pair = TlsPair.connect(contexts.directTls(), CAPULET)) {
            TlsConnection connection = TlsConnection.of(pair.server);

            assertThat(connection.covers(CAPULET)).isTrue();
            assertThat(connection.covers(MONTAGUE)).isFalse();

            TlsConnection.forget(pair.server);
            assertThat(TlsConnection.of(pair.server)).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void clientThatNamesItsProtocolIsAccepted(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider);
                TlsPair pair = TlsPair.connect(
                        contexts.directTls(), MONTAGUE, List.of("h2", "xmpp-client"), "TLSv1.3", "TLSv1.2")) {
            assertThat(pair.isEstablished()).isTrue();
            assertThat(pair.clientTls.applicationProtocol()).isEqualTo("xmpp-client");
            assertThat(pair.server.pipeline().get(SslHandler.class).applicationProtocol())
                    .isEqualTo("xmpp-client");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void clientThatNamesAnotherProtocolIsRefused(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider);
                TlsPair pair =
                        TlsPair.connect(contexts.directTls(), MONTAGUE, List.of("xmpp-server", "h2"), "TLSv1.3")) {
            assertThat(pair.isEstablished()).isFalse();
            assertThat(pair.server.isOpen()).isFalse();
            assertThat(pair.clientTls.handshakeFuture().cause()).hasMessageContaining("no_application_protocol");
            assertThat(contexts.handshakesUnderWay()).isZero();
        }
    }

    @Test
    void protocolIsNotLookedAtAfterStartTls() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL);
                TlsPair pair = TlsPair.connect(contexts.startTls(MONTAGUE), MONTAGUE, List.of("h2"), "TLSv1.3")) {
            assertThat(pair.isEstablished()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void versions12And13AreServed(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
                try (TlsPair pair = TlsPair.connect(contexts.directTls(), MONTAGUE, List.of(), version)) {
                    assertThat(TlsConnection.of(pair.server).channel().protocol())
                            .isEqualTo(version);
                    assertThat(pair.clientTls.engine().getSession().getCipherSuite())
                            .matches(".*(GCM|CHACHA20).*");
                }
            }
        }
    }

    @Test
    void bytesThatAreNotTlsCloseTheConnection() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            assertClosedAfter(
                    contexts, Unpooled.wrappedBuffer("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            assertClosedAfter(
                    contexts, Unpooled.wrappedBuffer("<stream:stream to='a'>".getBytes(StandardCharsets.US_ASCII)));
        }
    }

    /** T20. */
    @Test
    void endlessClientHelloClosesTheConnectionAtOnce() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            // A record with the header of a ClientHello of 16 MiB - 1.
            assertClosedAfter(
                    contexts, Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("160301000a01ffffff0303000000000000")));
        }
    }

    /** T20, R02: the time of an embedded channel can be moved on. */
    @Test
    void clientThatSaysNothingIsNotWaitedForLongerThanTenSeconds() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            EmbeddedChannel server = new EmbeddedChannel();
            server.freezeTime();
            server.pipeline().addLast(contexts.directTls());
            server.advanceTimeBy(9_999, TimeUnit.MILLISECONDS);
            server.runScheduledPendingTasks();
            assertThat(server.isOpen()).isTrue();

            server.advanceTimeBy(1, TimeUnit.MILLISECONDS);
            server.runScheduledPendingTasks();

            assertThat(server.isOpen()).isFalse();
        }
    }

    @Test
    void secretsOfHandshakesThatFailAreForgotten() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            TlsPair.connect(contexts.directTls(), MONTAGUE).close();
            assertThat(contexts.handshakesUnderWay()).isZero();

            TlsPair vanishing = TlsPair.open(contexts.directTls(), MONTAGUE, List.of(), "TLSv1.3");
            vanishing.clientSpeaks();
            assertThat(contexts.handshakesUnderWay()).isEqualTo(1);
            vanishing.close();

            assertThat(contexts.handshakesUnderWay()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void changedFilesAreServedToNewConnections(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider);
                TlsPair before = TlsPair.connect(contexts.directTls(), CAPULET)) {
            Made renewed = TestCertificate.forHost(CAPULET).selfSigned();
            replace(renewed, capuletFiles);
            contexts.look();
            contexts.look();

            assertThat(shown(contexts, CAPULET)).isEqualTo(renewed.certificate());
            assertThat(before.shownCertificate()).isEqualTo(CAPULETS.certificate());
            assertThat(carries(before)).isTrue();
        }
    }

    @Test
    void filesThatAreStillChangingAreNotLoaded() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            Made renewed = TestCertificate.forHost(CAPULET).selfSigned();
            TestCertificate.writePem(capuletFiles.chain(), renewed.certificate());
            contexts.look();
            replace(renewed, capuletFiles);
            contexts.look();
            assertThat(shown(contexts, CAPULET)).isEqualTo(CAPULETS.certificate());

            contexts.look();

            assertThat(shown(contexts, CAPULET)).isEqualTo(renewed.certificate());
            assertThat(warnings()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void brokenFileReplacesNothingAndIsReportedOnce(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            Files.writeString(capuletFiles.chain(), "-----BEGIN CERTIFICATE-----\nbroken");
            for (int i = 0; i < 5; i++) {
                contexts.look();
            }
            assertThat(shown(contexts, CAPULET)).isEqualTo(CAPULETS.certificate());
            assertThat(warnings())
                    .containsExactly("certificate of capulet.example not replaced: " + capuletFiles.chain()
                            + ": not a PEM certificate");

            Files.delete(capuletFiles.chain());
            contexts.look();
            contexts.look();
            assertThat(shown(contexts, CAPULET)).isEqualTo(CAPULETS.certificate());
            assertThat(warnings()).hasSize(2).last().asString().endsWith(": no such file");

            Made renewed = TestCertificate.forHost(CAPULET).selfSigned();
            replace(renewed, capuletFiles);
            contexts.look();
            contexts.look();
            assertThat(shown(contexts, CAPULET)).isEqualTo(renewed.certificate());
        }
    }

    @Test
    void expiredFileReplacesNothing() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            replace(
                    TestCertificate.forHost(CAPULET)
                            .valid(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))
                            .selfSigned(),
                    capuletFiles);
            contexts.look();
            contexts.look();

            assertThat(shown(contexts, CAPULET)).isEqualTo(CAPULETS.certificate());
            assertThat(warnings()).singleElement().asString().contains("expired");
        }
    }

    @Test
    void replacedContextIsGivenBack() throws Exception {
        List<HostContext> retired = new ArrayList<>();
        WatchedCertificate watched = new WatchedCertificate(
                capuletFiles,
                TlsProvider.BORINGSSL,
                new ExporterSecrets(),
                List.of("xmpp-client"),
                () -> now,
                retired::add);
        replace(TestCertificate.forHost(CAPULET).selfSigned(), capuletFiles);
        watched.look();
        watched.look();

        assertThat(retired).hasSize(1);
        retired.get(0).release();
        assertThat(((ReferenceCounted) retired.get(0).context()).refCnt()).isZero();
        watched.release();
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void connectionOutlivesTheContextItWasMadeWith(TlsProvider provider) throws Exception {
        TlsContexts contexts = open(provider);
        try (TlsPair pair = TlsPair.connect(contexts.directTls(), CAPULET)) {
            contexts.close();

            assertThat(carries(pair)).isTrue();
        }
    }

    @Test
    void endOfACertificateIsAnnouncedOnceAtEachStep() throws Exception {
        TestCertificate.forHost(CAPULET)
                .valid(now.minus(Duration.ofDays(1)), now.plus(Duration.ofDays(30)))
                .selfSigned()
                .write(capuletFiles);
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            int[] expected = {0, 1, 1, 2, 2, 3, 3, 4, 4};
            int[] daysLater = {5, 10, 12, 23, 24, 29, 29, 31, 40};
            Instant start = now;
            for (int i = 0; i < expected.length; i++) {
                now = start.plus(Duration.ofDays(daysLater[i]));
                contexts.look();
                assertThat(warnings()).as("after %d days", daysLater[i]).hasSize(expected[i]);
            }
            assertThat(warnings().get(0)).startsWith("certificate of capulet.example ends in ");
            assertThat(warnings().get(3)).startsWith("certificate of capulet.example has expired at ");
        }
    }

    @Test
    void everyUnusableCertificateIsNamedAtStart() throws IOException {
        Files.delete(montagueFiles.key());
        Files.delete(capuletFiles.chain());

        assertThatExceptionOfType(UnusableCertificateException.class)
                .isThrownBy(() -> open(TlsProvider.BORINGSSL))
                .withMessage(montagueFiles.key() + ": no such file\n" + capuletFiles.chain() + ": no such file");
    }

    private static boolean carries(TlsPair pair) {
        pair.client.writeOutbound(Unpooled.wrappedBuffer(new byte[] {1}));
        pair.exchange();
        ByteBuf received = pair.server.readInbound();
        try {
            return received != null && received.readByte() == 1;
        } finally {
            ReferenceCountUtil.release(received);
        }
    }

    private static void assertClosedAfter(TlsContexts contexts, ByteBuf bytes) {
        EmbeddedChannel server = new EmbeddedChannel(contexts.directTls());
        assertThatExceptionOfType(DecoderException.class).isThrownBy(() -> server.writeInbound(bytes));
        server.runPendingTasks();
        assertThat(server.isOpen()).isFalse();
        server.releaseOutbound();
    }

    private TlsContexts open(TlsProvider provider) throws UnusableCertificateException {
        return TlsContexts.open(
                provider,
                List.of(montagueFiles, capuletFiles),
                scheduler,
                Duration.ofDays(1),
                Duration.ofSeconds(10),
                () -> now);
    }

    private static X509Certificate shown(TlsContexts contexts, @Nullable String sni) {
        return shown(TlsPair.connect(contexts.directTls(), sni));
    }

    private static X509Certificate shown(TlsPair connected) {
        try (connected) {
            assertThat(connected.isEstablished()).isTrue();
            return connected.shownCertificate();
        }
    }

    private List<String> warnings() {
        return log.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private HostCertificate files(String host) {
        return new HostCertificate(host, directory.resolve(host + ".crt"), directory.resolve(host + ".key"));
    }

    /** As a client for certificates does: a new file moved over the old one. */
    private static void replace(Made certificate, HostCertificate files) throws IOException {
        certificate.write(files);
        FileTime later = FileTime.from(Instant.now().plusSeconds(System.nanoTime() % 100_000));
        Files.setLastModifiedTime(files.chain(), later);
        Files.setLastModifiedTime(files.key(), later);
    }

    private static Logger logger() {
        return (Logger) org.slf4j.LoggerFactory.getLogger(WatchedCertificate.class);
    }
}
