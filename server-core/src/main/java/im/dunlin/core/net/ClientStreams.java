// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.dispatch.Router;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.core.stream.Negotiator;
import im.dunlin.core.stream.StreamError;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** What all connections of clients, components and other servers share, and where they are known while they live. */
public final class ClientStreams {
    /** How often each event loop looks at the clocks of its connections. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final long WAIT_STEP_NANOS = 1_000_000;

    /** What a session may have under way before it is not read any more: about one large stanza and the next. */
    private static final int CREDIT_STANZAS = 2;

    private final ServerConfig config;
    private final Router router;
    private final Sessions sessions;
    private final Negotiator negotiator;
    private final TlsContexts tls;
    private final Executor outside;
    private final ConnectionLimits addresses;
    private final SecureRandom random = new SecureRandom();
    private final StreamWriter frames = new FrameWriter();
    private final DecoderLimits beforeLogin;
    private final DecoderLimits afterLogin;
    /** By event loop; each set is touched on its loop only. */
    private final Map<EventExecutor, Set<LiveStream>> connections = new ConcurrentHashMap<>();

    private final AtomicInteger open = new AtomicInteger();

    public ClientStreams(
            ServerConfig config,
            Router router,
            Sessions sessions,
            Negotiator negotiator,
            TlsContexts tls,
            Executor outside) {
        this.config = config;
        this.router = router;
        this.sessions = sessions;
        this.negotiator = negotiator;
        this.tls = tls;
        this.outside = outside;
        this.addresses = new ConnectionLimits(config.limits().connections());
        Limits.Stanza shape = config.limits().stanza();
        this.afterLogin = new DecoderLimits(
                shape.bytes(),
                shape.elements(),
                Integer.MAX_VALUE,
                shape.depth(),
                shape.attributes(),
                shape.namespaces(),
                shape.startTagBytes(),
                shape.nameBytes(),
                shape.namespaceBytes(),
                shape.distinctNames());
        this.beforeLogin = new DecoderLimits(
                config.limits().beforeLogin().bytes(),
                config.limits().beforeLogin().elements(),
                DecoderLimits.BEFORE_AUTHENTICATION.whitespace(),
                shape.depth(),
                shape.attributes(),
                shape.namespaces(),
                Math.min(shape.startTagBytes(), config.limits().beforeLogin().bytes()),
                shape.nameBytes(),
                shape.namespaceBytes(),
                shape.distinctNames());
    }

    public Limits limits() {
        return config.limits();
    }

    public DecoderLimits beforeLogin() {
        return beforeLogin;
    }

    DecoderLimits authenticatedLimits() {
        return afterLogin;
    }

    int creditBytes() {
        return CREDIT_STANZAS * config.limits().stanza().bytes();
    }

    public Router router() {
        return router;
    }

    Sessions sessions() {
        return sessions;
    }

    Negotiator negotiator() {
        return negotiator;
    }

    public TlsContexts tls() {
        return tls;
    }

    public Executor outside() {
        return outside;
    }

    public ConnectionLimits addresses() {
        return addresses;
    }

    /**
     * Makes a connection the carrier of a client's stream, now that it has become a WebSocket. On its event loop, with the
     * handlers of HTTP gone.
     */
    public void overWebSocket(Channel channel, ConnectionLimits.Admission admission) {
        XmlStreamDecoder decoder = XmlStreamDecoder.framed(beforeLogin);
        WebSocketFrames input = new WebSocketFrames(decoder, beforeLogin);
        channel.pipeline()
                .addLast(input, decoder, new ClientConnection(this, new Carrier(input, frames, admission, true)));
    }

    boolean isHost(String domain) {
        return config.hosts().containsKey(domain);
    }

    String defaultHost() {
        return config.hosts().keySet().iterator().next();
    }

    /** RFC 6120 §4.7.3: unpredictable, since SASL and dialback build on it. */
    public String newStreamId() {
        byte[] bits = new byte[16];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }

    // ---- connections
    // -------------------------------------------------------------------------------------------------

    /** On the connection's event loop. */
    public void opened(LiveStream connection, EventExecutor loop) {
        open.incrementAndGet();
        connections
                .computeIfAbsent(loop, each -> {
                    each.scheduleWithFixedDelay(
                            () -> look(each), LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
                    return new HashSet<>();
                })
                .add(connection);
    }

    /** On the connection's event loop. */
    public void gone(LiveStream connection, EventExecutor loop) {
        Set<LiveStream> known = connections.get(loop);
        if (known != null && known.remove(connection)) {
            open.decrementAndGet();
        }
    }

    private void look(EventExecutor loop) {
        long now = System.nanoTime();
        forEach(loop, connection -> connection.checkTime(now));
    }

    private void forEach(EventExecutor loop, Consumer<LiveStream> then) {
        Set<LiveStream> known = connections.get(loop);
        if (known != null) {
            // A copy, since ending one takes it out.
            Set.copyOf(known).forEach(then);
        }
    }

    /** Waits until no connection is left, but no longer than this. */
    public void awaitNone(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (open.get() > 0 && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(WAIT_STEP_NANOS);
        }
    }

    /** Ends all streams with this error. Returns at once; the connections close when they have been told. */
    public void closeAll(StreamError error) {
        for (EventExecutor loop : connections.keySet()) {
            loop.execute(() -> forEach(loop, connection -> connection.close(error)));
        }
    }

    /** Ends all connections that are left, without a word. */
    public void cutAll() {
        for (EventExecutor loop : connections.keySet()) {
            loop.execute(() -> forEach(loop, LiveStream::cut));
        }
    }
}
