// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLPeerUnverifiedException;

/** The client's side of HT-SHA-256-ENDP: one message that proves a token, bound to the server's certificate. */
record HashedToken(String token, byte[] binding) {
    static final String MECHANISM = "HT-SHA-256-ENDP";

    /** Bound to this connection, whose handshake is complete (RFC 5929 §4.1, for certificates signed with SHA-256). */
    static HashedToken on(SslHandler tls, String token) {
        try {
            byte[] certificate =
                    tls.engine().getSession().getPeerCertificates()[0].getEncoded();
            return new HashedToken(token, MessageDigest.getInstance("SHA-256").digest(certificate));
        } catch (GeneralSecurityException | SSLPeerUnverifiedException e) {
            throw new IllegalStateException("the connection cannot be bound to", e);
        }
    }

    String first(String user) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes((user + '\0').getBytes(StandardCharsets.UTF_8));
        message.writeBytes(proof("Initiator"));
        return Base64.getEncoder().encodeToString(message.toByteArray());
    }

    /** Whether the server knows the token as well. */
    boolean isGenuine(byte[] success) {
        return MessageDigest.isEqual(success, proof("Responder"));
    }

    private byte[] proof(String side) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            mac.update(side.getBytes(StandardCharsets.US_ASCII));
            return mac.doFinal(binding);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
