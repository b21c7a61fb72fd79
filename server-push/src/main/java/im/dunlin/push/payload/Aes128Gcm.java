// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.auth.ScramHash;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The content coding {@code aes128gcm} (RFC 8188), in the one form that pushes have: a single record. */
final class Aes128Gcm {
    static final int SALT_BYTES = 16;
    static final int TAG_BYTES = 16;

    /** What push services must take, header and all (RFC 8291 section 4); stands in the header as the size of records. */
    static final int MAX_BYTES = 4096;

    /** Salt, record size, length of the key id. */
    static final int HEADER_BYTES = SALT_BYTES + 4 + 1;

    private static final int KEY_BYTES = 16;
    static final int NONCE_BYTES = 12;

    private static final byte[] KEY_LABEL = label("Content-Encoding: aes128gcm");
    private static final byte[] NONCE_LABEL = label("Content-Encoding: nonce");

    /** Ends the content of the last record. */
    private static final byte LAST = 2;

    private Aes128Gcm() {}

    /**
     * Encrypts content as a single record.
     *
     * @param secret the input keying material
     * @param keyId what stands in the header
     * @param padded how long the record is before it is encrypted: more than the content, and no more than there is room for
     */
    static byte[] seal(byte[] secret, byte[] salt, byte[] keyId, byte[] content, int padded) {
        if (padded <= content.length || padded > MAX_BYTES - HEADER_BYTES - keyId.length - TAG_BYTES) {
            throw new IllegalArgumentException(content.length + " bytes in a record of " + padded);
        }
        byte[] pseudorandom = ScramHash.SHA_256.hmac(salt, secret);
        byte[] key = Arrays.copyOf(ScramHash.SHA_256.hmac(pseudorandom, KEY_LABEL), KEY_BYTES);
        byte[] nonce = Arrays.copyOf(ScramHash.SHA_256.hmac(pseudorandom, NONCE_LABEL), NONCE_BYTES);
        byte[] record = Arrays.copyOf(content, padded);
        record[content.length] = LAST;
        byte[] header = ByteBuffer.allocate(HEADER_BYTES + keyId.length)
                .put(salt)
                .putInt(MAX_BYTES)
                .put((byte) keyId.length)
                .put(keyId)
                .array();
        byte[] sealed = encrypt(key, nonce, record);
        byte[] body = Arrays.copyOf(header, header.length + sealed.length);
        System.arraycopy(sealed, 0, body, header.length, sealed.length);
        return body;
    }

    /** AES-128-GCM without associated data; the tag stands behind the ciphertext. */
    static byte[] encrypt(byte[] key, byte[] nonce, byte[] content) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            return cipher.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    /** For one block of output, HKDF's expansion is one HMAC over the text, a zero and a one. */
    private static byte[] label(String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        byte[] label = Arrays.copyOf(ascii, ascii.length + 2);
        label[label.length - 1] = 1;
        return label;
    }
}
