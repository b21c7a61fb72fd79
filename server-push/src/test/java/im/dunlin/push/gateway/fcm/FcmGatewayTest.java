// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import static im.dunlin.push.gateway.Pushes.LONG;
import static im.dunlin.push.gateway.Pushes.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import io.netty.handler.ssl.SslContextBuilder;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Against a token service and an FCM of our own, over TLS. */
class FcmGatewayTest {
    private static final PushAddress PHONE = new PushAddress.Token("dRk:APA91b-_x", null);

    @TempDir
    private Path directory;

    private final PushThread thread = new PushThread();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private TestTls tls;

    @BeforeEach
    void makeCertificate() {
        tls = TestTls.of(directory, "google.example");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        thread.close();
    }

    private FakeGoogle google(FakeHttps.Behaviour messages) throws Exception {
        FakeGoogle google = new FakeGoogle(tls, messages);
        opened.add(0, google);
        return google;
    }

    private FcmGateway gateway(FakeGoogle google) throws Exception {
        return gateway(google, google.account());
    }

    private FcmGateway gateway(FakeGoogle google, ServiceAccount account) throws Exception {
        HttpsClient client = new HttpsClient(
                thread.loop(),
                SslContextBuilder.forClient().trustManager(tls.certificate()).build(),
                host -> thread.loop().newSucceededFuture(List.of(InetAddress.getLoopbackAddress())),
                AddressRules.ANYWHERE,
                HttpsClient.Limits.DEFAULT);
        FcmGateway gateway = new FcmGateway(
                account, URI.create("https://google.example:" + google.port()), client, thread, InstantSource.system());
        opened.add(0, client);
        opened.add(0, gateway);
        return gateway;
    }

    private static void accept(FakeHttps.Request request) {
        request.answer(200, "{\"name\":\"projects/example-app/messages/0:1\"}");
    }

    private static PushRequest push(Rank rank, Urgency urgency, String data) {
        return Pushes.of(PHONE, Kind.ALERT, rank, urgency, data);
    }

    private static PushRequest message() {
        return push(Rank.MESSAGE, Urgency.HIGH, "{\"n\":\"node\",\"e\":\"c2VjcmV0\"}");
    }

    private static String error(int code, String status, String details) {
        return "{\"error\":{\"code\":" + code + ",\"status\":\"" + status + "\",\"message\":\"no\",\"details\":["
                + details + "]}}";
    }

    private static String fcm(String code) {
        return "{\"@type\":\"type.googleapis.com/google.firebase.fcm.v1.FcmError\",\"errorCode\":\"" + code + "\"}";
    }

    // ---- what is said

