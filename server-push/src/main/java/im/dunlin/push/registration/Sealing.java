// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.KeyWriter;
import im.dunlin.storage.OwnerKey;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts rows with a key of this server, so that a copy of the tables alone tells no token and no key. AES-256-GCM, 96 random
 * bits each time; the row's place is authenticated with it, so that no row can stand in for another.
 *
 * <pre>
 * number of the key · nonce (12) · ciphertext and tag
 * </pre>
 */
public final class Sealing {
    private static final int KEY_NUMBER = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    /** @param secret 32 octets that are this server's */
    public Sealing(byte[] secret) {
        key = new SecretKeySpec(secret, "AES");
    }

    public byte[] seal(String table, OwnerKey owner, long row, byte[] plain) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, 0, table, owner, row).doFinal(plain);
            return new KeyWriter().u8(KEY_NUMBER).bytes(nonce).bytes(sealed).toBytes();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-GCM", e);
        }
    }

    public byte[] open(String table, OwnerKey owner, long row, byte[] sealed) {
        if (sealed.length < 1 + NONCE || sealed[0] != KEY_NUMBER) {
            throw new CorruptionException("table " + table + ": a row under a key that this server does not have");
        }
        try {
            return cipher(Cipher.DECRYPT_MODE, sealed, 1, table, owner, row)
                    .doFinal(sealed, 1 + NONCE, sealed.length - 1 - NONCE);
        } catch (GeneralSecurityException e) {
            throw new CorruptionException("table " + table + ": a row that was not encrypted here for this place");
        }
    }

    private Cipher cipher(int mode, byte[] nonce, int offset, String table, OwnerKey owner, long row)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce, offset, NONCE));
        cipher.updateAAD(new KeyWriter()
                .text(table)
                .u16(owner.slot())
                .u64(owner.number())
                .u64(row)
                .toBytes());
        return cipher;
    }
}
