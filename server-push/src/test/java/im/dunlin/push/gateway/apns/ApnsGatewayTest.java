// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import static im.dunlin.push.gateway.Pushes.LONG;
import static im.dunlin.push.gateway.Pushes.await;
import static im.dunlin.push.gateway.Pushes.call;
import static im.dunlin.push.gateway.Pushes.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.eatthepath.pushy.apns.auth.ApnsSigningKey;
import com.eatthepath.pushy.apns.auth.ApnsVerificationKey;
import com.eatthepath.pushy.apns.auth.AuthenticationToken;
import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import com.eatthepath.pushy.apns.server.RejectionReason;
import com.eatthepath.pushy.apns.server.UnregisteredDeviceTokenException;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Answer.Scope;
import im.dunlin.push.gateway.Answer.Why;
import im.dunlin.push.gateway.PushAddress;
import im.dunlin.push.gateway.PushAddress.Environment;
import im.dunlin.push.gateway.PushRequest;
import im.dunlin.push.gateway.PushThread;
import im.dunlin.push.gateway.Pushes;
import im.dunlin.push.gateway.TestTls;
import im.dunlin.push.gateway.apns.ApnsProfile.Credentials;
import io.netty.handler.codec.http2.Http2Error;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against Pushy's mock of APNs, and a server that misbehaves, over TLS. */
class ApnsGatewayTest {
    private static final String TOKEN = "0a".repeat(32);
    private static final PushAddress PHONE = new PushAddress.Token(TOKEN, null);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    private Path directory;

    private final PushThread thread = new PushThread();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private TestTls tls;
    private KeyPair signing;

    @BeforeEach
    void makeKeys() throws Exception {
        tls = TestTls.of(directory, "localhost");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        signing = generator.generateKeyPair();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        thread.close();
    }

    private <T extends AutoCloseable> T opened(T one) {
        opened.add(0, one);
        return one;
    }

    private Credentials key() throws Exception {
        return new Credentials.SigningKey(
                new ApnsSigningKey("KEYKEYKEY1", "TEAMTEAM01", (ECPrivateKey) signing.getPrivate()));
    }

    private ApnsGateway gateway(int production, int sandbox, Credentials credentials) {
        ApnsServers servers = new ApnsServers(
                InetSocketAddress.createUnresolved("localhost", production),
                InetSocketAddress.createUnresolved("localhost", sandbox),
                List.of(tls.certificate()));
        return opened(new ApnsGateway(
                new ApnsProfile("im.example.app", Environment.PRODUCTION, credentials),
                servers,
                thread,
                InstantSource.system()));
    }

    private ApnsGateway gateway(int port) throws Exception {
        return gateway(port, 1, key());
    }

    private MockApple apple(MockApple.Reaction reaction) {
        return opened(new MockApple(tls, 0, reaction));
    }

    private UnkindApple unkind(UnkindApple.Behaviour behaviour) {
        return opened(new UnkindApple(tls, behaviour));
    }

    // ---- what is said to Apple

