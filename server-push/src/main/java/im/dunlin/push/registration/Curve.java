// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.registration;

import java.math.BigInteger;
import java.util.Arrays;

/** P-256, as far as it takes to refuse what is no key: Java finds that out only when it is used. */
final class Curve {
    /** Octets of an uncompressed point. */
    static final int POINT = 65;

    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger B =
            new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);
    private static final int UNCOMPRESSED = 4;

    private Curve() {}

    static boolean holds(byte[] point) {
        if (point.length != POINT || point[0] != UNCOMPRESSED) {
            return false;
        }
        BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 33));
        BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, 33, POINT));
        BigInteger right = x.modPow(BigInteger.valueOf(3), P)
                .subtract(x.multiply(BigInteger.valueOf(3)))
                .add(B)
                .mod(P);
        return x.compareTo(P) < 0 && y.compareTo(P) < 0 && y.multiply(y).mod(P).equals(right);
    }
}
