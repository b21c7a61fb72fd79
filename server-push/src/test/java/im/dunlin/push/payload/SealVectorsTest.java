// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static im.dunlin.push.payload.Phone.base64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.junit.jupiter.api.Test;

/** Published inputs give published bytes, and these open again. */
class SealVectorsTest {
    /** RFC 8291 appendix A. */
    private static final Phone PHONE = Phone.of(
            "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg");

    private static final byte[] SERVER_POINT =
            base64("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");

    private static final byte[] SERVER_SECRET = base64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");

    private static final String OFFER = "{\"v\":1,\"t\":\"call\",\"q\":7,\"ts\":1767225600,\"x\":1767225645,"
            + "\"f\":\"romeo@montague.example/orchard\",\"s\":\"ca3cf894-5325-482f-a412-a6e9f832298d\",\"m\":[\"audio\"]}";

    @Test
    void webPushIsThatOfTheDocument() throws GeneralSecurityException {
        byte[] content = utf8("When I grow up, I want to be a watermelon");
        byte[] body = WebPushSeal.seal(PHONE.key(), server(), base64("DGv6ra1nlYgDCS1FRnbzlw"), content, 42);
        assertThat(body)
                .isEqualTo(
                        base64(
                                "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
                                        + "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"));
        assertThat(PHONE.open(body)).isEqualTo(content);
        assertThat(PHONE.openByOthers(body)).isEqualTo(content);
    }

    @Test
    void contentCodingIsThatOfTheDocument() throws GeneralSecurityException {
        // RFC 8188 section 3.1.
        byte[] material = base64("yqdlZ-tYemfogSmv7Ws5PQ");
        byte[] body =
                Aes128Gcm.seal(material, base64("I1BsxtFttlv3u_Oo94xnmw"), new byte[0], utf8("I am the walrus"), 16);
        assertThat(body).isEqualTo(base64("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"));
        assertThat(Phone.open(material, body)).isEqualTo(utf8("I am the walrus"));
    }

