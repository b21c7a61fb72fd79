// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The exchanges that the documents print, computed again. */
class ScramVectorsTest {

    @Test
    void exampleOfRfc5802IsReproduced() {
        ScramKey key = ScramKey.ofPassword("pencil", ScramHash.SHA_1, 4096, base64("QSXCR+Q6sek8bf92"));
        byte[] authMessage = octets("n=user,r=fyko+d2lbbFgONRv9qkxdawL,"
                + "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,"
                + "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j");

        assertThat(key.isProvedBy(base64("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts="), authMessage))
                .isTrue();
        assertThat(key.serverSignature(authMessage)).isEqualTo(base64("rmF9pqV8S7suAoZWja4dJRkFsKQ="));
    }

    @Test
    void exampleOfRfc7677IsReproduced() {
        ScramKey key = ScramKey.ofPassword("pencil", ScramHash.SHA_256, 4096, base64("W22ZaJ0SNY7soEsUEjb6gQ=="));
        byte[] authMessage = octets("n=user,r=rOprNGfwEbeRWgbNEkqO,"
                + "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
                + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");

        assertThat(key.isProvedBy(base64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="), authMessage))
                .isTrue();
        assertThat(key.serverSignature(authMessage)).isEqualTo(base64("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    }

    @Test
    void exampleOfXep0474IsReproduced() {
        ScramKey key = ScramKey.ofPassword("pencil", ScramHash.SHA_1, 4096, base64("QSXCR+Q6sek8bf92"));
        String nonce = "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6";
        String both = nonce + "a09117a6-ac50-4f2f-93f1-93799c2bddf6";
        byte[] authMessage = octets("n=user,r=" + nonce + ",r=" + both
                + ",s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08=,"
                + "c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,r=" + both
                + ",x=19C6532F-1CF4-4A27-A18D-DC9CEA41BBB3");

        assertThat(key.isProvedBy(base64("M/SIDjT+dfcxUh89jZEypRvFxB4="), authMessage))
                .isTrue();
        assertThat(key.serverSignature(authMessage)).isEqualTo(base64("MQrMPvv7yv4x4Cq4W4Ih25EqS2c="));
    }

    @Test
    void hashOfTheOfferInXep0474IsReproduced() {
        TlsChannel channel =
                new TlsChannel("TLSv1.3", Map.of("tls-server-end-point", new byte[32], "tls-exporter", new byte[32]));
        SaslOffer offer = SaslFixture.mechanisms("SCRAM-SHA-1").offer("example.org", channel);

        assertThat(ScramHash.SHA_1.hash(offer.downgradeProtectionInput()))
                .isEqualTo(base64("G6k/rBLDqgOhRRaCuuatSDFkJ08="));
    }

    @Test
    void saltedPasswordOverSha512IsPbkdf2() {
        byte[] salted = ScramHash.SHA_512.saltedPassword("password", octets("salt"), 1);

        assertThat(HexFormat.of().formatHex(salted))
                .isEqualTo("867f70cf1ade02cff3752599a3a53dc4af34c7a669815ae5d513554e1c8cf252"
                        + "c02d470a285a0501bad999bfe943c08f050235d7d68b1da55e63f73b60a57fce");
    }

    private static byte[] base64(String text) {
        return Base64.getDecoder().decode(text);
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
