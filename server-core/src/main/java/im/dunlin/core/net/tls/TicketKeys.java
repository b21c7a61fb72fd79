// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one context's session tickets (RFC 5077, RFC 8446 §4.6.1): a client that comes back within a day need not be
 * shown the certificate again. They are random, in memory only, and replaced daily, since of a TLS 1.2 session the ticket
 * has all there is to know; one of TLS 1.3 still agrees on a secret of its own. Early data is not accepted.
 *
 * <p>The scheduler's thread only.
 */
final class TicketKeys {
    private static final Duration NEWEST_FOR = Duration.ofDays(1);

    private final OpenSslSessionContext context;
    private final SecureRandom random;
    private @Nullable OpenSslSessionTicketKey newest;
    private Instant since = Instant.MIN;

    TicketKeys(OpenSslSessionContext context, SecureRandom random) {
        this.context = context;
        this.random = random;
    }

    /** Makes a new key if the newest is a day old; the one before it is still understood, all others are gone. */
    void rotate(Instant now) {
        OpenSslSessionTicketKey before = newest;
        if (before != null && now.isBefore(since.plus(NEWEST_FOR))) {
            return;
        }
        OpenSslSessionTicketKey made = new OpenSslSessionTicketKey(
                octets(OpenSslSessionTicketKey.NAME_SIZE),
                octets(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                octets(OpenSslSessionTicketKey.AES_KEY_SIZE));
        newest = made;
        since = now;
        if (before == null) {
            context.setTicketKeys(made);
        } else {
            context.setTicketKeys(made, before);
        }
    }

    private byte[] octets(int count) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        return octets;
    }
}
