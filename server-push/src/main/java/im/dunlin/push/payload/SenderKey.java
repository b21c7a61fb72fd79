// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * By what a Web Push server knows that a push comes from whom the device subscribed with (RFC 8292), where the device has made
 * that key itself and gives it away with its registration ({@code urn:xmpp:push2:send:sce+rfc8291+rfc8292:0}).
 */
public final class SenderKey {
    private static final String SEND = "urn:xmpp:push2:send:sce+rfc8291+rfc8292:0";
    private static final Name ALGORITHM = Name.of(SEND, "jwt-alg");
    private static final Name KEY = Name.of(SEND, "jwt-key");
    private static final Name CLAIM = Name.of(SEND, "jwt-claim");
    private static final Name JWT = Name.of("urn:xmpp:push2:0", "jwt");

    private static final Duration VALIDITY = Duration.ofHours(12);
    private static final int MAX_CLAIMS = 10;
    private static final int MAX_CLAIM = 1_000;

    private static final Base64.Encoder BASE64_URL = Base64.getUrlEncoder().withoutPadding();

    private final ECPrivateKey key;
    private final String point;
    private final Map<String, String> claims;

    private SenderKey(ECPrivateKey key, Map<String, String> claims) {
        this.key = key;
        this.point = Base64.getEncoder().encodeToString(P256.pointOf(key.getS()));
        this.claims = claims;
    }

    /**
     * @param send the profile
     * @return null if it has no key
     * @throws StanzaException {@code feature-not-implemented} for another algorithm than ES256, {@code bad-request} for no key
     *     of P-256, and for too many claims
     */
    public static @Nullable SenderKey of(Element send) {
        String algorithm = send.text(ALGORITHM);
        if (algorithm == null) {
            return null;
        }
        if (!algorithm.strip().equals("ES256")) {
            throw StanzaError.featureNotImplemented()
                    .withType(StanzaError.Type.MODIFY)
                    .toException();
        }
        Map<String, String> claims = new LinkedHashMap<>();
        for (Element claim : send.children(CLAIM)) {
            claims.put(Json.clean(claim.requireAttr("name")), Json.clean(claim.text()));
        }
        if (claims.size() > MAX_CLAIMS || claims.toString().length() > MAX_CLAIM) {
            throw StanzaError.badRequest("too many claims").toException();
        }
        return new SenderKey(key(send.requireText(KEY)), claims);
    }

    private static ECPrivateKey key(String pkcs8) {
        try {
            byte[] encoded = Base64.getMimeDecoder().decode(pkcs8);
            if (KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded))
                            instanceof ECPrivateKey key
                    && P256.isCurve(key.getParams())) {
                return key;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // It is none, which is said below.
        }
        throw StanzaError.badRequest("not a key of P-256 in PKCS #8").toException();
    }

    /** What goes along with a push. @param host that answers for it */
    public Element token(String host, Instant now) {
        ObjectNode payload = Json.object();
        claims.forEach(payload::put);
        if (!claims.containsKey("sub")) {
            payload.put("sub", "https://" + host);
        }
        payload.put("exp", now.plus(VALIDITY).getEpochSecond());
        String text = part(Json.object().put("typ", "JWT").put("alg", "ES256")) + "." + part(payload);
        return Element.of(JWT, text + "." + sign(text)).attr("key", point);
    }

    private static String part(ObjectNode json) {
        return BASE64_URL.encodeToString(Json.bytes(json));
    }

    private String sign(String text) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(text.getBytes(StandardCharsets.US_ASCII));
            return BASE64_URL.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java signs with P-256", e);
        }
    }

    @Override
    public String toString() {
        return "sender key " + point;
    }
}
