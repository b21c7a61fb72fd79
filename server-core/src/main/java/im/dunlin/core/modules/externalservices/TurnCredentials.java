// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.modules.externalservices;

import im.dunlin.core.stanza.Delay;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a TURN server that shares a secret accepts until a time, without having heard of the user
 * (draft-uberti-behave-turn-rest; coturn's {@code use-auth-secret}).
 *
 * @param expires as XEP-0082 has it
 */
record TurnCredentials(String username, String password, String expires) {
    /** @param user by which the TURN server counts; no localpart has the colon that divides it from the time */
    static TurnCredentials of(String user, Instant expires, byte[] secret) {
        Instant second = expires.truncatedTo(ChronoUnit.SECONDS);
        String username = second.getEpochSecond() + ":" + user;
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret, "HmacSHA1"));
            byte[] password = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
            return new TurnCredentials(username, Base64.getEncoder().encodeToString(password), Delay.format(second));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
