// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.spec.ECParameterSpec;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.agreement.ECDHBasicAgreement;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.bouncycastle.util.BigIntegers;

/** The curve P-256, of Bouncy Castle: several times faster than the platform's, and it checks points when they are read. */
final class P256 {
    /** Uncompressed: 4, x, y. */
    static final int POINT_BYTES = 65;

    private static final int FIELD_BYTES = 32;

    private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256r1");
    private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);

    private P256() {}

    /** @throws IllegalArgumentException for anything but an uncompressed point on the curve */
    static ECPublicKeyParameters point(byte[] encoded) {
        if (encoded.length != POINT_BYTES || encoded[0] != 4) {
            throw new IllegalArgumentException("not an uncompressed point of P-256");
        }
        return new ECPublicKeyParameters(CURVE.getCurve().decodePoint(encoded), DOMAIN);
    }

    /** The public half of a key, uncompressed. */
    static byte[] pointOf(BigInteger secret) {
        return new FixedPointCombMultiplier().multiply(CURVE.getG(), secret).getEncoded(false);
    }

    /** Whether Java means this curve. */
    static boolean isCurve(ECParameterSpec parameters) {
        return parameters.getOrder().equals(CURVE.getN())
                && parameters.getCurve().getB().equals(CURVE.getCurve().getB().toBigInteger());
    }

    static Pair newPair(SecureRandom random) {
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        generator.init(new ECKeyGenerationParameters(DOMAIN, random));
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        ECPublicKeyParameters point = (ECPublicKeyParameters) pair.getPublic();
        return new Pair((ECPrivateKeyParameters) pair.getPrivate(), point.getQ().getEncoded(false));
    }

    /**
     * A key of the server's, for one message.
     *
     * @param point its public half, uncompressed
     */
    record Pair(ECPrivateKeyParameters secret, byte[] point) {
        /** The x coordinate of what both sides know. */
        byte[] agree(ECPublicKeyParameters other) {
            ECDHBasicAgreement agreement = new ECDHBasicAgreement();
            agreement.init(secret);
            return BigIntegers.asUnsignedByteArray(FIELD_BYTES, agreement.calculateAgreement(other));
        }
    }
}
