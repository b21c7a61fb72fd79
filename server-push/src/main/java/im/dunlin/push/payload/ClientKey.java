// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import im.dunlin.core.auth.ScramHash;
import im.dunlin.storage.CorruptionException;
import im.dunlin.storage.ValueReader;
import im.dunlin.storage.ValueWriter;
import java.util.Arrays;
import java.util.Base64;

/** What a device gave so that only it can read its pushes. Made only of material that can be used. */
public sealed interface ClientKey permits WebPushKey, TigaseKey, XabberKey {
    /** As the form that the device speaks calls it. */
    String algorithm();

    /** Names the key without telling it: the beginning of a hash, 8 characters. */
    String id();

    /** The parts, behind a number that says which kind they are of. */
    void write(ValueWriter out);

    /** @throws CorruptionException for what {@link #write} does not make */
    static ClientKey read(ValueReader in) {
        int kind = in.u8();
        return switch (kind) {
            case WebPushKey.KIND -> WebPushKey.readParts(in);
            case TigaseKey.KIND -> TigaseKey.readParts(in);
            case XabberKey.KIND -> XabberKey.readParts(in);
            default -> throw new CorruptionException("a device's key of kind " + kind);
        };
    }

    /** The first six bytes of the key's SHA-256. */
    static String idOf(byte[] key) {
        byte[] hash = Arrays.copyOf(ScramHash.SHA_256.hash(key), 6);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    }
}
