// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The hash functions of the SCRAM family, with the three operations that RFC 5802 section 2.2 builds on. */
public enum ScramHash {
    SHA_1(1, "SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 20),
    SHA_256(2, "SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 32),
    SHA_512(3, "SHA-512", "HmacSHA512", "PBKDF2WithHmacSHA512", 64);

    private final int code;
    private final String digest;
    private final String mac;
    private final String kdf;
    private final int length;

    ScramHash(int code, String digest, String mac, String kdf, int length) {
        this.code = code;
        this.digest = digest;
        this.mac = mac;
        this.kdf = kdf;
        this.length = length;
    }

    /** The mechanism's name without channel binding, for example {@code SCRAM-SHA-256}. */
    public String mechanism() {
        return "SCRAM-" + digest;
    }

    /** Octets of a hash value. */
    public int length() {
        return length;
    }

    /** The number under which stored credentials name this hash; never reused. */
    int code() {
        return code;
    }

    static @Nullable ScramHash ofCode(int code) {
        for (ScramHash hash : values()) {
            if (hash.code == code) {
                return hash;
            }
        }
        return null;
    }

    /** H(). */
    public byte[] hash(byte[] data) {
        try {
            return MessageDigest.getInstance(digest).digest(data);
        } catch (NoSuchAlgorithmException e) {
            throw missing(e);
        }
    }

    /** HMAC(). */
    public byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac hmac = Mac.getInstance(mac);
            hmac.init(new SecretKeySpec(key, mac));
            return hmac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** HMAC() over text. */
    public byte[] hmac(byte[] key, String data) {
        return hmac(key, data.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Hi(), which is PBKDF2: tens of milliseconds at the usual number of iterations, so never on an event loop or a
     * lane.
     */
    public byte[] saltedPassword(String password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, 8 * length);
        try {
            return SecretKeyFactory.getInstance(kdf).generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        } finally {
            spec.clearPassword();
        }
    }

    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("every Java platform has this algorithm", e);
    }
}
