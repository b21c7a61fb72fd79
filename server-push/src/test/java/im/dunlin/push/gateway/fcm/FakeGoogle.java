// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.TestTls;
import im.dunlin.push.gateway.https.FakeHttps;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Google's token service and FCM in one: gives tokens to who signs rightly, and reacts to messages as a test says. */
public final class FakeGoogle implements AutoCloseable {
    static final String SEND = "/v1/projects/example-app/messages:send";

    private static final JsonMapper JSON = JsonMapper.shared();

    final AtomicInteger tokensGiven = new AtomicInteger();
    volatile FakeHttps.Behaviour tokenService = this::giveToken;
    private final KeyPair account;
    private final FakeHttps server;

    public FakeGoogle(TestTls tls, FakeHttps.Behaviour messages) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2_048);
        this.account = generator.generateKeyPair();
        this.server = new FakeHttps(tls, request -> {
            if (request.target().equals("/token")) {
                tokenService.on(request);
            } else {
                messages.on(request);
            }
        });
    }

    public int port() {
        return server.port();
    }

    /** The file that its console gives out. */
    public ObjectNode accountFile() {
        ObjectNode file = JSON.createObjectNode();
        file.put("type", "service_account");
        file.put("project_id", "example-app");
        file.put("private_key_id", "0123456789abcdef");
        file.put(
                "private_key",
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'})
                                .encodeToString(account.getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        file.put("client_email", "push@example-app.iam.example");
        file.put("token_uri", "https://google.example:" + server.port() + "/token");
        return file;
    }

    ServiceAccount account() {
        return ServiceAccount.parse(JSON.writeValueAsBytes(accountFile()));
    }

    /** What arrived at FCM itself. */
    public List<FakeHttps.Request> messages() {
        return server.received.stream()
                .filter(request -> request.target().equals(SEND))
                .toList();
    }

    public static JsonNode message(FakeHttps.Request request) {
        return JSON.readTree(request.body()).path("message");
    }

    private void giveToken(FakeHttps.Request request) {
        String form = URLDecoder.decode(request.text(), StandardCharsets.UTF_8);
        if (!isSigned(form)) {
            request.answer(400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT Signature.\"}");
            return;
        }
        int number = tokensGiven.incrementAndGet();
        request.answer(
                200, "{\"access_token\":\"token-" + number + "\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
    }

    private boolean isSigned(String form) {
        String start = "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=";
        if (!form.startsWith(start)) {
            return false;
        }
        String[] parts = form.substring(start.length()).split("\\.", -1);
        JsonNode header = JSON.readTree(Base64.getUrlDecoder().decode(parts[0]));
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(account.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            long now = Instant.now().getEpochSecond();
            return signature.verify(Base64.getUrlDecoder().decode(parts[2]))
                    && header.path("alg").asString("").equals("RS256")
                    && header.path("kid").asString("").equals("0123456789abcdef")
                    && claims.path("iss").asString("").equals("push@example-app.iam.example")
                    && claims.path("scope").asString("").equals("https://www.googleapis.com/auth/firebase.messaging")
                    && claims.path("aud").asString("").endsWith(":" + server.port() + "/token")
                    && Math.abs(claims.path("iat").asLong() - now) < 60
                    && claims.path("exp").asLong() - claims.path("iat").asLong() <= 3_600;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
