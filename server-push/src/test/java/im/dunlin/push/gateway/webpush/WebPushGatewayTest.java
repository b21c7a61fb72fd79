// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.webpush;

import static im.dunlin.push.gateway.Pushes.LONG;
import static im.dunlin.push.gateway.Pushes.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.apps.webpush.WebPushHybridDecrypt;
import im.dunlin.core.config.AddressRange;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Answer.Scope;
import im.dunlin.push.gateway.Answer.Why;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushRequest.Kind;
import im.dunlin.push.gateway.PushRequest.Rank;
import im.dunlin.push.gateway.PushRequest.Urgency;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.Pushes;
import im.dunlin.push.gateway.TestTls;
import im.dunlin.push.gateway.https.AddressRules;
import im.dunlin.push.gateway.https.FakeHttps;
import im.dunlin.push.gateway.https.HttpsClient;
import im.dunlin.push.gateway.https.Names;
import im.dunlin.push.payload.DeviceEncoder;
import im.dunlin.push.payload.EncodedPush;
import im.dunlin.push.payload.Notice;
import im.dunlin.push.payload.Recipient;
import im.dunlin.push.payload.WebPushKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a Web Push server of our own, over TLS. */
class WebPushGatewayTest {
    private static final AddressRange LOOPBACK = AddressRange.parse("127.0.0.0/8");

    @TempDir
    private Path directory;

    private final PushThread thread = new PushThread();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final List<String> lookups = new CopyOnWriteArrayList<>();
    private TestTls tls;
    private KeyPair vapid;

    @BeforeEach
    void makeKeys() throws Exception {
        tls = TestTls.of(directory, "push.example");
        vapid = newPair();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        thread.close();
    }

    private static KeyPair newPair() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private FakeHttps server(FakeHttps.Behaviour behaviour) {
        FakeHttps server = new FakeHttps(tls, behaviour);
        opened.add(0, server);
        return server;
    }

    /** A gateway for which every name leads to these addresses. */
    private WebPushGateway gateway(AddressRules rules, String... addresses) throws Exception {
        List<InetAddress> found = new ArrayList<>();
        for (String address : addresses) {
            found.add(InetAddress.getByName(address));
        }
        return gateway(rules, host -> thread.loop().newSucceededFuture(found));
    }

    private WebPushGateway gateway(AddressRules rules, Names names) throws Exception {
        SslContext context =
                SslContextBuilder.forClient().trustManager(tls.certificate()).build();
        HttpsClient client = new HttpsClient(
                thread.loop(),
                context,
                host -> {
                    lookups.add(host);
                    return names.resolve(host);
                },
                rules,
                HttpsClient.Limits.DEFAULT);
        WebPushGateway gateway = new WebPushGateway(
                new VapidKey((ECPrivateKey) vapid.getPrivate(), "mailto:admin@example.org"),
                client,
                thread,
                InstantSource.system());
        opened.add(0, client);
        opened.add(0, gateway);
        return gateway;
    }

    private WebPushGateway gateway() throws Exception {
        return gateway(AddressRules.publicAnd(List.of(LOOPBACK)), "127.0.0.1");
    }

    private static PushAddress endpoint(FakeHttps server) {
        return new PushAddress.Subscription(URI.create("https://push.example:" + server.port() + "/send/abc?d=e"));
    }

