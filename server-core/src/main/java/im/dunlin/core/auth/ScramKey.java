// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.auth;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * What the server keeps of a password for one hash (RFC 5802 section 2.2): enough to check a proof and to prove itself,
 * not enough to log in.
 */
public final class ScramKey {
    /** More would let stored data decide how long a client or an outside thread computes. */
    public static final int MAX_ITERATIONS = 200_000;

    private static final int SALT_LENGTH = 16;
    private static final int MAX_SALT_LENGTH = 64;

    private final ScramHash hash;
    private final int iterations;
    private final byte[] salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    /** @throws IllegalArgumentException if a length or the number of iterations is out of bounds */
    public ScramKey(ScramHash hash, int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        if (iterations < 1 || iterations > MAX_ITERATIONS) {
            throw new IllegalArgumentException(
                    "iterations: " + iterations + " (expected: 1 to " + MAX_ITERATIONS + ")");
        }
        if (salt.length < 1 || salt.length > MAX_SALT_LENGTH) {
            throw new IllegalArgumentException("salt: " + salt.length + " octets (expected: 1 to 64)");
        }
        if (storedKey.length != hash.length() || serverKey.length != hash.length()) {
            throw new IllegalArgumentException("keys of " + storedKey.length + " and " + serverKey.length
                    + " octets (expected: " + hash.length() + ")");
        }
        this.hash = hash;
        this.iterations = iterations;
        this.salt = salt.clone();
        this.storedKey = storedKey.clone();
        this.serverKey = serverKey.clone();
    }

    /** The key of a prepared password under a fresh salt. Runs PBKDF2: on an outside thread only. */
    static ScramKey ofPassword(String prepared, ScramHash hash, int iterations, SecureRandom random) {
        return ofPassword(prepared, hash, iterations, salt(random));
    }

    static ScramKey ofPassword(String prepared, ScramHash hash, int iterations, byte[] salt) {
        return ofSaltedPassword(hash.saltedPassword(prepared, salt, iterations), hash, iterations, salt);
    }

    /** The key of a password that somebody else has salted (SaltedPassword in RFC 5802 section 3). */
    public static ScramKey ofSaltedPassword(byte[] salted, ScramHash hash, int iterations, byte[] salt) {
        byte[] storedKey = hash.hash(hash.hmac(salted, "Client Key"));
        return new ScramKey(hash, iterations, salt, storedKey, hash.hmac(salted, "Server Key"));
    }

    /** A fresh salt. */
    public static byte[] salt(SecureRandom random) {
        byte[] salt = new byte[SALT_LENGTH];
        random.nextBytes(salt);
        return salt;
    }

    public ScramHash hash() {
        return hash;
    }

    public int iterations() {
        return iterations;
    }

    public byte[] salt() {
        return salt.clone();
    }

    public byte[] storedKey() {
        return storedKey.clone();
    }

    public byte[] serverKey() {
        return serverKey.clone();
    }

    /** Whether this key was made of that password. Runs PBKDF2: on an outside thread only. */
    boolean isOfPassword(String prepared) {
        byte[] salted = hash.saltedPassword(prepared, salt, iterations);
        return MessageDigest.isEqual(hash.hash(hash.hmac(salted, "Client Key")), storedKey);
    }

    /** Whether the ClientProof of RFC 5802 section 3 was made by someone who knows the password. */
    boolean isProvedBy(byte[] proof, byte[] authMessage) {
        if (proof.length != hash.length()) {
            return false;
        }
        byte[] clientKey = hash.hmac(storedKey, authMessage);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= proof[i];
        }
        return MessageDigest.isEqual(hash.hash(clientKey), storedKey);
    }

    /** The ServerSignature of RFC 5802 section 3. */
    byte[] serverSignature(byte[] authMessage) {
        return hash.hmac(serverKey, authMessage);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramKey that
                && hash == that.hash
                && iterations == that.iterations
                && Arrays.equals(salt, that.salt)
                && MessageDigest.isEqual(storedKey, that.storedKey)
                && MessageDigest.isEqual(serverKey, that.serverKey);
    }

    @Override
    public int hashCode() {
        return 31 * hash.hashCode() + Arrays.hashCode(salt);
    }

    @Override
    public String toString() {
        return hash.mechanism() + ", " + iterations + " iterations";
    }
}