    @Test
    void paddedOfferIsThatOfTheDescription() throws GeneralSecurityException {
        byte[] salt = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] body = WebPushSeal.seal(PHONE.key(), server(), salt, utf8(OFFER), 256);
        assertThat(body).hasSize(358);
        assertThat(MessageDigest.getInstance("SHA-256").digest(body))
                .isEqualTo(HexFormat.of().parseHex("345f9a9da16742c8e79c7fb0b61e87bd9c4e46f344afb21bc10e2494342a1410"));
        assertThat(PHONE.open(body)).isEqualTo(utf8(OFFER));
        assertThat(PHONE.openByOthers(body)).isEqualTo(utf8(OFFER));
    }

    @Test
    void tigaseIsThatOfTheDescription() throws GeneralSecurityException {
        tigase(
                "EBESExQVFhcYGRob",
                "{\"unread\":1,\"sender\":\"romeo@montague.example\",\"type\":\"chat\",\"message\":\"Wherefore art thou?\"}",
                "vwx2wX0q14s152zZ5VSOUF7ZBqUM1hnQ6K5GUQpqf9mzvlRar8ODfY7Qua34/HNv8MiUCcPh2IAKYQ+apf0j6y05dcEArV/MpuUIJcvO3kRW"
                        + "48b6WbfGvyhHsZp8GXnuXHmbsIfBuPbaXl+X");
        tigase(
                "ICEiIyQlJicoKSor",
                "{\"unread\":1,\"sender\":\"romeo@montague.example/orchard\",\"type\":\"call\","
                        + "\"sid\":\"ca3cf894-5325-482f-a412-a6e9f832298d\",\"media\":[\"audio\"]}",
                "u9dnyvSVGG2Zcr74U7zxEKzUB7y8dFiLCgaoV8osgy8p40flj0GhZJgszPi4HNxls1Eoj63UuO85KqOI2e0y9Enq/EA5C/We+KRuflBsGwwt"
                        + "QKQJR0jTrUJ1Lv5Aw1D5DTSm73jxDaptkBX0ZFYsmF/mV1Cd9qDrmzqhtqodIYH5ETd5mi64hGp16pptTww2DqCh");
    }

    private static void tigase(String nonce, String content, String ciphertext) throws GeneralSecurityException {
        Base64.Decoder base64 = Base64.getDecoder();
        TigaseSeal.Sealed sealed = TigaseSeal.seal(TestRecipients.tigaseKey(3000), base64.decode(nonce), utf8(content));
        assertThat(sealed).isEqualTo(new TigaseSeal.Sealed(nonce, ciphertext));
        assertThat(TestRecipients.openTigase(sealed.nonce(), sealed.ciphertext()))
                .isEqualTo(content);
        assertThat(TigaseSeal.contentFitting(ciphertext.length())).isEqualTo(content.length());
    }

    @Test
    void xabberIsThatOfTheDescription() throws GeneralSecurityException {
        String content = "<stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example' id='1700000000000000'/>";
        byte[] iv = HexFormat.of().parseHex("00112233445566778899aabbccddeeff");
        String sealed = XabberSeal.seal(TestRecipients.xabberKey(), iv, utf8(content));
        assertThat(sealed)
                .isEqualTo(
                        "ABEiM0RVZneImaq7zN3u/3/T1iy0SxV2jUagEyVzfComlmfoBybY9IawGBR9CiOaKTCxKMvGSpMLO2lXoCuaSzNGPBzCJMp9"
                                + "eEocsXmq1b0nSGxyEK6u+eIygJ9/iUUHf+QjOc1zYvtbYkUH63n5qQ==");
        assertThat(TestRecipients.openXabber(sealed)).isEqualTo(content);
    }

    @Test
    void xabberPaddingIsNeverNothing() throws GeneralSecurityException {
        String content = "x".repeat(32);
        String sealed = XabberSeal.seal(TestRecipients.xabberKey(), new byte[16], utf8(content));
        assertThat(Base64.getDecoder().decode(sealed)).hasSize(16 + 48);
        assertThat(TestRecipients.openXabber(sealed)).isEqualTo(content);
    }

    @Test
    void everyFlippedBitIsFound() throws GeneralSecurityException {
        byte[] body = WebPushSeal.seal(PHONE.key(), server(), new byte[16], utf8("Art thou not Romeo?"), 32);
        for (int bit = 0; bit < body.length * 8; bit++) {
            if (bit / 8 >= 16 && bit / 8 < 20) {
                // The record size: whoever reads one record has no use for it.
                continue;
            }
            byte[] touched = body.clone();
            touched[bit / 8] ^= (byte) (1 << bit % 8);
            assertThatThrownBy(() -> PHONE.open(touched)).as("bit %d", bit).isInstanceOf(Exception.class);
            assertThatThrownBy(() -> PHONE.openByOthers(touched))
                    .as("bit %d", bit)
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void everyFlippedBitOfTigaseIsFound() {
        TigaseSeal.Sealed sealed = TigaseSeal.seal(TestRecipients.tigaseKey(3000), new byte[12], utf8("Ay me!"));
        byte[] ciphertext = Base64.getDecoder().decode(sealed.ciphertext());
        for (int bit = 0; bit < ciphertext.length * 8; bit++) {
            byte[] touched = ciphertext.clone();
            touched[bit / 8] ^= (byte) (1 << bit % 8);
            String base64 = Base64.getEncoder().encodeToString(touched);
            assertThatThrownBy(() -> TestRecipients.openTigase(sealed.nonce(), base64))
                    .isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    void bodyForOneDeviceDoesNotOpenUnderTheSecretOfAnother() {
        byte[] body = WebPushSeal.seal(PHONE.key(), server(), new byte[16], utf8("Ay me!"), 32);
        Phone other = Phone.of(
                "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
                Base64.getUrlEncoder().encodeToString(PHONE.publicKey()),
                "AAAAAAAAAAAAAAAAAAAAAA");
        assertThatThrownBy(() -> other.open(body)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void contentThatDoesNotFitIsRefused() {
        assertThatThrownBy(() -> Aes128Gcm.seal(new byte[16], new byte[16], new byte[0], new byte[16], 16))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Aes128Gcm.seal(new byte[16], new byte[16], new byte[0], new byte[16], 4060))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static P256.Pair server() {
        return new P256.Pair(
                new ECPrivateKeyParameters(
                        new BigInteger(1, SERVER_SECRET), PHONE.key().point().getParameters()),
                SERVER_POINT);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
