// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stanza.StanzaException;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import java.security.MessageDigest;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What {@code tigase:push:encrypt:0} brings: one AES key for all pushes, and how long a push may be. */
public final class TigaseKey implements ClientKey {
    public static final String NAMESPACE = "tigase:push:encrypt:0";
    /** The feature that says that this algorithm is known. */
    public static final String AES_128_GCM = "tigase:push:encrypt:aes-128-gcm";

    public static final Name ENCRYPT = Name.of(NAMESPACE, "encrypt");

    static final int KIND = 2;

    private static final String ALGORITHM = "aes-128-gcm";
    private static final int KEY_BYTES = 16;
    private static final int DEFAULT_SIZE = 3000;

    /** Too little to say who wrote. */
    private static final int MIN_SIZE = 256;

    /** More than any provider takes. */
    private static final int MAX_SIZE = 5120;

    private final byte[] key;
    private final int maxSize;
    private final String id;

    private TigaseKey(byte[] key, int maxSize) {
        if (key.length != KEY_BYTES || maxSize < MIN_SIZE || maxSize > MAX_SIZE) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes for " + maxSize);
        }
        this.key = key.clone();
        this.maxSize = maxSize;
        this.id = ClientKey.idOf(key);
    }

    /**
     * @param encrypt {@link #ENCRYPT}
     * @throws StanzaException {@code feature-not-implemented} for another algorithm, {@code bad-request} for no key of it
     */
    public static TigaseKey of(Element encrypt) {
        if (!ALGORITHM.equals(encrypt.attr("alg"))) {
            throw new StanzaException(StanzaError.featureNotImplemented().withType(StanzaError.Type.MODIFY));
        }
        try {
            String size = encrypt.attr("max-size");
            int asked = size == null ? DEFAULT_SIZE : Integer.parseInt(size.strip());
            byte[] key = Base64.getDecoder().decode(encrypt.text().strip());
            return new TigaseKey(key, Math.min(asked, MAX_SIZE));
        } catch (IllegalArgumentException e) {
            throw new StanzaException(StanzaError.badRequest(
                    "not a key of " + KEY_BYTES + " bytes in base64, or a max-size below " + MIN_SIZE));
        }
    }

    @Override
    public String algorithm() {
        return ALGORITHM;
    }

    @Override
    public String id() {
        return id;
    }

    byte[] key() {
        return key;
    }

    /** Characters of base64 that ciphertext and tag may have. */
    int maxSize() {
        return maxSize;
    }

    @Override
    public void write(ValueWriter out) {
        out.u8(KIND).bytes(key).varint(maxSize);
    }

    static TigaseKey readParts(ValueReader in) {
        try {
            return new TigaseKey(in.bytes(), in.size());
        } catch (IllegalArgumentException e) {
            throw new CorruptionException("a device's key that nobody registered: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TigaseKey that && maxSize == that.maxSize && MessageDigest.isEqual(key, that.key);
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
