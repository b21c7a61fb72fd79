// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;

/** The curve P-256, of Bouncy Castle: several times faster than the platform's, and it checks points when they are read. */
final class P256 {
    /** Uncompressed: 4, x, y. */
    static final int POINT_BYTES = 65;

    static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256r1");

    private P256() {}

    /** @throws IllegalArgumentException for anything but an uncompressed point on the curve */
    static ECPoint point(byte[] encoded) {
        if (encoded.length != POINT_BYTES || encoded[0] != 4) {
            throw new IllegalArgumentException("not an uncompressed point of P-256");
        }
        return CURVE.getCurve().decodePoint(encoded);
    }
}
