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

/**
 * What Xabber's {@code <security/>} brings: one key for all pushes, by which nothing is authenticated. For its clients only,
 * where the operator allows it.
 */
public final class XabberKey implements ClientKey {
    public static final String NAMESPACE = "https://xabber.com/protocol/push";
    public static final Name SECURITY = Name.of(NAMESPACE, "security");

    static final int KIND = 3;

    private static final String CIPHER = "urn:xmpp:ciphers:aes-256cbc";
    private static final Name ENCRYPTION_KEY = Name.of(NAMESPACE, "encryption-key");
    private static final int KEY_BYTES = 32;

    private final byte[] key;
    private final String id;

    private XabberKey(byte[] key) {
        if (key.length != KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + key.length + " bytes (expected: " + KEY_BYTES + ")");
        }
        this.key = key.clone();
        this.id = ClientKey.idOf(key);
    }

    /**
     * @param security {@link #SECURITY}
     * @throws StanzaException {@code feature-not-implemented} for another cipher, {@code bad-request} for no key of it
     */
    public static XabberKey of(Element security) {
        if (!CIPHER.equals(security.attr("cipher"))) {
            throw new StanzaException(StanzaError.featureNotImplemented().withType(StanzaError.Type.MODIFY));
        }
        String key = security.text(ENCRYPTION_KEY);
        try {
            return new XabberKey(Base64.getDecoder().decode(key == null ? "" : key.strip()));
        } catch (IllegalArgumentException e) {
            throw new StanzaException(StanzaError.badRequest("not a key of " + KEY_BYTES + " bytes in base64"));
        }
    }

    @Override
    public String algorithm() {
        return "aes-256-cbc";
    }

    @Override
    public String id() {
        return id;
    }

    byte[] key() {
        return key;
    }

    @Override
    public void write(ValueWriter out) {
        out.u8(KIND).bytes(key);
    }

    static XabberKey readParts(ValueReader in) {
        try {
            return new XabberKey(in.bytes());
        } catch (IllegalArgumentException e) {
            throw new CorruptionException("a device's key that nobody registered: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof XabberKey that && MessageDigest.isEqual(key, that.key);
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
