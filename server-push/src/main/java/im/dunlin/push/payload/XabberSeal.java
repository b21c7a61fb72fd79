// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts for a {@link XabberKey}: AES-256-CBC, padded with zeros, behind its initialization vector. Any thread. */
final class XabberSeal {
    static final int IV_BYTES = 16;

    private static final int BLOCK_BYTES = 16;

    private final SecureRandom random;

    XabberSeal(SecureRandom random) {
        this.random = random;
    }

    /** In base64. */
    String seal(XabberKey key, byte[] content) {
        byte[] iv = new byte[IV_BYTES];
        random.nextBytes(iv);
        return seal(key, iv, content);
    }

    static String seal(XabberKey key, byte[] iv, byte[] content) {
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.key(), "AES"), new IvParameterSpec(iv));
            // At least one zero, also behind a whole block: the client takes the padding's end for the content's.
            int padded = (content.length / BLOCK_BYTES + 1) * BLOCK_BYTES;
            byte[] sealed = Arrays.copyOf(iv, IV_BYTES + padded);
            cipher.doFinal(Arrays.copyOf(content, padded), 0, padded, sealed, IV_BYTES);
            return Base64.getEncoder().encodeToString(sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-CBC", e);
        }
    }
}
