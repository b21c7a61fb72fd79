// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import im.dunlin.core.auth.TlsChannel;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * A TLS connection that is established: what it can be bound by, and for whom its certificate speaks. There from before
 * {@code SslHandshakeCompletionEvent} until {@link #forget}.
 */
public final class TlsConnection {
    private static final AttributeKey<TlsConnection> KEY = AttributeKey.valueOf(TlsConnection.class, "established");

    private final TlsChannel channel;
    private final CertificateNames names;

    TlsConnection(TlsChannel channel, CertificateNames names) {
        this.channel = channel;
        this.names = names;
    }

    /** Null before the handshake is complete and after {@link #forget}. */
    public static @Nullable TlsConnection of(Channel channel) {
        return channel.attr(KEY).get();
    }

    /** Drops the bindings, which nobody needs once the stream is authenticated. */
    public static void forget(Channel channel) {
        channel.attr(KEY).set(null);
    }

    void attachTo(Channel nettyChannel) {
        nettyChannel.attr(KEY).set(this);
    }

    /** What authentication needs. */
    public TlsChannel channel() {
        return channel;
    }

    /**
     * Whether the certificate that the client was shown covers this domain; if not, a stream to it is answered with
     * {@code host-unknown}, though the domain be served with another certificate.
     */
    public boolean covers(String domain) {
        return names.cover(domain);
    }
}
