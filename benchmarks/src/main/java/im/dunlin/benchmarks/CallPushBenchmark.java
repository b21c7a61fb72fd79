// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks;

import com.eatthepath.pushy.apns.auth.ApnsSigningKey;
import com.eatthepath.pushy.apns.server.MockApnsServer;
import com.eatthepath.pushy.apns.server.MockApnsServerBuilder;
import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.apns.ApnsGateway;
import im.dunlin.push.gateway.apns.ApnsProfile;
import im.dunlin.push.gateway.apns.ApnsServers;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A call until APNs (Pushy's mock, over TLS on loopback) has accepted it, while 10,000 messages wait. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
@SuppressWarnings({"NullAway.Init", "deprecation"}) // JMH calls open() first; Pushy knows this kind of loops only
public class CallPushBenchmark {
    private static final int MESSAGES = 10_000;
    private static final Duration LONG = Duration.ofHours(1);
    private static final PushAddress PHONE = new PushAddress.Token("0a".repeat(32), null);

    private final CountDownLatch released = new CountDownLatch(1);
    private MockApnsServer apple;
    private PushThread thread;
    private Gateway gateway;

    @Setup
    public void open() throws IOException, GeneralSecurityException {
        Path directory = Files.createTempDirectory("apns");
        HostCertificate tls = SelfSignedCertificate.in(directory, "localhost", Instant.now(), new SecureRandom());
        apple = new MockApnsServerBuilder()
                .setServerCredentials(tls.chain().toFile(), tls.key().toFile(), null)
                .setEventLoopGroup(new io.netty.channel.nio.NioEventLoopGroup(2))
                .setHandlerFactory(session -> (headers, payload) -> {
                    if (!"voip".contentEquals(headers.get("apns-push-type"))) {
                        await(released);
                    }
                })
                .build();
        int port = apple.start(0).join();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        ApnsSigningKey key = new ApnsSigningKey("KEYKEYKEY1", "TEAMTEAM01", (ECPrivateKey)
                generator.generateKeyPair().getPrivate());
        thread = new PushThread();
        InetSocketAddress here = InetSocketAddress.createUnresolved("localhost", port);
        gateway = new ApnsGateway(
                new ApnsProfile(
                        "im.example.app",
                        PushAddress.Environment.PRODUCTION,
                        new ApnsProfile.Credentials.SigningKey(key)),
                new ApnsServers(here, here, List.of(certificate(tls.chain()))),
                thread,
                InstantSource.system());
        for (int i = 0; i < MESSAGES; i++) {
            CompletionStage<Answer> unused = gateway.send(push(PushRequest.Kind.ALERT, PushRequest.Rank.MESSAGE), LONG);
        }
    }

    private static X509Certificate certificate(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static PushRequest push(PushRequest.Kind kind, PushRequest.Rank rank) {
        return new PushRequest(
                UUID.randomUUID(),
                "app",
                PHONE,
                kind,
                rank,
                PushRequest.Urgency.HIGH,
                null,
                Instant.now().plus(LONG),
                "{\"aps\":{}}".getBytes(StandardCharsets.UTF_8));
    }

    @Benchmark
    public Answer callWhileMessagesWait() {
        Answer answer = gateway.send(push(PushRequest.Kind.VOIP, PushRequest.Rank.CALL), LONG)
                .toCompletableFuture()
                .join();
        if (!(answer instanceof Answer.Accepted) || gateway.pending() < MESSAGES) {
            throw new IllegalStateException(answer + ", " + gateway.pending() + " pending");
        }
        return answer;
    }

    @TearDown
    public void close() {
        released.countDown();
        gateway.close();
        thread.close();
        apple.shutdown();
    }
}
