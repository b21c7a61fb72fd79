// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SCRAM without channel binding (RFC 5802, RFC 7677), the server's signature checked. Keys that were
 * derived from a password are kept, as RFC 5802 §5.1 lets clients do; otherwise a storm of logins would measure this class.
 */
public final class Scram {
    /** Best first. */
    static final List<String> MECHANISMS = List.of("SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1");

    private static final Map<String, byte[]> DERIVED = new ConcurrentHashMap<>();
    private static final int KEPT = 100_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String hash;
    private final String password;
    private final String nonce;
    private final String firstBare;
    private byte @Nullable [] serverSignature;

    public Scram(String mechanism, String user, String password) {
        this(mechanism, user, password, randomNonce());
    }

    Scram(String mechanism, String user, String password, String nonce) {
        this.hash = mechanism.substring("SCRAM-".length()).replace("-", "");
        this.password = password;
        this.nonce = nonce;
        this.firstBare = "n=" + user.replace("=", "=3D").replace(",", "=2C") + ",r=" + nonce;
    }

    public String first() {
        return "n,," + firstBare;
    }

    /** @throws IllegalStateException the challenge is none of this exchange */
    public String last(String challenge) {
        Map<String, String> parts = attributes(challenge);
        String both = parts.getOrDefault("r", "");
        if (!both.startsWith(nonce) || both.length() == nonce.length()) {
            throw new IllegalStateException("the server's nonce does not continue ours");
        }
        byte[] salt = Base64.getDecoder().decode(parts.getOrDefault("s", ""));
        int rounds = Integer.parseInt(parts.getOrDefault("i", "0"));
        String withoutProof = "c=biws,r=" + both;
        byte[] message = (firstBare + "," + challenge + "," + withoutProof).getBytes(StandardCharsets.UTF_8);
        try {
            byte[] salted = derive(salt, rounds);
            byte[] clientKey = mac(salted, "Client Key".getBytes(StandardCharsets.US_ASCII));
            byte[] signature = mac(MessageDigest.getInstance(digestName()).digest(clientKey), message);
            for (int i = 0; i < clientKey.length; i++) {
                clientKey[i] ^= signature[i];
            }
            serverSignature = mac(mac(salted, "Server Key".getBytes(StandardCharsets.US_ASCII)), message);
            return withoutProof + ",p=" + Base64.getEncoder().encodeToString(clientKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether the server knows the password as well (RFC 5802 §3). */
    public boolean isGenuine(String success) {
        String verifier = attributes(success).get("v");
        return verifier != null
                && serverSignature != null
                && MessageDigest.isEqual(Base64.getDecoder().decode(verifier), serverSignature);
    }

    private byte[] derive(byte[] salt, int rounds) throws GeneralSecurityException {
        String key = hash + ' ' + rounds + ' ' + Base64.getEncoder().encodeToString(salt) + ' ' + password;
        byte[] known = DERIVED.get(key);
        if (known != null) {
            return known;
        }
        int bits = MessageDigest.getInstance(digestName()).getDigestLength() * Byte.SIZE;
        byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmac" + hash)
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, rounds, bits))
                .getEncoded();
        if (DERIVED.size() < KEPT) {
            DERIVED.put(key, salted);
        }
        return salted;
    }

    private byte[] mac(byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("Hmac" + hash);
        mac.init(new SecretKeySpec(key, "Hmac" + hash));
        return mac.doFinal(message);
    }

    private String digestName() {
        return "SHA-" + hash.substring("SHA".length());
    }

    private static Map<String, String> attributes(String message) {
        Map<String, String> attributes = new HashMap<>();
        for (String part : message.split(",", -1)) {
            if (part.length() > 1 && part.charAt(1) == '=') {
                attributes.put(part.substring(0, 1), part.substring(2));
            }
        }
        return attributes;
    }

    private static String randomNonce() {
        byte[] random = new byte[18];
        RANDOM.nextBytes(random);
        return Base64.getEncoder().encodeToString(random);
    }
}
