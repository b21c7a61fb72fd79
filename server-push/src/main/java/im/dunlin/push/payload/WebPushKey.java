// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.jspecify.annotations.Nullable;

/**
 * The subscription keys of RFC 8291: a point of P-256 and a secret that authenticates. For every transport, not only Web
 * Push.
 */
public final class WebPushKey implements ClientKey {
    static final int KIND = 1;

    private static final int SECRET_BYTES = 16;

    private final byte[] encoded;
    private final byte[] secret;
    private final ECPublicKeyParameters point;
    private final String id;

    private WebPushKey(byte[] encoded, byte[] secret) {
        this.encoded = encoded.clone();
        this.secret = secret.clone();
        this.point = P256.point(encoded);
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "a secret of " + secret.length + " bytes (expected: " + SECRET_BYTES + ")");
        }
        this.id = ClientKey.idOf(encoded);
    }

    /**
     * @param point uncompressed, 65 bytes
     * @param secret 16 bytes
     * @throws StanzaException {@code bad-request} for anything else, and for a point that is not on the curve
     */
    public static WebPushKey of(byte[] point, byte[] secret) {
        try {
            return new WebPushKey(point, secret);
        } catch (IllegalArgumentException e) {
            throw new StanzaException(StanzaError.badRequest("not a P-256 key of 65 bytes and a secret of 16"));
        }
    }

    /**
     * @param point in base64url, with or without padding
     * @param secret so as well
     * @throws StanzaException {@code bad-request} for no such key
     */
    public static WebPushKey of(String point, String secret) {
        return of(decode(point), decode(secret));
    }

    private static byte[] decode(String base64) {
        try {
            return Base64.getUrlDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new StanzaException(StanzaError.badRequest("not base64url"));
        }
    }

    @Override
    public String algorithm() {
        return "webpush";
    }

    @Override
    public String id() {
        return id;
    }

    /** The public key as it stands in the key schedule. */
    byte[] encoded() {
        return encoded;
    }

    byte[] secret() {
        return secret;
    }

    ECPublicKeyParameters point() {
        return point;
    }

    @Override
    public void write(ValueWriter out) {
        out.u8(KIND).bytes(encoded).bytes(secret);
    }

    static WebPushKey readParts(ValueReader in) {
        try {
            return new WebPushKey(in.bytes(), in.bytes());
        } catch (IllegalArgumentException e) {
            throw new CorruptionException("a device's key that nobody registered: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WebPushKey that
                && Arrays.equals(encoded, that.encoded)
                && Arrays.equals(secret, that.secret);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return algorithm() + " key " + id;
    }
}
