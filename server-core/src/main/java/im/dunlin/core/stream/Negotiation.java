// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.stream;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.TlsChannel;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.session.Wire;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One stream on its way to a session, as its features see it. On the connection's event loop, but for {@link #proceed}. */
public interface Negotiation {
    Set<StreamTrait> traits();

    /** The id of the stream in its present incarnation (RFC 6120 §4.7.3). */
    String streamId();

    /** The served domain that the peer addressed, prepared. */
    String domain();

    /** Who the peer says it is, in the header of the stream (RFC 6120 §4.7.1): a hint, to be believed by nobody. */
    @Nullable
    Jid from();

    InetAddress remoteAddress();

    /** The TLS connection below, until the stream is authenticated; null without TLS. */
    @Nullable
    TlsChannel tls();

    /** Who the peer is, once authenticated. */
    @Nullable
    Authenticated authenticated();

    /** The account, once authenticated. */
    default @Nullable BareJid account() {
        Authenticated authenticated = authenticated();
        return authenticated == null ? null : authenticated.account();
    }

    void authenticatedAs(Authenticated who);

    /** The session, once bound. */
    @Nullable
    ClientSession session();

    /** The stream belongs to this session from now on: what it sends are its stanzas. */
    void boundAs(ClientSession session);

    /** The way out for a session that is bound or resumed on this connection. */
    Wire wire();

    /** What a feature remembers of this stream until it restarts. */
    <T> @Nullable T remembered(SessionKey<T> key);

    <T> void remember(SessionKey<T> key, @Nullable T value);

    /** Continues after {@link StreamFeature.Step.Pending}; any thread. */
    void proceed(StreamFeature.Step step);

    /** The connection's event loop. */
    Executor loop();

    /** Runs something on the event loop after a delay. */
    void later(Duration delay, Runnable task);

    /** Runs work that takes long, such as a password hash, off the event loop; refuses when too much waits. */
    Executor outside();

    /** Whether this connection is (still) open. Any thread. */
    boolean isOpen();
}
