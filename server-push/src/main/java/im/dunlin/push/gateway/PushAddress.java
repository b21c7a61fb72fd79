// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** How a push service names one device. A secret: its text form is a short digest, good for logs and nothing else. */
public sealed interface PushAddress {

    /**
     * A token of APNs or FCM.
     *
     * @param environment APNs only; {@code null} when the registration did not say: then the app profile's
     */
    record Token(String token, @Nullable Environment environment) implements PushAddress {
        @Override
        public String toString() {
            return "token " + digest(token);
        }
    }

    /** The endpoint of a Web Push subscription (RFC 8030 §2). Comes from a user and may be any text that is a URI. */
    record Subscription(URI endpoint) implements PushAddress {
        @Override
        public String toString() {
            return "endpoint " + digest(endpoint.toString());
        }
    }

    /** The two APNs that there are. A token of one is nothing to the other. */
    enum Environment {
        PRODUCTION,
        SANDBOX
    }

    /** Six hex digits by which an operator can tell whether two lines of a log are about the same device. */
    private static String digest(String secret) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 3);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
