// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.testing.TestXml;
import im.dunlin.core.xml.Element;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A push server that knows the device's key believes the token, and no other. */
class SenderKeyTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);

    private static KeyPair pair(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    private static Element send(String algorithm, byte[] key, String claims) {
        return TestXml.parse("<send xmlns='urn:xmpp:push2:send:sce+rfc8291+rfc8292:0'><jwt-alg>" + algorithm
                + "</jwt-alg><jwt-key>" + Base64.getEncoder().encodeToString(key) + "</jwt-key>" + claims + "</send>");
    }

    private static String json(String part) {
        return new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
    }

    @Test
    void tokenIsSignedByTheDevicesKey() throws GeneralSecurityException {
        KeyPair pair = pair("secp256r1");
        Element send = send(
                "ES256",
                pair.getPrivate().getEncoded(),
                "<jwt-claim name='aud'>https://push.example</jwt-claim><jwt-claim name='exp'>1</jwt-claim>");
        Element jwt = Objects.requireNonNull(SenderKey.of(send)).token("capulet.example", NOW);

        String[] parts = jwt.text().split("\\.");
        assertThat(json(parts[0])).isEqualTo("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
        JsonNode claims = new JsonMapper().readTree(json(parts[1]));
        assertThat(claims.path("aud").asString()).isEqualTo("https://push.example");
        assertThat(claims.path("sub").asString()).isEqualTo("https://capulet.example");
        assertThat(claims.path("exp").asLong()).isEqualTo(NOW.getEpochSecond() + 12 * 3_600);

        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initVerify(pair.getPublic());
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        assertThat(signature.verify(Base64.getUrlDecoder().decode(parts[2]))).isTrue();

        byte[] point = Base64.getDecoder().decode(jwt.requireAttr("key"));
        assertThat(new BigInteger(1, Arrays.copyOfRange(point, 1, 33)))
                .isEqualTo(((ECPublicKey) pair.getPublic()).getW().getAffineX());
        assertThat(point).hasSize(65).startsWith(4);
    }

    @Test
    void profileWithoutAnAlgorithmHasNoKey() {
        assertThat(SenderKey.of(TestXml.parse("<send xmlns='urn:xmpp:push2:send:sce+rfc8291+rfc8292:0'/>")))
                .isNull();
    }

    @Test
    void otherAlgorithmsKeysAndCurvesAreRefused() throws GeneralSecurityException {
        byte[] key = pair("secp256r1").getPrivate().getEncoded();
        for (Element send : new Element[] {
            send("HS256", key, ""),
            send("ES256", new byte[0], ""),
            send("ES256", Arrays.copyOf(key, 20), ""),
            send("ES256", pair("secp384r1").getPrivate().getEncoded(), ""),
            send("ES256", key, "<jwt-claim name='aud'>" + "x".repeat(2_000) + "</jwt-claim>")
        }) {
            assertThatThrownBy(() -> SenderKey.of(send)).isInstanceOf(StanzaException.class);
        }
    }

    @Test
    void textOfAKeyDoesNotTellIt() throws GeneralSecurityException {
        KeyPair pair = pair("secp256r1");
        String text =
                String.valueOf(SenderKey.of(send("ES256", pair.getPrivate().getEncoded(), "")));
        assertThat(text)
                .doesNotContain(
                        Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded()))
                .startsWith("sender key ");
    }
}