    @Test
    void messageIsDataAndNothingToShow() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);

        Answer answer = await(gateway(google).send(message(), LONG));

        assertThat(answer).isEqualTo(new Answer.Accepted("projects/example-app/messages/0:1"));
        JsonNode sent = FakeGoogle.message(google.messages().get(0));
        assertThat(sent.propertyNames()).containsExactlyInAnyOrder("token", "data", "android");
        assertThat(sent.path("token").asString()).isEqualTo("dRk:APA91b-_x");
        assertThat(sent.path("data").path("e").asString()).isEqualTo("c2VjcmV0");
        assertThat(sent.path("data").values()).allMatch(JsonNode::isString);
        assertThat(sent.path("android").path("collapse_key").asString()).isEqualTo("collapse_1");
    }

    @Test
    void callHasHighPriorityForAsLongAsItRings() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        PushRequest call = new PushRequest(
                UUID.randomUUID(),
                "app",
                PHONE,
                Kind.ALERT,
                Rank.CALL,
                Urgency.HIGH,
                null,
                Instant.now().plusSeconds(45),
                "{\"k\":\"call\"}".getBytes(StandardCharsets.UTF_8));

        await(gateway(google).send(call, LONG));

        JsonNode android = FakeGoogle.message(google.messages().get(0)).path("android");
        assertThat(android.path("priority").asString()).isEqualTo("HIGH");
        assertThat(Integer.parseInt(android.path("ttl").asString().replace("s", "")))
                .isBetween(1, 45);
        assertThat(android.has("collapse_key")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"HIGH,HIGH", "NORMAL,HIGH", "LOW,NORMAL"})
    void whatIsShownHasHighPriority(Urgency urgency, String priority) throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);

        await(gateway(google).send(push(Rank.MESSAGE, urgency, "{}"), LONG));

        assertThat(FakeGoogle.message(google.messages().get(0))
                        .path("android")
                        .path("priority")
                        .asString())
                .isEqualTo(priority);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1}",
                "{\"a\":{\"b\":\"c\"}}",
                "{\"a\":null}",
                "[\"a\"]",
                "",
                "{",
                "{\"from\":\"x\"}",
                "{\"google.x\":\"x\"}",
                "{\"gcm\":\"x\"}"
            })
    void dataThatFcmWouldRefuseIsNotSent(String data) throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);

        assertThat(gateway(google)
                        .send(push(Rank.MESSAGE, Urgency.HIGH, data), LONG)
                        .toCompletableFuture())
                .isCompletedWithValueMatching(Answer.Refused.class::isInstance);
        assertThat(google.messages()).isEmpty();
    }

    @Test
    void dataThatIsTooLongIsNotSent() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);

        assertThat(await(gateway(google)
                        .send(push(Rank.MESSAGE, Urgency.HIGH, "{\"e\":\"" + "x".repeat(4_096) + "\"}"), LONG)))
                .isEqualTo(new Answer.TooLarge(4_096));
    }

    @Test
    void tokenOfAnotherServiceIsForeign() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        PushAddress web = new PushAddress.Subscription(URI.create("https://push.example/x"));

        assertThat(await(gateway(google).send(message().to(web), LONG))).isInstanceOf(Answer.Foreign.class);
    }

    // ---- who says it

    @Test
    void oneAccessTokenServesAThousandPushes() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        FcmGateway gateway = gateway(google);
        List<CompletionStage<Answer>> answers = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            answers.add(gateway.send(message(), Duration.ofMinutes(1)));
        }

        for (CompletionStage<Answer> answer : answers) {
            assertThat(await(answer)).isInstanceOf(Answer.Accepted.class);
        }
        assertThat(google.tokensGiven).hasValue(1);
        assertThat(google.messages())
                .hasSize(1_000)
                .allMatch(request -> request.header("authorization").equals("Bearer token-1"));
        assertThat(gateway.pending()).isZero();
    }

    @Test
    void tokenThatIsRefusedIsRenewedAndTheMessageGoesAgain() throws Exception {
        FakeGoogle google = google(request -> {
            if (request.header("authorization").equals("Bearer token-1")) {
                request.answer(401, error(401, "UNAUTHENTICATED", ""));
            } else {
                accept(request);
            }
        });

        assertThat(await(gateway(google).send(message(), LONG))).isInstanceOf(Answer.Accepted.class);
        assertThat(google.tokensGiven).hasValue(2);
        assertThat(google.messages()).hasSize(2);
    }

    @Test
    void tokenThatIsRefusedTwiceIsAnOperatorsMatter() throws Exception {
        FakeGoogle google = google(request -> request.answer(401, error(401, "UNAUTHENTICATED", "")));

        assertThat(await(gateway(google).send(message(), LONG))).isEqualTo(new Answer.Unauthorized("UNAUTHENTICATED"));
        assertThat(google.messages()).hasSize(2);
    }

    @Test
    void keyThatGoogleDoesNotKnowIsAnOperatorsMatter() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        FakeGoogle other = google(FcmGatewayTest::accept);
        ObjectNode file = other.accountFile();
        file.put("token_uri", "https://google.example:" + google.port() + "/token");

        Answer answer =
                await(gateway(google, ServiceAccount.parse(JsonMapper.shared().writeValueAsBytes(file)))
                        .send(message(), LONG));

        assertThat(answer).isEqualTo(new Answer.Unauthorized("no access token: invalid_grant"));
        assertThat(google.messages()).isEmpty();
    }

    @Test
    void tokenServiceInTroubleIsAskedLater() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        google.tokenService = request -> request.answer(503, "<html>", "retry-after", "9");

        assertThat(await(gateway(google).send(message(), LONG)))
                .isEqualTo(new Answer.RetryAfter(
                        Duration.ofSeconds(9), Scope.SERVICE, "no access token: status 503, and no JSON"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "[]",
                "{}",
                "{\"access_token\":5}",
                "{\"access_token\":\"\"}",
                "{\"access_token\":\"a\\r\\nx-evil: b\"}"
            })
    void nonsenseIsNoToken(String body) throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        google.tokenService = request -> request.answer(200, body);

        assertThat(await(gateway(google).send(message(), LONG))).isInstanceOf(Answer.Unauthorized.class);
        assertThat(google.messages()).isEmpty();
    }

    @Test
    void tokenServiceThatIsSilentCostsNoMoreThanItsTime() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        google.tokenService = request -> {};

        Answer answer = await(gateway(google).send(message(), Duration.ofSeconds(1)));

        assertThat(answer).isInstanceOf(Answer.NotSent.class);
    }

    @Test
    void accountFileIsCheckedPieceByPiece() throws Exception {
        FakeGoogle google = google(FcmGatewayTest::accept);
        for (String key : List.of("type", "project_id", "private_key_id", "private_key", "client_email", "token_uri")) {
            ObjectNode file = google.accountFile();
            file.put(key, "\"");
            assertThatIllegalArgumentException()
                    .as(key)
                    .isThrownBy(() -> ServiceAccount.parse(JsonMapper.shared().writeValueAsBytes(file)))
                    .withMessageNotContaining("BEGIN");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> ServiceAccount.parse(new byte[] {1, 2, 3}));
        assertThat(google.account().toString()).doesNotContain("RSA");
    }

    // ---- what is answered

    @Test
    void tokenThatIsUnregisteredIsGone() throws Exception {
        FakeGoogle google = google(request -> request.answer(404, error(404, "NOT_FOUND", fcm("UNREGISTERED"))));

        assertThat(await(gateway(google).send(message(), LONG)))
                .isInstanceOfSatisfying(
                        Answer.Gone.class, gone -> assertThat(gone.reason()).isEqualTo("UNREGISTERED"));
    }

    @Test
    void projectThatIsNotFoundIsNoDevicesFault() throws Exception {
        FakeGoogle google = google(request -> request.answer(404, error(404, "NOT_FOUND", "")));

        assertThat(await(gateway(google).send(message(), LONG))).isEqualTo(new Answer.Refused("NOT_FOUND"));
    }

    @Test
    void tokenOfAnotherProjectIsForeign() throws Exception {
        FakeGoogle google =
                google(request -> request.answer(403, error(403, "PERMISSION_DENIED", fcm("SENDER_ID_MISMATCH"))));

        assertThat(await(gateway(google).send(message(), LONG))).isEqualTo(new Answer.Foreign("SENDER_ID_MISMATCH"));
    }

    @Test
    void accountThatMayNotSendIsAnOperatorsMatter() throws Exception {
        FakeGoogle google = google(request -> request.answer(403, error(403, "PERMISSION_DENIED", "")));

        assertThat(await(gateway(google).send(message(), LONG)))
                .isEqualTo(new Answer.Unauthorized("PERMISSION_DENIED"));
    }

    @Test
    void invalidArgumentBlamesTheTokenOnlyByName() throws Exception {
        List<String> bodies = new CopyOnWriteArrayList<>(List.of(
                error(400, "INVALID_ARGUMENT", fcm("INVALID_ARGUMENT")),
                error(400, "INVALID_ARGUMENT", "{\"fieldViolations\":[{\"field\":\"message.token\"}]}")));
        FakeGoogle google = google(request -> request.answer(400, bodies.remove(0)));
        FcmGateway gateway = gateway(google);

        assertThat(await(gateway.send(message(), LONG))).isEqualTo(new Answer.Refused("INVALID_ARGUMENT"));
        assertThat(await(gateway.send(message(), LONG))).isEqualTo(new Answer.Foreign("INVALID_ARGUMENT"));
    }

    @Test
    void quotaSaysHowLongToWait() throws Exception {
        FakeGoogle google = google(request ->
                request.answer(429, error(429, "RESOURCE_EXHAUSTED", fcm("QUOTA_EXCEEDED")), "retry-after", "7"));

        assertThat(await(gateway(google).send(message(), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(7), Scope.SERVICE, "QUOTA_EXCEEDED"));
    }

    @Test
    void quotaThatDoesNotSayIsAMinute() throws Exception {
        FakeGoogle google =
                google(request -> request.answer(429, error(429, "RESOURCE_EXHAUSTED", fcm("QUOTA_EXCEEDED"))));

        assertThat(await(gateway(google).send(message(), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofMinutes(1), Scope.SERVICE, "QUOTA_EXCEEDED"));
    }

    @Test
    void troubledFcmIsAskedAgainSoonForACall() throws Exception {
        FakeGoogle google = google(request -> request.answer(503, "<html>"));
        FcmGateway gateway = gateway(google);

        assertThat(await(gateway.send(message(), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(10), Scope.SERVICE, "status 503"));
        assertThat(await(gateway.send(push(Rank.CALL, Urgency.HIGH, "{}"), LONG)))
                .isEqualTo(new Answer.RetryAfter(Duration.ofSeconds(1), Scope.SERVICE, "status 503"));
    }

    @Test
    void answerThatIsCutOffMayHaveArrived() throws Exception {
        FakeGoogle google = google(request -> request.raw("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"name\""));

        assertThat(await(gateway(google).send(message(), Duration.ofSeconds(3))))
                .isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void resetInMidRequestMayHaveArrived() throws Exception {
        FakeGoogle google = google(FakeHttps.Request::reset);

        assertThat(await(gateway(google).send(message(), Duration.ofSeconds(3))))
                .isInstanceOf(Answer.Unanswered.class);
    }

    @Test
    void slowAnswerIsNone() throws Exception {
        FakeGoogle google = google(request -> {});
        FcmGateway gateway = gateway(google);

        assertThat(await(gateway.send(message(), Duration.ofMillis(500)))).isInstanceOf(Answer.Unanswered.class);
        assertThat(gateway.pending()).isZero();
    }

    @Test
    void serverThatIsNotThereIsUnreachable() throws Exception {
        FakeGoogle google = new FakeGoogle(tls, request -> {});
        FcmGateway gateway = gateway(google);
        google.close();

        assertThat(await(gateway.send(message(), LONG)))
                .matches(answer -> answer instanceof Answer.NotSent not && not.why() == Why.UNREACHABLE);
    }

    @Test
    void certificateThatNobodyTrustsIsNoGoogle() throws Exception {
        TestTls other = TestTls.of(Files.createDirectory(directory.resolve("other")), "evil.example");
        FakeGoogle google = new FakeGoogle(other, FcmGatewayTest::accept);
        opened.add(0, google);

        assertThat(await(gateway(google).send(message(), Duration.ofSeconds(10))))
                .matches(answer -> answer instanceof Answer.NotSent not && not.why() == Why.UNREACHABLE);
        assertThat(google.messages()).isEmpty();
        assertThat(google.tokensGiven).hasValue(0);
    }

    @Test
    void callOvertakesMessagesThatAreNotAnswered() throws Exception {
        FakeGoogle google = google(request -> {
            if (request.text().contains("\"call\"")) {
                accept(request);
            }
        });
        FcmGateway gateway = gateway(google);
        List<CompletionStage<Answer>> messages = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            messages.add(gateway.send(message(), Duration.ofMinutes(2)));
        }

        assertThat(await(gateway.send(push(Rank.CALL, Urgency.HIGH, "{\"k\":\"call\"}"), LONG)))
                .isInstanceOf(Answer.Accepted.class);
        assertThat(messages).noneMatch(one -> one.toCompletableFuture().isDone());
        assertThat(await(gateway.send(message(), LONG)))
                .isEqualTo(new Answer.NotSent(Why.QUEUE_FULL, "10000 wait already"));
    }
}
