// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS connection can be bound by: {@code tls-exporter} (RFC 9266) and {@code tls-server-end-point} (RFC 5929
 * section 4). The first on TLS 1.3 only: on 1.2 it would need the extended master secret, and no provider tells whether
 * that was negotiated. Never {@code tls-unique}.
 */
public final class ChannelBindings {
    public static final String EXPORTER = "tls-exporter";
    public static final String SERVER_END_POINT = "tls-server-end-point";

    private static final String EXPORTER_LABEL = "EXPORTER-Channel-Binding";
    private static final int EXPORTER_LENGTH = 32;

    /** {@code ExtendedSSLSession.exportKeyingMaterialData} of Java 25 and later. */
    private static final @Nullable MethodHandle PLATFORM_EXPORTER = platformExporter();

    private ChannelBindings() {}

    /**
     * The bindings of an established connection.
     *
     * @param session of this connection
     * @param exporterSecret the exporter master secret, if it is known; otherwise the platform is asked
     * @param certificate the server's, as the client knows it
     * @return value by type; empty if there is none that holds
     */
    static Map<String, byte[]> of(SSLSession session, byte @Nullable [] exporterSecret, X509Certificate certificate) {
        Map<String, byte[]> bindings = new HashMap<>();
        if (session.getProtocol().equals("TLSv1.3")) {
            byte[] exported = exporterSecret == null
                    ? exportedByPlatform(session)
                    : export(exporterSecret, session.getCipherSuite().endsWith("384"));
            if (exported != null) {
                bindings.put(EXPORTER, exported);
            }
        }
        byte[] endPoint = serverEndPoint(certificate);
        if (endPoint != null) {
            bindings.put(SERVER_END_POINT, endPoint);
        }
        return bindings;
    }

    /**
     * The hash of the server's certificate by the hash of its own signature, MD5 and SHA-1 replaced by SHA-256; null if
     * its signature has no hash of that kind (Ed25519), for which the binding is not defined.
     */
    public static byte @Nullable [] serverEndPoint(X509Certificate certificate) {
        try {
            String hash = signatureHash(certificate);
            return hash == null ? null : MessageDigest.getInstance(hash).digest(certificate.getEncoded());
        } catch (GeneralSecurityException | IOException e) {
            return null;
        }
    }

    private static @Nullable String signatureHash(X509Certificate certificate)
            throws GeneralSecurityException, IOException {
        String algorithm = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        String hash;
        if (algorithm.equals("RSASSA-PSS")) {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(certificate.getSigAlgParams());
            hash = parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
        } else {
            int with = algorithm.indexOf("WITH");
            hash = with < 0 ? "" : algorithm.substring(0, with);
        }
        return switch (hash.replace("-", "")) {
            case "MD5", "SHA1", "SHA256" -> "SHA-256";
            case "SHA224" -> "SHA-224";
            case "SHA384" -> "SHA-384";
            case "SHA512" -> "SHA-512";
            default -> null;
        };
    }

    /** RFC 8446 section 7.5, for an empty context. */
    static byte[] export(byte[] exporterSecret, boolean sha384) {
        String hash = sha384 ? "SHA-384" : "SHA-256";
        try {
            byte[] empty = MessageDigest.getInstance(hash).digest();
            byte[] secret = expandLabel(hash, exporterSecret, EXPORTER_LABEL, empty, empty.length);
            return expandLabel(hash, secret, "exporter", empty, EXPORTER_LENGTH);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has these algorithms", e);
        }
    }

    /** HKDF-Expand-Label (RFC 8446 section 7.1) for at most one block of output. */
    private static byte[] expandLabel(String hash, byte[] secret, String label, byte[] context, int length)
            throws GeneralSecurityException {
        byte[] fullLabel = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer info = ByteBuffer.allocate(2 + 1 + fullLabel.length + 1 + context.length + 1)
                .putShort((short) length)
                .put((byte) fullLabel.length)
                .put(fullLabel)
                .put((byte) context.length)
                .put(context)
                .put((byte) 1);
        String algorithm = "Hmac" + hash.replace("-", "");
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(secret, algorithm));
        return Arrays.copyOf(mac.doFinal(info.array()), length);
    }

    private static byte @Nullable [] exportedByPlatform(SSLSession session) {
        if (PLATFORM_EXPORTER == null || !(session instanceof ExtendedSSLSession extended)) {
            return null;
        }
        try {
            return (byte[]) PLATFORM_EXPORTER.invoke(extended, EXPORTER_LABEL, null, EXPORTER_LENGTH);
        } catch (Throwable e) {
            // A session that cannot export has no such binding; an error of the machine is not ours to hide.
            if (e instanceof Error error) {
                throw error;
            }
            return null;
        }
    }

    private static @Nullable MethodHandle platformExporter() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(
                            ExtendedSSLSession.class,
                            "exportKeyingMaterialData",
                            MethodType.methodType(byte[].class, String.class, byte[].class, int.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }
}