    private static Why why(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.NotSent.class);
        return ((Answer.NotSent) answer).why();
    }

    // ---- what is said

    @Test
    void pushIsAsRfc8030HasIt() throws Exception {
        FakeHttps server = server(request -> request.answer(201, "", "location", "/m/1"));
        PushRequest request = Pushes.message(endpoint(server));

        Answer answer = await(gateway().send(request, LONG));

        assertThat(answer).isEqualTo(new Answer.Accepted(request.id().toString()));
        assertThat(server.received).singleElement().satisfies(got -> {
            assertThat(got.target()).isEqualTo("/send/abc?d=e");
            assertThat(got.header("host")).isEqualTo("push.example:" + server.port());
            assertThat(Long.parseLong(got.header("ttl"))).isBetween(3_000L, 3_600L);
            assertThat(got.header("urgency")).isEqualTo("high");
            assertThat(got.header("topic")).isEqualTo("collapse_1");
            assertThat(got.header("content-encoding")).isEqualTo("aes128gcm");
            assertThat(got.body()).isEqualTo(request.payload());
        });
    }

    @ParameterizedTest
    @CsvSource({"HIGH,high", "NORMAL,normal", "LOW,low"})
    void urgencyIsTheServersWord(Urgency urgency, String word) throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));

        await(gateway().send(Pushes.of(endpoint(server), Kind.ALERT, Rank.MESSAGE, urgency, "x"), LONG));

        assertThat(server.received.get(0).header("urgency")).isEqualTo(word);
    }

    @Test
    void vapidTokenIsSignedForTheServersOrigin() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        WebPushGateway gateway = gateway();

        await(gateway.send(Pushes.message(endpoint(server)), LONG));
        await(gateway.send(Pushes.message(endpoint(server)), LONG));

        String header = server.received.get(0).header("authorization");
        assertThat(server.received.get(1).header("authorization")).isEqualTo(header);
        assertThat(header).matches("vapid t=[\\w.-]+, k=[\\w-]{87}");
        String token = header.substring("vapid t=".length(), header.indexOf(','));
        String key = header.substring(header.indexOf("k=") + 2);
        String[] parts = token.split("\\.", -1);
        assertThat(decode(parts[0])).isEqualTo("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
        assertThat(decode(parts[1]))
                .contains("\"aud\":\"https://push.example:" + server.port() + "\"")
                .contains("\"sub\":\"mailto:admin@example.org\"");
        long expires = Long.parseLong(decode(parts[1]).replaceAll(".*\"exp\":(\\d+).*", "$1"));
        assertThat(expires)
                .isBetween(
                        Instant.now().getEpochSecond(),
                        Instant.now().plus(Duration.ofHours(24)).getEpochSecond());
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(point(Base64.getUrlDecoder().decode(key)));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();
        assertThat(point(Base64.getUrlDecoder().decode(key))).isEqualTo(vapid.getPublic());
    }

    private static String decode(String base64) {
        return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private static ECPublicKey point(byte[] encoded) throws Exception {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        return (ECPublicKey) KeyFactory.getInstance("EC")
                .generatePublic(new ECPublicKeySpec(
                        new ECPoint(
                                new BigInteger(1, Arrays.copyOfRange(encoded, 1, 33)),
                                new BigInteger(1, Arrays.copyOfRange(encoded, 33, 65))),
                        curve.getParameterSpec(ECParameterSpec.class)));
    }

    @Test
    void whatTheServerSealsTheSubscriberOpens() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        KeyPair device = newPair();
        ECPoint point = ((ECPublicKey) device.getPublic()).getW();
        byte[] encoded = new byte[65];
        encoded[0] = 4;
        System.arraycopy(BigIntegers.asUnsignedByteArray(32, point.getAffineX()), 0, encoded, 1, 32);
        System.arraycopy(BigIntegers.asUnsignedByteArray(32, point.getAffineY()), 0, encoded, 33, 32);
        byte[] secret = new byte[16];
        Notice message = new Notice.Message(
                Notice.Message.Kind.CHAT,
                Instant.now(),
                BareJid.of("romeo@montague.example"),
                Jid.of("romeo@montague.example"),
                null,
                "Wherefore art thou?",
                false,
                "1",
                null,
                1,
                true,
                false);
        Recipient recipient = new Recipient(
                BareJid.of("juliet@capulet.example"),
                "node",
                new byte[16],
                WebPushKey.of(encoded, secret),
                Set.of(),
                null,
                false);
        EncodedPush push = new DeviceEncoder(new SecureRandom()).webPush(message, recipient, 1);

        await(gateway().send(push.request(UUID.randomUUID(), "app", endpoint(server)), LONG));

        byte[] opened = new WebPushHybridDecrypt.Builder()
                .withAuthSecret(secret)
                .withRecipientPublicKey(encoded)
                .withRecipientPrivateKey(
                        BigIntegers.asUnsignedByteArray(32, ((ECPrivateKey) device.getPrivate()).getS()))
                .build()
                .decrypt(server.received.get(0).body(), null);
        assertThat(new String(opened, StandardCharsets.UTF_8)).contains("Wherefore art thou?");
        assertThat(server.received.get(0).body().length).isLessThanOrEqualTo(4_096);
    }

    @Test
    void longBodyIsNotSent() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        PushRequest request = Pushes.of(endpoint(server), Kind.ALERT, Rank.MESSAGE, Urgency.HIGH, "x".repeat(4_097));

        assertThat(await(gateway().send(request, LONG))).isEqualTo(new Answer.TooLarge(4_096));
        assertThat(server.received).isEmpty();
    }

    @Test
    void oneConnectionServesManyPushes() throws Exception {
        FakeHttps server = server(request -> request.answer(201, "text"));
        WebPushGateway gateway = gateway();

        for (int i = 0; i < 20; i++) {
            await(gateway.send(Pushes.message(endpoint(server)), LONG));
        }

        assertThat(server.connections).hasValue(1);
    }

    @Test
    void atMostFourConnectionsServeOneServer() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        WebPushGateway gateway = gateway();
        List<CompletionStage<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            answers.add(gateway.send(Pushes.message(endpoint(server)), LONG));
        }

        for (CompletionStage<Answer> answer : answers) {
            assertThat(await(answer)).isInstanceOf(Answer.Accepted.class);
        }
        assertThat(server.connections.get()).isBetween(1, 4);
        assertThat(gateway.pending()).isZero();
    }

    // ---- what is answered

    @ParameterizedTest
    @ValueSource(ints = {404, 410})
    void endpointThatIsGoneIsGone(int status) throws Exception {
        FakeHttps server = server(request -> request.answer(status, ""));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isInstanceOf(Answer.Gone.class);
    }

    @Test
    void serverSaysHowLongToWait() throws Exception {
        FakeHttps server = server(request -> request.answer(429, "", "retry-after", "7"));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(7), Scope.DEVICE, "status 429"));
    }

    @ParameterizedTest
    @CsvSource({"500,30", "503,30"})
    void serverInTroubleIsAskedLater(int status, int seconds) throws Exception {
        FakeHttps server = server(request -> request.answer(status, "<html>"));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(seconds), Scope.SERVICE, "status " + status));
    }

    @Test
    void nonsenseAboutWaitingIsNotHeard() throws Exception {
        FakeHttps server = server(request -> request.answer(503, "", "retry-after", "99999999999999"));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(30), Scope.SERVICE, "status 503"));
    }

    @Test
    void serverMayFindABodyTooLong() throws Exception {
        FakeHttps server = server(request -> request.answer(413, ""));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.TooLarge(4_096));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 405, 418})
    void oneServersRefusalSpeaksForThatEndpointOnly(int status) throws Exception {
        FakeHttps server = server(request -> request.answer(status, ""));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.Refused("status " + status));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void serverThatDoesNotLikeOurSignatureMayLikeItLater(int status) throws Exception {
        FakeHttps server = server(request -> request.answer(status, ""));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isEqualTo(new Answer.Rejected("status " + status));
    }

    // ---- when no answer comes, or a strange one

    @Test
    void silentServerHoldsUpNobodyElse() throws Exception {
        FakeHttps silent = server(request -> {});
        FakeHttps well = server(request -> request.answer(201, ""));
        WebPushGateway gateway = gateway();
        List<CompletionStage<Answer>> stuck = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            stuck.add(gateway.send(Pushes.message(endpoint(silent)), Duration.ofSeconds(5)));
        }

        assertThat(await(gateway.send(Pushes.message(endpoint(well)), LONG))).isInstanceOf(Answer.Accepted.class);

        for (CompletionStage<Answer> one : stuck) {
            assertThat(await(one))
                    .matches(answer -> answer instanceof Answer.Unanswered
                            || answer instanceof Answer.NotSent not && not.why() == Why.DEADLINE);
        }
        assertThat(gateway.pending()).isZero();
    }

    @Test
    void callOvertakesMessagesThatItsServerDoesNotAnswer() throws Exception {
        FakeHttps server = server(request -> {
            if (request.header("topic").equals("call")) {
                request.answer(201, "");
            }
        });
        WebPushGateway gateway = gateway();
        for (int i = 0; i < 10_000; i++) {
            gateway.send(Pushes.message(endpoint(server)), Duration.ofMinutes(2));
        }
        PushRequest call = new PushRequest(
                UUID.randomUUID(),
                "app",
                endpoint(server),
                Kind.ALERT,
                Rank.CALL,
                Urgency.HIGH,
                "call",
                Instant.now().plusSeconds(45),
                new byte[] {1});

        assertThat(await(gateway.send(call, LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(gateway.pending()).isEqualTo(10_000);
        assertThat(why(await(gateway.send(Pushes.message(endpoint(server)), LONG))))
                .isEqualTo(Why.QUEUE_FULL);
        assertThat(server.connections.get()).isLessThanOrEqualTo(4);
    }

    @Test
    void resetInMidRequestMayHaveArrived() throws Exception {
        FakeHttps server = server(FakeHttps.Request::reset);

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void endlessHeadIsCutOff() throws Exception {
        FakeHttps server = server(request -> request.raw("HTTP/1.1 201 Created\r\nx: " + "y".repeat(20_000)));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void longBodyOfAnAnswerIsNotRead() throws Exception {
        FakeHttps server = server(request ->
                request.raw("HTTP/1.1 201 Created\r\ncontent-length: 1000000000\r\n\r\n" + "y".repeat(20_000)));
        WebPushGateway gateway = gateway();

        assertThat(await(gateway.send(Pushes.message(endpoint(server)), LONG))).isInstanceOf(Answer.Accepted.class);
        await(gateway.send(Pushes.message(endpoint(server)), LONG));
        assertThat(server.connections).hasValue(2);
    }

    @Test
    void whatIsNoHttpIsNoAnswer() throws Exception {
        FakeHttps server = server(request -> request.raw("<?xml version='1.0'?><stream:stream>\r\n\r\n"));

        assertThat(await(gateway().send(Pushes.message(endpoint(server)), LONG)))
                .isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void secondAnswerNobodyAskedForEndsTheConnection() throws Exception {
        String answer = "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
        FakeHttps server = server(request -> request.raw(answer + "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"));
        WebPushGateway gateway = gateway();

        assertThat(await(gateway.send(Pushes.message(endpoint(server)), LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(await(gateway.send(Pushes.message(endpoint(server)), LONG))).isNotInstanceOf(Answer.Gone.class);
    }

    @Test
    void certificateOfAnotherNameIsNotBelieved() throws Exception {
        TestTls other = TestTls.of(Files.createDirectory(directory.resolve("other")), "evil.example");
        FakeHttps server = new FakeHttps(other, request -> request.answer(201, ""));
        opened.add(0, server);

        Answer answer = await(gateway().send(Pushes.message(endpoint(server)), Duration.ofSeconds(10)));

        assertThat(why(answer)).isEqualTo(Why.UNREACHABLE);
        assertThat(server.received).isEmpty();
    }

    @Test
    void serverThatIsNotThereIsUnreachable() throws Exception {
        FakeHttps server = new FakeHttps(tls, request -> {});
        PushAddress address = endpoint(server);
        server.close();

        assertThat(why(await(gateway().send(Pushes.message(address), LONG)))).isEqualTo(Why.UNREACHABLE);
    }

    @Test
    void callRingsEvenIfTheServerComesBackLate() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        FakeHttps server = server(request -> request.answer(201, ""));
        WebPushGateway gateway = gateway(
                AddressRules.publicAnd(List.of(LOOPBACK)),
                host -> asked.incrementAndGet() < 3
                        ? thread.loop().newFailedFuture(new UnknownHostException(host))
                        : thread.loop().newSucceededFuture(List.of(InetAddress.getLoopbackAddress())));

        assertThat(await(gateway.send(Pushes.call(endpoint(server)), LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(server.received).hasSize(1);
    }

    // ---- where it may not go

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://push.example/",
                "https://127.0.0.1/",
                "https://[::1]/",
                "https://[::ffff:10.0.0.1]/",
                "https://2130706433/",
                "https://user@push.example/"
            })
    void endpointThatIsNoneIsRefusedAtOnce(String url) throws Exception {
        assertThat(gateway(AddressRules.PUBLIC, "127.0.0.1")
                        .send(Pushes.message(new PushAddress.Subscription(URI.create(url))), LONG)
                        .toCompletableFuture())
                .isCompletedWithValueMatching(Answer.Refused.class::isInstance);
        assertThat(lookups).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1", "192.168.0.1"})
    void nameThatLeadsInsideIsRefused(String address) throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));

        Answer answer = await(gateway(AddressRules.PUBLIC, address).send(Pushes.message(endpoint(server)), LONG));

        assertThat(answer).isInstanceOf(Answer.Rejected.class);
        assertThat(server.connections).hasValue(0);
    }

    @Test
    void everyAddressOfANameIsLookedAt() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        // The first is allowed and nobody answers there; the second would be ours.
        AddressRules rules = AddressRules.publicAnd(List.of(AddressRange.parse("127.0.0.2/32")));
        WebPushGateway gateway = gateway(rules, "127.0.0.2", "127.0.0.1");

        Answer answer = await(gateway.send(Pushes.message(endpoint(server)), Duration.ofSeconds(5)));

        assertThat(why(answer)).isEqualTo(Why.UNREACHABLE);
        assertThat(server.connections).hasValue(0);
    }

    @Test
    void nameIsAskedForOnceAndTheAddressThatWasCheckedIsUsed() throws Exception {
        FakeHttps server = server(request -> request.answer(201, ""));
        AtomicInteger asked = new AtomicInteger();
        AddressRules rules = AddressRules.publicAnd(List.of(AddressRange.parse("127.0.0.2/32")));
        // Harmless when it is checked, ours afterwards.
        WebPushGateway gateway = gateway(rules, host -> {
            try {
                String address = asked.incrementAndGet() == 1 ? "127.0.0.2" : "127.0.0.1";
                return thread.loop().newSucceededFuture(List.of(InetAddress.getByName(address)));
            } catch (UnknownHostException e) {
                throw new IllegalStateException(e);
            }
        });

        Answer answer = await(gateway.send(Pushes.message(endpoint(server)), Duration.ofSeconds(5)));

        assertThat(answer).isInstanceOf(Answer.Rejected.class);
        assertThat(server.connections).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirectIsNotFollowed(int status) throws Exception {
        FakeHttps inside = server(request -> request.answer(201, ""));
        FakeHttps server = server(
                request -> request.answer(status, "", "location", "https://push.example:" + inside.port() + "/"));

        Answer answer = await(gateway().send(Pushes.message(endpoint(server)), LONG));

        assertThat(answer).isEqualTo(new Answer.Refused("status " + status));
        assertThat(inside.connections).hasValue(0);
    }

    @Test
    void closedGatewayAnswersAll() throws Exception {
        FakeHttps server = server(request -> {});
        WebPushGateway gateway = gateway();
        List<CompletionStage<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            answers.add(gateway.send(Pushes.message(endpoint(server)), LONG));
        }

        gateway.close();

        for (CompletionStage<Answer> answer : answers) {
            assertThat(await(answer))
                    .matches(one -> one instanceof Answer.Unanswered
                            || one instanceof Answer.NotSent not && not.why() == Why.CLOSED);
        }
        assertThat(why(await(gateway.send(Pushes.message(endpoint(server)), LONG))))
                .isEqualTo(Why.CLOSED);
    }
}
