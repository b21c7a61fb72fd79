// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueCodec;
import im.dunlin.storage.ValueWriter;
import im.dunlin.storage.Values;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ClientKeyTest {
    /** RFC 8291 appendix A. */
    private static final String POINT =
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    private static final String SECRET = "BTBZMqHH6r4Tts7J_aSIgg";

    private static final ValueCodec<ClientKey> ROW = Values.versioned(1, (out, key) -> key.write(out), ClientKey::read);

    @Test
    void keyIdIsTheBeginningOfAHash() {
        assertThat(WebPushKey.of(POINT, SECRET).id()).isEqualTo("Kn8g3g7y");
        assertThat(WebPushKey.of(POINT + "=", SECRET + "==").id()).isEqualTo("Kn8g3g7y");
    }

    @Test
    void pointOffTheCurveIsRefused() {
        byte[] point = Base64.getUrlDecoder().decode(POINT);
        point[64] ^= 1;
        badRequest(() -> WebPushKey.of(point, new byte[16]));
        byte[] origin = new byte[65];
        origin[0] = 4;
        badRequest(() -> WebPushKey.of(origin, new byte[16]));
    }

    @Test
    void coordinateThatIsNotReducedIsRefused() {
        byte[] point = Base64.getUrlDecoder().decode(POINT);
        Arrays.fill(point, 1, 33, (byte) 0xFF);
        badRequest(() -> WebPushKey.of(point, new byte[16]));
    }

    @Test
    void pointInAnotherFormIsRefused() {
        byte[] point = Base64.getUrlDecoder().decode(POINT);
        badRequest(() -> WebPushKey.of(Arrays.copyOf(point, 64), new byte[16]));
        badRequest(() -> WebPushKey.of(Arrays.copyOf(point, 66), new byte[16]));
        badRequest(() -> WebPushKey.of(new byte[] {0}, new byte[16]));
        byte[] compressed = Arrays.copyOf(point, 33);
        compressed[0] = (byte) (2 + (point[64] & 1));
        badRequest(() -> WebPushKey.of(compressed, new byte[16]));
        byte[] hybrid = point.clone();
        hybrid[0] = (byte) (6 + (point[64] & 1));
        badRequest(() -> WebPushKey.of(hybrid, new byte[16]));
    }

    @Test
    void secretOfAnotherLengthIsRefused() {
        badRequest(() -> WebPushKey.of(Base64.getUrlDecoder().decode(POINT), new byte[15]));
        badRequest(() -> WebPushKey.of(POINT, ""));
        badRequest(() -> WebPushKey.of("!", SECRET));
    }

    @Test
    void tigaseKeyHasSixteenBytesAndAnAlgorithm() {
        TigaseKey key = TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "2000"));
        assertThat(key.key()).isEqualTo(HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f"));
        assertThat(key.maxSize()).isEqualTo(2000);
        badRequest(() -> TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0O", "2000")));
        badRequest(() -> TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "100")));
        badRequest(() -> TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "many")));
        error(
                () -> TigaseKey.of(encrypt("aes-256-gcm", "AAECAwQFBgcICQoLDA0ODw==", "2000")),
                StanzaError.featureNotImplemented());
    }

    @Test
    void tigaseSizeHasADefaultAndABound() {
        assertThat(TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", null))
                        .maxSize())
                .isEqualTo(3000);
        assertThat(TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "2000000000"))
                        .maxSize())
                .isEqualTo(5120);
    }

    @Test
    void xabberKeyHasThirtyTwoBytesAndACipher() {
        String key = Base64.getEncoder().encodeToString(new byte[32]);
        assertThat(XabberKey.of(security("urn:xmpp:ciphers:aes-256cbc", key)).key())
                .hasSize(32);
        badRequest(() -> XabberKey.of(security("urn:xmpp:ciphers:aes-256cbc", "AAAA")));
        badRequest(() -> XabberKey.of(Element.of(XabberKey.SECURITY).attr("cipher", "urn:xmpp:ciphers:aes-256cbc")));
        error(() -> XabberKey.of(security("urn:xmpp:ciphers:blowfish-cbc", key)), StanzaError.featureNotImplemented());
    }

    @Test
    void rowHoldsTheKey() {
        for (ClientKey key : new ClientKey[] {
            WebPushKey.of(POINT, SECRET),
            TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "2000")),
            XabberKey.of(
                    security("urn:xmpp:ciphers:aes-256cbc", Base64.getEncoder().encodeToString(new byte[32])))
        }) {
            assertThat(ROW.read(ROW.write(key))).isEqualTo(key);
        }
        assertThatThrownBy(() -> ROW.read(new ValueWriter(1).u8(9).toBytes())).isInstanceOf(CorruptionException.class);
        assertThatThrownBy(() -> ROW.read(new ValueWriter(1)
                        .u8(1)
                        .bytes(new byte[65])
                        .bytes(new byte[16])
                        .toBytes()))
                .isInstanceOf(CorruptionException.class);
    }

    @Test
    void textOfAKeyDoesNotTellIt() {
        assertThat(TigaseKey.of(encrypt("aes-128-gcm", "AAECAwQFBgcICQoLDA0ODw==", "2000")))
                .hasToString("aes-128-gcm key vkXLJgW_");
    }

    private static Element encrypt(String algorithm, String key, String size) {
        Element encrypt = Element.of(TigaseKey.ENCRYPT, key).attr("alg", algorithm);
        return size == null ? encrypt : encrypt.attr("max-size", size);
    }

    private static Element security(String cipher, String key) {
        return Element.of(XabberKey.SECURITY)
                .attr("cipher", cipher)
                .child(Element.of(Name.of(XabberKey.NAMESPACE, "encryption-key"), key));
    }

    private static void badRequest(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StanzaException.class,
                        e -> assertThat(e.error().condition())
                                .isEqualTo(StanzaError.badRequest().condition()));
    }

    private static void error(ThrowingCallable call, StanzaError expected) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StanzaException.class,
                        e -> assertThat(e.error().condition()).isEqualTo(expected.condition()));
    }
}
