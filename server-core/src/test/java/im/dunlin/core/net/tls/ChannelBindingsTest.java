// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.TlsChannel;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChannelBindingsTest {
    private static final String HOST = "montague.example";

    @TempDir
    private Path directory;

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void stop() {
        scheduler.shutdownNow();
    }

    /** Certificates and hashes by OpenSSL. */
    static Stream<Arguments> endPoints() throws Exception {
        String all;
        try (InputStream in = ChannelBindingsTest.class.getResourceAsStream("/tls/end-points.pem")) {
            all = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        Stream.Builder<Arguments> arguments = Stream.builder();
        for (String each : all.split("# ")) {
            if (!each.isEmpty()) {
                String[] nameAndHash = each.substring(0, each.indexOf('\n')).split(": ");
                arguments.add(Arguments.of(
                        nameAndHash[0],
                        nameAndHash[1],
                        factory.generateCertificate(new ByteArrayInputStream(
                                each.substring(each.indexOf('\n')).getBytes(StandardCharsets.US_ASCII)))));
            }
        }
        return arguments.build();
    }

    /** RFC 5929 section 4.1. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("endPoints")
    void serverEndPointIsHashedByTheHashOfItsSignature(String name, String hash, X509Certificate certificate) {
        byte[] value = ChannelBindings.serverEndPoint(certificate);

        assertThat(value == null ? "none" : HexFormat.of().formatHex(value)).isEqualTo(hash);
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void serverEndPointIsOfTheCertificateThatTheClientWasShown(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            for (String version : new String[] {"TLSv1.3", "TLSv1.2"}) {
                try (TlsPair pair = TlsPair.connect(contexts.directTls(), HOST, List.of(), version)) {
                    assertThat(bindings(pair).binding("tls-server-end-point"))
                            .isEqualTo(ChannelBindings.serverEndPoint(pair.shownCertificate()));
                }
            }
        }
    }

    @Test
    void exporterIsNotOfferedBeforeTls13() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL);
                TlsPair pair = TlsPair.connect(contexts.directTls(), HOST, List.of(), "TLSv1.2")) {
            assertThat(bindings(pair).bindingTypes()).containsExactly("tls-server-end-point");
        }
    }

    @Test
    void exporterOfThePlatformIsOfferedWhereItHasOne() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.JDK);
                TlsPair pair = TlsPair.connect(contexts.directTls(), HOST, List.of(), "TLSv1.3")) {
            assertThat(bindings(pair).bindingTypes().contains("tls-exporter"))
                    .isEqualTo(Runtime.version().feature() >= 25);
        }
    }

    @Test
    void everyConnectionHasAnExporterOfItsOwn() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL);
                TlsPair one = TlsPair.connect(contexts.directTls(), HOST, List.of(), "TLSv1.3");
                TlsPair other = TlsPair.connect(contexts.directTls(), HOST, List.of(), "TLSv1.3")) {
            assertThat(bindings(one).binding("tls-exporter"))
                    .hasSize(32)
                    .isNotEqualTo(bindings(other).binding("tls-exporter"));
        }
    }

    /** Two ends that listened to different callbacks; what OpenSSL exports is compared in {@link ChannelBindingsIT}. */
    @Test
    void bothEndsDeriveTheSameExporter() throws Exception {
        ExporterSecrets secrets = new ExporterSecrets();
        ReferenceCountedOpenSslContext context = (ReferenceCountedOpenSslContext) SslContextBuilder.forClient()
                .sslProvider(SslProvider.OPENSSL_REFCNT)
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .build();
        assertThat(secrets.listenTo(context)).isTrue();
        SslHandler tls = context.newHandler(ByteBufAllocator.DEFAULT, HOST, 5223);
        ExporterSecrets.Expected expected = secrets.expect((ReferenceCountedOpenSslEngine) tls.engine());
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL);
                TlsPair pair = TlsPair.of(contexts.directTls(), tls)) {
            pair.exchange();
            boolean sha384 = tls.engine().getSession().getCipherSuite().endsWith("384");

            assertThat(ChannelBindings.export(secrets.take(expected), sha384))
                    .isEqualTo(bindings(pair).binding("tls-exporter"));
            assertThat(secrets.size()).isZero();
        }
        ReferenceCountUtil.release(context);
    }

    /** RFC 8448 section 3 prints the exporter secret of its handshake; the value was computed from it with Python. */
    @Test
    void exporterIsDerivedAsRfc8446Says() {
        byte[] secret = HexFormat.of().parseHex("fe22f881176eda18eb8f44529e6792c50c9a3f89452f68d8ae311b4309d3cf50");

        assertThat(HexFormat.of().formatHex(ChannelBindings.export(secret, false)))
                .isEqualTo("e3b0946bf2f4668144f22872e0afd51dc9608638c6f9b2584b98c6cd3a4affad");
    }

    @Test
    void bindingsAreNotPrinted() {
        TlsChannel channel = new TlsChannel("TLSv1.3", Map.of("tls-exporter", new byte[] {0x5E, 0x5E}));

        assertThat(channel).hasToString("TLSv1.3 [tls-exporter]");
    }

    private TlsContexts open(TlsProvider provider) throws UnusableCertificateException, IOException {
        HostCertificate files =
                SelfSignedCertificate.in(directory, HOST, InstantSource.system().instant(), new SecureRandom());
        return TlsContexts.open(
                provider,
                List.of(files),
                scheduler,
                Duration.ofDays(1),
                Duration.ofSeconds(10),
                InstantSource.system());
    }

    private static TlsChannel bindings(TlsPair pair) {
        return TlsConnection.of(pair.server).channel();
    }
}
