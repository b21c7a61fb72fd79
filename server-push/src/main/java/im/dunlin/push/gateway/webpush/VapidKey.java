// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.webpush;

import im.dunlin.push.gateway.https.Origin;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * By what Web Push servers know that a push comes from whom the app subscribed with (VAPID, RFC 8292). Whoever changes the
 * key makes all subscriptions worthless.
 */
public final class VapidKey {
    /** How long a token is good; RFC 8292 §2 allows twice that. */
    static final Duration VALIDITY = Duration.ofHours(12);

    private static final X9ECParameters P256 = CustomNamedCurves.getByName("secp256r1");

    private static final Pattern SUBJECT = Pattern.compile("(mailto:|https://)[!-~&&[^\"\\\\]]{1,200}");

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final ECPrivateKey key;
    private final String publicKey;
    private final String subject;

    /**
     * @param key of P-256
     * @param subject whom the operator of a push server may ask about us
     * @throws IllegalArgumentException if {@link #isSubject} does not hold
     */
    public VapidKey(ECPrivateKey key, String subject) {
        if (!isSubject(subject)) {
            throw new IllegalArgumentException(subject + " (expected: mailto: or https:// and an address)");
        }
        this.key = key;
        this.subject = subject;
        this.publicKey = BASE64.encodeToString(
                new FixedPointCombMultiplier().multiply(P256.getG(), key.getS()).getEncoded(false));
    }

    /** Whether it is an address of mail or web, as RFC 8292 §2.1 has it. */
    public static boolean isSubject(String text) {
        return SUBJECT.matcher(text).matches();
    }

    /** What the app subscribes with ({@code applicationServerKey}): the uncompressed point in base64url. */
    public String publicKey() {
        return publicKey;
    }

    /** The header Authorization for pushes to this server; good until {@link #VALIDITY} after now. */
    String authorization(Origin audience, Instant now) {
        String header = encode("{\"typ\":\"JWT\",\"alg\":\"ES256\"}");
        String claims = encode("{\"aud\":\"" + audience + "\",\"exp\":"
                + now.plus(VALIDITY).getEpochSecond() + ",\"sub\":\"" + subject + "\"}");
        return "vapid t=" + header + "." + claims + "." + sign(header + "." + claims) + ", k=" + publicKey;
    }

    private static String encode(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private String sign(String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java signs with P-256", e);
        }
    }

    @Override
    public String toString() {
        return "VAPID key " + publicKey;
    }
}
