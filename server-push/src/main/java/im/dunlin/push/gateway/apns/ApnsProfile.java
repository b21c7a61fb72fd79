// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway.apns;

import com.eatthepath.pushy.apns.auth.ApnsSigningKey;
import im.dunlin.push.gateway.PushAddress.Environment;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;

/**
 * One app on Apple's platforms.
 *
 * @param topic its bundle id; calls go to the same with {@code .voip}
 * @param environment of tokens whose registration did not say
 */
public record ApnsProfile(String topic, Environment environment, Credentials credentials) {

    /** How the operator proves to be the app's developer. */
    public sealed interface Credentials {
        /** A key of the developer's team; good for all its apps and both environments. */
        record SigningKey(ApnsSigningKey key) implements Credentials {}

        /** A certificate of this one app. */
        record ClientCertificate(X509Certificate certificate, PrivateKey key) implements Credentials {}
    }
}
