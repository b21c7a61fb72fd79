// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.core.auth.TlsChannel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What we bind to is what OpenSSL exports at the other end of the same connection. */
@EnabledIf("opensslIsInstalled")
class ChannelBindingsIT {
    private static final String HOST = "montague.example";
    private static final Pattern EXPORTED = Pattern.compile("Keying material: ([0-9A-F]+)");

    @TempDir
    private Path directory;

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<TlsChannel> established = new LinkedBlockingQueue<>();

    private Instant now = Instant.now();

    /** Whether the server says a word, behind which BoringSSL sends its tickets, and goes. */
    private volatile boolean speaking;

    static boolean opensslIsInstalled() throws InterruptedException {
        try {
            return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        scheduler.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
    void exporterIsThatOfOpenssl(String cipherSuite) throws Exception {
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            String exported = exportedByOpenssl(contexts, "-tls1_3", "-ciphersuites", cipherSuite);

            TlsChannel channel = established.poll(10, TimeUnit.SECONDS);
            assertThat(channel.protocol()).isEqualTo("TLSv1.3");
            assertThat(HexFormat.of().withUpperCase().formatHex(channel.binding("tls-exporter")))
                    .isEqualTo(exported);
        }
    }

    @Test
    void exporterOfThePlatformIsThatOfOpenssl() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.JDK)) {
            String exported = exportedByOpenssl(contexts, "-tls1_3");

            byte[] binding = established.poll(10, TimeUnit.SECONDS).binding("tls-exporter");
            if (Runtime.version().feature() >= 25) {
                assertThat(HexFormat.of().withUpperCase().formatHex(binding)).isEqualTo(exported);
            } else {
                assertThat(binding).isNull();
            }
        }
    }

    /** T19. */
    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void renegotiationIsRefused(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            String output = openssl(contexts, "R\n", "-tls1_2");

            assertThat(output).containsPattern("RENEGOTIATING\\n.*:error:");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void sessionIsResumedAndBoundByItsOwnSecret(String version) throws Exception {
        Path kept = directory.resolve("session");
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            speaking = true;
            openssl(contexts, "", version, "-ign_eof", "-sess_out", kept.toString());
            byte[] endPoint = established.poll(10, TimeUnit.SECONDS).binding("tls-server-end-point");

            String output = openssl(contexts, "", version, "-ign_eof", "-sess_in", kept.toString());

            assertThat(output).contains("Reused, TLSv1." + version.charAt(version.length() - 1));
            TlsChannel channel = established.poll(10, TimeUnit.SECONDS);
            assertThat(channel.binding("tls-server-end-point")).isEqualTo(endPoint);
            if (version.equals("-tls1_3")) {
                Matcher exported = EXPORTED.matcher(output);
                assertThat(exported.find()).isTrue();
                assertThat(HexFormat.of().withUpperCase().formatHex(channel.binding("tls-exporter")))
                        .isEqualTo(exported.group(1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void sessionIsNotResumedTwoDaysLater(String version) throws Exception {
        Path kept = directory.resolve("session");
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            speaking = true;
            openssl(contexts, "", version, "-ign_eof", "-sess_out", kept.toString());
            now = now.plus(Duration.ofDays(1));
            contexts.look();
            assertThat(openssl(contexts, "", version, "-ign_eof", "-sess_in", kept.toString()))
                    .contains("Reused, ");

            now = now.plus(Duration.ofDays(1));
            contexts.look();
            assertThat(openssl(contexts, "", version, "-ign_eof", "-sess_in", kept.toString()))
                    .contains("New, ");
        }
    }

    @Test
    void platformGivesNoTickets() throws Exception {
        try (TlsContexts contexts = open(TlsProvider.JDK)) {
            // Before Java 25 it cannot be kept from giving one for TLS 1.3 that only its cache of one understands.
            assertThat(openssl(contexts, "", "-tls1_2")).doesNotContain("TLS session ticket");
        }
    }

    @Test
    void earlyDataIsNotAccepted() throws Exception {
        Path kept = directory.resolve("session");
        Path early = Files.writeString(directory.resolve("early"), "<stream");
        try (TlsContexts contexts = open(TlsProvider.BORINGSSL)) {
            speaking = true;
            openssl(contexts, "", "-tls1_3", "-ign_eof", "-sess_out", kept.toString());

            String output = openssl(
                    contexts, "", "-tls1_3", "-ign_eof", "-sess_in", kept.toString(), "-early_data", early.toString());

            assertThat(output).doesNotContain("Early data was accepted");
        }
    }

    @ParameterizedTest
    @EnumSource(TlsProvider.class)
    void oldVersionsAreRefused(TlsProvider provider) throws Exception {
        try (TlsContexts contexts = open(provider)) {
            assertThat(openssl(contexts, "", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"))
                    .contains("Cipher is (NONE)");
            assertThat(openssl(contexts, "", "-tls1_2")).doesNotContain("Cipher is (NONE)");
            assertThat(openssl(
                            contexts,
                            "",
                            "-tls1_2",
                            "-cipher",
                            "AES128-SHA:AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA256"))
                    .contains("Cipher is (NONE)");
        }
    }

    private TlsContexts open(TlsProvider provider) throws UnusableCertificateException, IOException {
        HostCertificate files = SelfSignedCertificate.in(directory, HOST, now, new SecureRandom());
        return TlsContexts.open(
                provider, List.of(files), scheduler, Duration.ofDays(1), Duration.ofSeconds(10), () -> now);
    }

    private String exportedByOpenssl(TlsContexts contexts, String... options) throws Exception {
        String output = openssl(contexts, "", options);
        Matcher exported = EXPORTED.matcher(output);
        assertThat(exported.find()).as(output).isTrue();
        return exported.group(1);
    }

    private String openssl(TlsContexts contexts, String typed, String... options) throws Exception {
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(contexts.directTls(), new Reporting());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
        try {
            int port = ((InetSocketAddress) listener.localAddress()).getPort();
            List<String> command = new ArrayList<>(List.of(
                    "openssl",
                    "s_client",
                    "-connect",
                    "127.0.0.1:" + port,
                    "-servername",
                    HOST,
                    "-alpn",
                    "xmpp-client",
                    "-keymatexport",
                    "EXPORTER-Channel-Binding",
                    "-keymatexportlen",
                    "32"));
            command.addAll(List.of(options));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().write(typed.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return output;
        } finally {
            listener.close().sync();
        }
    }

    private final class Reporting extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent completed && completed.isSuccess()) {
                established.add(TlsConnection.of(ctx.channel()).channel());
                if (speaking) {
                    ctx.writeAndFlush(Unpooled.copiedBuffer("bye\n", StandardCharsets.US_ASCII))
                            .addListener(ChannelFutureListener.CLOSE);
                }
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
