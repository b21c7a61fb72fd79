// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import com.google.crypto.tink.apps.webpush.WebPushHybridDecrypt;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.ECPublicKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A device that opens its pushes as docs/protocol/push.md says, with what the platform has and nothing of the
 * server's; beside it Tink's implementation.
 */
public final class Phone {
    private final ECPrivateKey privateKey;
    private final byte[] publicKey;
    private final byte[] secret;

    private Phone(ECPrivateKey privateKey, byte[] publicKey, byte[] secret) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        this.secret = secret;
    }

    static Phone of(String privateKey, String publicKey, String secret) {
        try {
            BigInteger s = new BigInteger(1, base64(privateKey));
            return new Phone(
                    (ECPrivateKey) KeyFactory.getInstance("EC").generatePrivate(new ECPrivateKeySpec(s, curve())),
                    base64(publicKey),
                    base64(secret));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    public static Phone random(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            ECPoint point = ((ECPublicKey) pair.getPublic()).getW();
            byte[] encoded = ByteBuffer.allocate(65)
                    .put((byte) 4)
                    .put(fixed(point.getAffineX()))
                    .put(fixed(point.getAffineY()))
                    .array();
            byte[] secret = new byte[16];
            random.nextBytes(secret);
            return new Phone((ECPrivateKey) pair.getPrivate(), encoded, secret);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    WebPushKey key() {
        return WebPushKey.of(publicKey, secret);
    }

    public byte[] publicKey() {
        return publicKey;
    }

    public byte[] secret() {
        return secret;
    }

    /** @throws GeneralSecurityException if it is not for this device, or was touched on the way */
    public byte[] open(byte[] body) throws GeneralSecurityException {
        if (body.length < 86 || body[20] != 65) {
            throw new GeneralSecurityException("no header");
        }
        byte[] sender = Arrays.copyOfRange(body, 21, 86);
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(privateKey);
        agreement.doPhase(
                KeyFactory.getInstance("EC")
                        .generatePublic(new ECPublicKeySpec(
                                new ECPoint(
                                        new BigInteger(1, Arrays.copyOfRange(sender, 1, 33)),
                                        new BigInteger(1, Arrays.copyOfRange(sender, 33, 65))),
                                curve())),
                true);
        byte[] info = concat("WebPush: info\0".getBytes(StandardCharsets.US_ASCII), publicKey, sender, new byte[] {1});
        return open(hmac(hmac(secret, agreement.generateSecret()), info), body);
    }

    /** RFC 8188 with this input keying material. */
    static byte[] open(byte[] material, byte[] body) throws GeneralSecurityException {
        byte[] salt = Arrays.copyOf(body, 16);
        byte[] pseudorandom = hmac(salt, material);
        byte[] key = Arrays.copyOf(hmac(pseudorandom, label("Content-Encoding: aes128gcm")), 16);
        byte[] nonce = Arrays.copyOf(hmac(pseudorandom, label("Content-Encoding: nonce")), 12);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
        byte[] record = cipher.doFinal(Arrays.copyOfRange(body, 21 + body[20], body.length));
        int end = record.length - 1;
        while (end >= 0 && record[end] == 0) {
            end--;
        }
        if (end < 0 || record[end] != 2) {
            throw new GeneralSecurityException("no delimiter");
        }
        return Arrays.copyOf(record, end);
    }

    /** The same by Tink. */
    byte[] openByOthers(byte[] body) throws GeneralSecurityException {
        return new WebPushHybridDecrypt.Builder()
                .withAuthSecret(secret)
                .withRecipientPublicKey(publicKey)
                .withRecipientPrivateKey(fixed(privateKey.getS()))
                .build()
                .decrypt(body, null);
    }

    static byte[] base64(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }

    private static byte[] label(String text) {
        return (text + "\0\1").getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    private static byte[] fixed(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return fixed;
    }

    private static ECParameterSpec curve() throws GeneralSecurityException {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
        parameters.init(new ECGenParameterSpec("secp256r1"));
        return parameters.getParameterSpec(ECParameterSpec.class);
    }
}
