// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Devices of other dialects, and how they open their pushes. */
final class TestRecipients {
    private static final String TIGASE = "AAECAwQFBgcICQoLDA0ODw==";
    private static final String XABBER = "abcdefghijklmnopqrstuvwxyzABCDEF";

    private TestRecipients() {}

    static TigaseKey tigaseKey(int maxSize) {
        return TigaseKey.of(Element.of(TigaseKey.ENCRYPT, TIGASE)
                .attr("alg", "aes-128-gcm")
                .attr("max-size", String.valueOf(maxSize)));
    }

    static String openTigase(String nonce, String ciphertext) throws GeneralSecurityException {
        Base64.Decoder base64 = Base64.getDecoder();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(base64.decode(TIGASE), "AES"),
                new GCMParameterSpec(128, base64.decode(nonce)));
        return new String(cipher.doFinal(base64.decode(ciphertext)), StandardCharsets.UTF_8);
    }

    static XabberKey xabberKey() {
        String key = Base64.getEncoder().encodeToString(XABBER.getBytes(StandardCharsets.US_ASCII));
        return XabberKey.of(Element.of(XabberKey.SECURITY)
                .attr("cipher", "urn:xmpp:ciphers:aes-256cbc")
                .child(Element.of(Name.of(XabberKey.NAMESPACE, "encryption-key"), key)));
    }

    static String openXabber(String sealed) throws GeneralSecurityException {
        byte[] body = Base64.getDecoder().decode(sealed);
        Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(XABBER.getBytes(StandardCharsets.US_ASCII), "AES"),
                new IvParameterSpec(body, 0, 16));
        byte[] padded = cipher.doFinal(Arrays.copyOfRange(body, 16, body.length));
        int end = padded.length;
        while (end > 0 && padded[end - 1] == 0) {
            end--;
        }
        return new String(padded, 0, end, StandardCharsets.UTF_8);
    }
}