    @Test
    void messageIsAnAlertOfTheApp() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);
        PushRequest request = message(PHONE);

        Answer answer = await(gateway(apple.port()).send(request, LONG));

        assertThat(answer).isEqualTo(new Answer.Accepted(request.id().toString()));
        assertThat(apple.received).singleElement().satisfies(got -> {
            assertThat(got.header(":path")).isEqualTo("/3/device/" + TOKEN);
            assertThat(got.header("apns-topic")).isEqualTo("im.example.app");
            assertThat(got.header("apns-push-type")).isEqualTo("alert");
            assertThat(got.header("apns-priority")).isEqualTo("10");
            assertThat(got.header("apns-collapse-id")).isEqualTo("collapse_1");
            assertThat(got.header("apns-id")).isEqualTo(request.id().toString());
            assertThat(got.header("apns-expiration"))
                    .isEqualTo(Long.toString(request.expires().getEpochSecond()));
            assertThat(got.payload()).isEqualTo("{\"aps\":{}}");
        });
    }

    @Test
    void callGoesToTheTopicForCalls() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);

        await(gateway(apple.port()).send(call(PHONE), LONG));

        assertThat(apple.received).singleElement().satisfies(got -> {
            assertThat(got.header("apns-topic")).isEqualTo("im.example.app.voip");
            assertThat(got.header("apns-push-type")).isEqualTo("voip");
            assertThat(got.header("apns-priority")).isEqualTo("10");
        });
    }

    @Test
    void callMayBeLongerThanAMessage() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);
        ApnsGateway gateway = gateway(apple.port());
        String text = "x".repeat(5_120);

        Answer called = await(gateway.send(
                Pushes.of(PHONE, PushRequest.Kind.VOIP, PushRequest.Rank.CALL, PushRequest.Urgency.HIGH, text), LONG));
        Answer written = await(gateway.send(
                Pushes.of(PHONE, PushRequest.Kind.ALERT, PushRequest.Rank.MESSAGE, PushRequest.Urgency.HIGH, text),
                LONG));

        assertThat(called).isInstanceOf(Answer.Accepted.class);
        assertThat(written).isEqualTo(new Answer.TooLarge(4_096));
    }

    @Test
    void backgroundNeverHasTheHighestPriority() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);
        PushRequest quiet =
                Pushes.of(PHONE, PushRequest.Kind.BACKGROUND, PushRequest.Rank.QUIET, PushRequest.Urgency.HIGH, "{}");

        await(gateway(apple.port()).send(quiet, LONG));

        assertThat(apple.received).singleElement().satisfies(got -> {
            assertThat(got.header("apns-push-type")).isEqualTo("background");
            assertThat(got.header("apns-priority")).isEqualTo("5");
        });
    }

    @Test
    void tokenOfTheSandboxGoesToTheSandbox() throws Exception {
        MockApple production = apple(MockApple.Reaction.ACCEPT);
        MockApple sandbox = apple(MockApple.Reaction.ACCEPT);
        ApnsGateway gateway = gateway(production.port(), sandbox.port(), key());

        await(gateway.send(message(new PushAddress.Token(TOKEN, Environment.SANDBOX)), LONG));

        assertThat(sandbox.received).hasSize(1);
        assertThat(production.received).isEmpty();
    }

    @Test
    void tokenOfNoNamedEnvironmentIsTriedInTheOtherOnceAndRemembered() throws Exception {
        MockApple production = apple(received -> {
            throw new RejectedNotificationException(RejectionReason.BAD_DEVICE_TOKEN);
        });
        MockApple sandbox = apple(MockApple.Reaction.ACCEPT);
        ApnsGateway gateway = gateway(production.port(), sandbox.port(), key());

        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);

        assertThat(production.received).hasSize(1);
        assertThat(sandbox.received).hasSize(2);
    }

    @Test
    void tokenThatNeitherEnvironmentKnowsIsDead() throws Exception {
        MockApple.Reaction unknown = received -> {
            throw new RejectedNotificationException(RejectionReason.BAD_DEVICE_TOKEN);
        };
        MockApple production = apple(unknown);
        MockApple sandbox = apple(unknown);

        Answer answer = await(gateway(production.port(), sandbox.port(), key()).send(message(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.Foreign("BadDeviceToken"));
        assertThat(production.received).hasSize(1);
        assertThat(sandbox.received).hasSize(1);
    }

    @Test
    void appWithoutBusinessInTheOtherEnvironmentIsNotToBlame() throws Exception {
        MockApple production = apple(received -> {
            throw new RejectedNotificationException(RejectionReason.BAD_DEVICE_TOKEN);
        });
        MockApple sandbox = apple(received -> {
            throw new RejectedNotificationException(RejectionReason.BAD_CERTIFICATE_ENVIRONMENT);
        });

        Answer answer = await(gateway(production.port(), sandbox.port(), key()).send(message(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.Foreign("BadDeviceToken"));
    }

    @Test
    void namedEnvironmentIsTheOnlyOne() throws Exception {
        MockApple production = apple(MockApple.Reaction.ACCEPT);
        MockApple sandbox = apple(received -> {
            throw new RejectedNotificationException(RejectionReason.BAD_DEVICE_TOKEN);
        });
        ApnsGateway gateway = gateway(production.port(), sandbox.port(), key());

        Answer answer = await(gateway.send(message(new PushAddress.Token(TOKEN, Environment.SANDBOX)), LONG));

        assertThat(answer).isEqualTo(new Answer.Foreign("BadDeviceToken"));
        assertThat(production.received).isEmpty();
    }

    @Test
    void whatIsNoTokenIsNotSent() throws Exception {
        ApnsGateway gateway = gateway(1);

        for (PushAddress address : List.of(
                new PushAddress.Token("../../3/device/" + TOKEN, null),
                new PushAddress.Token("", null),
                new PushAddress.Subscription(URI.create("https://push.example/x")))) {
            assertThat(gateway.send(message(address), LONG).toCompletableFuture())
                    .isCompletedWithValueMatching(Answer.Foreign.class::isInstance);
        }
    }

    // ---- who says it

    @Test
    void teamsKeySignsOneTokenForManyPushes() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);
        ApnsGateway gateway = gateway(apple.port());

        for (int i = 0; i < 50; i++) {
            await(gateway.send(message(PHONE), LONG));
        }

        List<String> tokens = apple.received.stream()
                .map(got -> got.header("authorization"))
                .distinct()
                .toList();
        assertThat(tokens).singleElement().satisfies(header -> {
            AuthenticationToken token = new AuthenticationToken(header.substring("bearer ".length()));
            assertThat(token.getKeyId()).isEqualTo("KEYKEYKEY1");
            assertThat(token.getTeamId()).isEqualTo("TEAMTEAM01");
            assertThat(token.verifySignature(
                            new ApnsVerificationKey("KEYKEYKEY1", "TEAMTEAM01", (ECPublicKey) signing.getPublic())))
                    .isTrue();
        });
    }

    @Test
    void appsCertificateIsShownInstead() throws Exception {
        TestTls client = TestTls.of(directory, "im.example.app");
        MockApple apple = opened(new MockApple(tls, 0, client.certificate(), MockApple.Reaction.ACCEPT));

        await(gateway(apple.port(), 1, new Credentials.ClientCertificate(client.certificate(), client.key()))
                .send(message(PHONE), LONG));

        assertThat(apple.clients).containsExactly(client.certificate());
        assertThat(apple.received.get(0).header("authorization")).isEmpty();
    }

    @Test
    void expiredTokenIsRenewedOnAnotherConnectionAndThePushGoesAgain() throws Exception {
        MockApple apple = apple(got -> {
            if (got.connection() == 1) {
                throw new RejectedNotificationException(RejectionReason.EXPIRED_PROVIDER_TOKEN);
            }
        });
        PushRequest request = message(PHONE);

        Answer answer = await(gateway(apple.port()).send(request, LONG));

        assertThat(answer).isInstanceOf(Answer.Accepted.class);
        assertThat(apple.received).extracting(MockApple.Received::connection).containsExactly(1, 2);
        assertThat(apple.received)
                .extracting(got -> got.header("apns-id"))
                .containsOnly(request.id().toString());
        assertThat(apple.received)
                .extracting(got -> got.header("authorization"))
                .doesNotHaveDuplicates();
    }

    @Test
    void tokenThatExpiresAtOnceIsAnOperatorsMatter() throws Exception {
        MockApple apple = apple(got -> {
            throw new RejectedNotificationException(RejectionReason.EXPIRED_PROVIDER_TOKEN);
        });

        Answer answer = await(gateway(apple.port()).send(message(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.Unauthorized("ExpiredProviderToken"));
        assertThat(apple.received).hasSizeLessThanOrEqualTo(3);
    }

    // ---- what Apple answers

    @ParameterizedTest
    @EnumSource(
            value = RejectionReason.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"EXPIRED_PROVIDER_TOKEN", "UNREGISTERED"})
    void everyRejectionMeansOneThing(RejectionReason reason) throws Exception {
        MockApple apple = apple(got -> {
            throw new RejectedNotificationException(reason);
        });

        PushAddress phone = new PushAddress.Token(TOKEN, Environment.PRODUCTION);
        Answer answer = await(gateway(apple.port()).send(message(phone), LONG));

        String word = apple.received.isEmpty() ? "" : word(reason);
        assertThat(answer)
                .isEqualTo(
                        switch (reason) {
                            case BAD_DEVICE_TOKEN, DEVICE_TOKEN_NOT_FOR_TOPIC -> new Answer.Foreign(word);
                            case BAD_CERTIFICATE,
                                    BAD_CERTIFICATE_ENVIRONMENT,
                                    FORBIDDEN,
                                    INVALID_PROVIDER_TOKEN,
                                    MISSING_PROVIDER_TOKEN -> new Answer.Unauthorized(word);
                            case IDLE_TIMEOUT -> new Answer.NotSent(Why.UNREACHABLE, word);
                            case PAYLOAD_TOO_LARGE -> new Answer.TooLarge(4_096);
                            case TOO_MANY_REQUESTS -> new Answer.RetryAfter(Duration.ofMinutes(1), Scope.DEVICE, word);
                            case TOO_MANY_PROVIDER_TOKEN_UPDATES ->
                                new Answer.RetryAfter(Duration.ofMinutes(20), Scope.SERVICE, word);
                            case INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE, SHUTDOWN ->
                                new Answer.RetryAfter(Duration.ofSeconds(30), Scope.SERVICE, word);
                            default -> new Answer.Refused(word);
                        });
    }

    /** As Apple writes it: BAD_TOPIC is BadTopic. */
    private static String word(RejectionReason reason) {
        StringBuilder word = new StringBuilder();
        for (String part : reason.name().split("_", -1)) {
            word.append(part.charAt(0)).append(part.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return word.toString();
    }

    @Test
    void goneTokenIsGoneSinceAppleSaysSo() throws Exception {
        Instant since = Instant.parse("2026-11-01T10:00:00Z");
        MockApple apple = apple(got -> {
            throw new UnregisteredDeviceTokenException(since);
        });

        Answer answer = await(gateway(apple.port()).send(message(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.Gone(since, "Unregistered"));
    }

    @Test
    void troubledAppleIsAskedAgainSoonForACall() throws Exception {
        MockApple apple = apple(got -> {
            throw new RejectedNotificationException(RejectionReason.SERVICE_UNAVAILABLE);
        });

        Answer answer = await(gateway(apple.port()).send(call(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(1), Scope.SERVICE, "ServiceUnavailable"));
    }

    @Test
    void afterTroubleTheNextPushTakesAnotherConnection() throws Exception {
        MockApple apple = apple(got -> {
            if (got.connection() == 1) {
                throw new RejectedNotificationException(RejectionReason.SHUTDOWN);
            }
        });
        ApnsGateway gateway = gateway(apple.port());

        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.RetryAfter.class);
        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void statusCountsWhereTheBodyIsNotOfApple() throws Exception {
        UnkindApple apple = unkind(notification -> notification.reject(503, "<html>busy</html>"));

        Answer answer = await(gateway(apple.port()).send(message(PHONE), LONG));

        assertThat(answer).isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(30), Scope.SERVICE, "status 503"));
    }

    // ---- when no answer comes

    @Test
    void slowAnswerIsNone() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        MockApple apple = apple(got -> awaitLatch(released));

        Answer answer = await(gateway(apple.port()).send(message(PHONE), Duration.ofSeconds(2)));

        released.countDown();
        assertThat(answer).isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void silentConnectionIsGivenUp() throws Exception {
        UnkindApple apple = unkind(notification -> {
            if (notification.number() > 1) {
                notification.accept();
            }
        });
        ApnsGateway gateway = gateway(apple.port());

        assertThat(await(gateway.send(message(PHONE), Duration.ofSeconds(2)))).isInstanceOf(Answer.Unanswered.class);
        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(gateway.pending()).isZero();
    }

    @Test
    void resetInMidRequestMayHaveArrived() throws Exception {
        UnkindApple apple = unkind(notification -> notification.reset(Http2Error.INTERNAL_ERROR));

        assertThat(await(gateway(apple.port()).send(message(PHONE), LONG))).isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void abruptGoAwayMayHaveArrivedAndTheNextOneArrives() throws Exception {
        AtomicInteger count = new AtomicInteger();
        UnkindApple apple = unkind(notification -> {
            if (count.incrementAndGet() == 1) {
                notification.goAway();
            } else {
                notification.accept();
            }
        });
        ApnsGateway gateway = gateway(apple.port());
        PushRequest request = message(PHONE);

        assertThat(await(gateway.send(request, LONG))).isInstanceOf(Answer.Unanswered.class);
        assertThat(await(gateway.send(request, LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(apple.received)
                .extracting(notification -> notification.header("apns-id"))
                .containsExactly(request.id().toString(), request.id().toString());
    }

    @Test
    void cutConnectionMayHaveArrived() throws Exception {
        UnkindApple apple = unkind(UnkindApple.Notification::cut);

        assertThat(await(gateway(apple.port()).send(message(PHONE), LONG))).isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void refusedStreamGoesAgainByItself() throws Exception {
        AtomicInteger count = new AtomicInteger();
        UnkindApple apple = unkind(notification -> {
            if (count.incrementAndGet() == 1) {
                notification.reset(Http2Error.REFUSED_STREAM);
            } else {
                notification.accept();
            }
        });

        assertThat(await(gateway(apple.port()).send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);
    }

    @Test
    void shutdownServerStillAnswersAndItsSuccessorGoesOn() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        MockApple first = new MockApple(tls, 0, got -> {
            asked.countDown();
            awaitLatch(released);
        });
        ApnsGateway gateway = gateway(first.port());
        CompletionStage<Answer> answer = gateway.send(message(PHONE), LONG);
        asked.await();
        Thread closing = new Thread(first::close);
        closing.start();
        released.countDown();
        closing.join();

        assertThat(await(answer)).isInstanceOf(Answer.Accepted.class);
        opened(new MockApple(tls, first.port(), MockApple.Reaction.ACCEPT));
        assertThat(await(gateway.send(message(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);
    }

    // ---- when nobody is there

    @Test
    void serverThatIsNotThereIsUnreachable() throws Exception {
        MockApple gone = new MockApple(tls, 0, MockApple.Reaction.ACCEPT);
        gone.close();

        Answer answer = await(gateway(gone.port()).send(message(PHONE), LONG));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.NotSent.class, not -> assertThat(not.why()).isEqualTo(Why.UNREACHABLE));
    }

    @Test
    void callWaitsForTheServerToComeBack() throws Exception {
        MockApple gone = new MockApple(tls, 0, MockApple.Reaction.ACCEPT);
        gone.close();
        ApnsGateway gateway = gateway(gone.port());
        // Three failures, which is when the patience for messages ends.
        await(gateway.send(message(PHONE), LONG));

        CompletionStage<Answer> call = gateway.send(call(PHONE), LONG);
        MockApple back = opened(new MockApple(tls, gone.port(), MockApple.Reaction.ACCEPT));

        assertThat(await(call)).isInstanceOf(Answer.Accepted.class);
        assertThat(back.received).hasSize(1);
    }

    @Test
    void callDoesNotOutliveItsTime() throws Exception {
        MockApple gone = new MockApple(tls, 0, MockApple.Reaction.ACCEPT);
        gone.close();

        Answer answer = await(gateway(gone.port()).send(call(PHONE), SHORT));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.NotSent.class, not -> assertThat(not.why()).isEqualTo(Why.UNREACHABLE));
    }

    @Test
    void certificateThatNobodyTrustsIsNoApple() throws Exception {
        TestTls forged = TestTls.of(Files.createDirectory(directory.resolve("forged")), "localhost");
        MockApple apple = opened(new MockApple(forged, 0, MockApple.Reaction.ACCEPT));

        Answer answer = await(gateway(apple.port()).send(message(PHONE), LONG));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.NotSent.class, not -> assertThat(not.why()).isEqualTo(Why.UNREACHABLE));
        assertThat(apple.received).isEmpty();
    }

    @Test
    void expiredPushDoesNotLeave() throws Exception {
        PushRequest request = new PushRequest(
                java.util.UUID.randomUUID(),
                "app",
                PHONE,
                PushRequest.Kind.VOIP,
                PushRequest.Rank.CALL,
                PushRequest.Urgency.HIGH,
                null,
                Instant.now().minusSeconds(1),
                new byte[] {'{', '}'});

        assertThat(gateway(1).send(request, LONG).toCompletableFuture())
                .isCompletedWithValue(new Answer.NotSent(Why.EXPIRED, "expired"));
    }

    // ---- when much is to be sent

    @Test
    void callOvertakesTenThousandMessages() throws Exception {
        List<UnkindApple.Notification> held = new ArrayList<>();
        UnkindApple apple = unkind(notification -> {
            if (notification.header("apns-push-type").equals("voip")) {
                notification.accept();
            } else {
                held.add(notification);
            }
        });
        ApnsGateway gateway = gateway(apple.port());
        List<CompletionStage<Answer>> messages = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            messages.add(gateway.send(message(PHONE), Duration.ofMinutes(2)));
        }

        assertThat(await(gateway.send(call(PHONE), LONG))).isInstanceOf(Answer.Accepted.class);

        assertThat(messages).noneMatch(one -> one.toCompletableFuture().isDone());
        assertThat(gateway.pending()).isEqualTo(10_000);
        assertThat(gateway.send(message(PHONE), LONG).toCompletableFuture())
                .isCompletedWithValue(new Answer.NotSent(Why.QUEUE_FULL, "10000 wait already"));
    }

    @Test
    void tenThousandMessagesArriveOnceEach() throws Exception {
        MockApple apple = apple(MockApple.Reaction.ACCEPT);
        ApnsGateway gateway = gateway(apple.port());
        List<CompletionStage<Answer>> messages = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            messages.add(gateway.send(message(PHONE), Duration.ofMinutes(2)));
        }

        for (CompletionStage<Answer> one : messages) {
            assertThat(await(one)).isInstanceOf(Answer.Accepted.class);
        }
        assertThat(apple.received)
                .hasSize(10_000)
                .extracting(got -> got.header("apns-id"))
                .doesNotHaveDuplicates();
        assertThat(gateway.pending()).isZero();
    }

    @Test
    void closedGatewayAnswersAll() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        UnkindApple apple = unkind(notification -> arrived.countDown());
        ApnsGateway gateway = gateway(apple.port());
        List<CompletionStage<Answer>> messages = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            messages.add(gateway.send(message(PHONE), LONG));
        }
        arrived.await();

        gateway.close();

        for (CompletionStage<Answer> one : messages) {
            assertThat(await(one))
                    .matches(answer -> answer instanceof Answer.Unanswered
                            || answer instanceof Answer.NotSent not && not.why() == Why.CLOSED);
        }
        assertThat(await(gateway.send(message(PHONE), LONG))).isEqualTo(new Answer.NotSent(Why.CLOSED, "closed"));
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
