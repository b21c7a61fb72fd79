// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.fcm;

import im.dunlin.push.gateway.https.Origin;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Who may send to an app, as the file says that Google's console gives out.
 *
 * @param project the app's
 * @param email the account's name
 * @param keyId which of the account's keys it is
 * @param tokens where access tokens are given out
 */
public record ServiceAccount(String project, String email, String keyId, RSAPrivateKey key, URI tokens) {
    private static final Duration VALIDITY = Duration.ofHours(1);

    private static final String SCOPE = "https://www.googleapis.com/auth/firebase.messaging";

    private static final Pattern PROJECT = Pattern.compile("[a-z0-9][a-z0-9.:-]{0,99}");
    private static final Pattern PLAIN = Pattern.compile("[!-~&&[^\"\\\\]]{1,300}");

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    /**
     * Reads the file.
     *
     * @throws IllegalArgumentException saying what is wrong with it, and nothing of what is secret in it
     */
    public static ServiceAccount parse(byte[] json) {
        JsonNode file;
        try {
            file = JsonMapper.shared().readTree(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON");
        }
        if (!text(file, "type").equals("service_account")) {
            throw new IllegalArgumentException("not the key of a service account (its type is another)");
        }
        URI tokens;
        try {
            tokens = URI.create(required(file, "token_uri", PLAIN));
            Origin.of(tokens);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("token_uri: " + e.getMessage());
        }
        return new ServiceAccount(
                required(file, "project_id", PROJECT),
                required(file, "client_email", PLAIN),
                required(file, "private_key_id", PLAIN),
                key(text(file, "private_key")),
                tokens);
    }

    private static String text(JsonNode file, String key) {
        JsonNode value = file.get(key);
        return value != null && value.isString() ? value.stringValue() : "";
    }

    private static String required(JsonNode file, String key, Pattern form) {
        String value = text(file, key);
        if (!form.matcher(value).matches()) {
            throw new IllegalArgumentException(key + " is missing, or not what it should be");
        }
        return value;
    }

    private static RSAPrivateKey key(String pem) {
        try {
            byte[] der = Base64.getDecoder().decode(pem.replaceAll("-----[A-Z ]+-----|\\s", ""));
            PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
            return (RSAPrivateKey) key;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("private_key is no RSA key");
        }
    }

    /** What an access token is asked for with (RFC 7523). */
    String assertion(Instant now) {
        String header = encode("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"" + keyId + "\"}");
        String claims = encode("{\"iss\":\"" + email + "\",\"scope\":\"" + SCOPE + "\",\"aud\":\"" + tokens
                + "\",\"iat\":" + now.getEpochSecond() + ",\"exp\":"
                + now.plus(VALIDITY).getEpochSecond() + "}");
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update((header + "." + claims).getBytes(StandardCharsets.US_ASCII));
            return header + "." + claims + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java signs with RSA", e);
        }
    }

    private static String encode(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return email + " of " + project;
    }
}
