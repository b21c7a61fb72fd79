// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.TlsChannel;
import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.tls.TlsConnection;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamFeature.Step;
import im.dunlin.core.stream.StreamTrait;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's connection: opens and restarts its streams, runs their negotiation, and then passes stanzas to the account's
 * lane. On the channel's event loop unless a method says otherwise.
 */
final class ClientConnection extends SimpleChannelInboundHandler<StreamEvent>
        implements Negotiation, ChannelWire.Stream, LiveStream {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private final ClientStreams streams;
    private final Carrier carrier;
    private final EnumSet<StreamTrait> traits = EnumSet.noneOf(StreamTrait.class);
    private @Nullable ChannelHandlerContext ctx;
    private @Nullable ChannelWire wire;
    private @Nullable Pace pace;

    private String streamId = "";
    private @Nullable String domain;
    private @Nullable Jid from;
    private boolean headerSent;
    private boolean opened;
    private boolean ended;
    private @Nullable Authenticated authenticated;
    private @Nullable ClientSession session;
    private Map<SessionKey<?>, Object> remembered = new HashMap<>(0);

    private long lastHeard;
    private long deadline;
    private boolean pinged;
    private boolean pending;

    ClientConnection(ClientStreams streams, Carrier carrier) {
        this.streams = streams;
        this.carrier = carrier;
        if (carrier.web()) {
            traits.add(StreamTrait.SECURE);
        }
        this.lastHeard = System.nanoTime();
        this.deadline = lastHeard + streams.limits().timeouts().negotiation().toNanos();
    }

    // ---- the channel
    // -------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        wire = new ChannelWire(context.channel(), this, streams.limits().outbound());
        pace = new Pace(
                context.channel(),
                streams.creditBytes(),
                new RateLimit(streams.limits().rate()));
        streams.opened(this, context.executor());
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    private Pace pace() {
        return Objects.requireNonNull(pace);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        streams.gone(this, context.executor());
        ended = true;
        if (session != null) {
            streams.sessions().connectionLost(session, wire());
        }
        log.debug("{} closed", streamId);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            Objects.requireNonNull(wire).flush();
        }
        // A peer that does not read its answers may not ask for more.
        pace().pause(Pace.Pause.UNREAD, !context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                traits.add(StreamTrait.SECURE);
            } else {
                log.debug("TLS handshake failed: {}", handshake.cause().getMessage());
                context.close();
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof java.io.IOException || cause instanceof DecoderException) {
            log.debug("{}: {}", streamId, cause.toString());
            context.close();
        } else {
            log.error("Connection {} failed", streamId, cause);
            endStream(StreamError.of(StreamError.Condition.INTERNAL_SERVER_ERROR));
        }
    }

    // ---- events
    // ------------------------------------------------------------------------------------------------------

    @Override
    protected void channelRead0(ChannelHandlerContext context, StreamEvent event) {
        if (event instanceof StreamEvent.CarrierClosed closed) {
            hangUp(closed.status());
            return;
        }
        if (ended) {
            return;
        }
        lastHeard = System.nanoTime();
        pinged = false;
        if (event instanceof StreamEvent.Pinged ping) {
            pong(ping.payload());
            return;
        }
        if (event instanceof StreamEvent.Polled polled) {
            pace().nonza(polled.size());
            return;
        }
        pace().progressed();
        if (isOutOfPlace(event)) {
            endStream(StreamError.of(StreamError.Condition.BAD_FORMAT));
        } else if (event instanceof StreamEvent.StanzaReceived received) {
            stanza(received.stanza(), received.size());
        } else if (event instanceof StreamEvent.NonzaReceived received) {
            nonza(received.element(), received.size());
        } else if (event instanceof StreamEvent.MalformedStanza malformed) {
            malformed(malformed);
        } else if (event instanceof StreamEvent.StreamOpened header) {
            open(header);
        } else if (event instanceof StreamEvent.StreamClosed) {
            // The peer is done: whatever its stanzas lead to later can still be resumed or fetched, but not here.
            if (session != null) {
                streams.sessions().streamClosed(session, wire());
            }
            endStream(null);
        } else if (event instanceof StreamEvent.StreamViolation violation) {
            log.debug("{}: {}", streamId, violation.error());
            endStream(violation.error());
        }
    }

    /** Over WebSocket a header is an element like others, which may come again or not at all (RFC 7395 §3.4). */
    private boolean isOutOfPlace(StreamEvent event) {
        return event instanceof StreamEvent.StreamOpened
                ? opened
                : !opened
                        && (event instanceof StreamEvent.StanzaReceived
                                || event instanceof StreamEvent.NonzaReceived
                                || event instanceof StreamEvent.MalformedStanza);
    }

    private void open(StreamEvent.StreamOpened header) {
        streamId = streams.newStreamId();
        opened = true;
        from = header.from();
        Jid to = header.to();
        String host = to == null ? null : to.domain();
        String previous = domain;
        boolean served = host != null && streams.isHost(host);
        domain = served ? host : Objects.requireNonNullElse(previous, streams.defaultHost());
        sendHeader(header);
        StreamError error = null;
        if (!header.contentNamespace().equals(Ns.CLIENT)) {
            error = StreamError.of(StreamError.Condition.INVALID_NAMESPACE);
        } else if (header.version() == null || !header.version().startsWith("1.")) {
            error = StreamError.of(StreamError.Condition.UNSUPPORTED_VERSION);
        } else if (!served || !covers(host)) {
            error = StreamError.of(StreamError.Condition.HOST_UNKNOWN);
        } else if (account() != null && !account().domain().equals(domain)) {
            // The authenticated identity stays what it was, whatever a restart asks for (threat T03).
            error = StreamError.of(StreamError.Condition.NOT_AUTHORIZED);
        }
        if (error != null) {
            endStream(error);
            return;
        }
        sendFeatures();
    }

    /** Whether the certificate that the client was shown speaks for the domain that it wants. */
    private boolean covers(@Nullable String host) {
        TlsConnection tls = carrier.web() ? null : TlsConnection.of(ctx().channel());
        return tls == null || host == null || tls.covers(host);
    }

    /** Whatever comes behind it flushes: one record and one system call for both. */
    private void sendHeader(StreamEvent.@Nullable StreamOpened header) {
        ByteBuf out = ctx().alloc().buffer(256);
        writer().header(out, Jid.of(domain()), header == null ? null : header.from(), streamId, "en");
        ctx().write(out);
        headerSent = true;
    }

    private void sendFeatures() {
        writeNow(streams.negotiator().features(this));
    }

    private void write(Element element) {
        ByteBuf out = ctx().alloc().buffer(256);
        writer().nonza(out, element);
        ctx().write(out);
    }

    private void writeNow(Element element) {
        write(element);
        ctx().flush();
    }

    private void pong(byte[] payload) {
        pace().nonza(payload.length);
        ByteBuf out = ctx().alloc().buffer(payload.length + 2);
        FrameWriter.pong(out, payload);
        ctx().writeAndFlush(out);
    }

    private void nonza(Element element, int bytes) {
        pace().nonza(bytes);
        Step step = streams.negotiator().negotiate(this, element);
        if (step != null) {
            apply(step);
        } else if (session == null || !streams.router().fromClient(session, wire(), element)) {
            endStream(StreamError.of(
                    session == null && !element.name().namespace().equals(Ns.CLIENT)
                            ? StreamError.Condition.NOT_AUTHORIZED
                            : StreamError.Condition.UNSUPPORTED_STANZA_TYPE));
        }
    }

    private void stanza(Stanza stanza, int bytes) {
        ClientSession bound = session;
        if (bound == null) {
            // Resource binding (RFC 6120 §7) is an iq, and so is registration before it; nothing else is.
            Step step = streams.negotiator().negotiate(this, stanza);
            if (step == null) {
                endStream(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
            } else {
                apply(step);
            }
            return;
        }
        Jid from = stanza.from();
        if (from != null
                && !from.equals(bound.jid())
                && !from.equals(bound.jid().bare())) {
            endStream(StreamError.of(StreamError.Condition.INVALID_FROM));
            return;
        }
        pace().stanza(bytes);
        streams.router().fromClient(bound, wire(), stanza.withFrom(bound.jid()), bytes);
    }

    private void malformed(StreamEvent.MalformedStanza malformed) {
        ClientSession bound = session;
        if (bound == null) {
            endStream(StreamError.of(StreamError.Condition.NOT_AUTHORIZED));
            return;
        }
        pace().stanza(malformed.size());
        Stanza answer = malformed.answer();
        streams.router().malformed(bound, wire(), answer == null ? null : answer.withTo(bound.jid()), malformed.size());
    }

    // ---- negotiation
    // -------------------------------------------------------------------------------------------------

    private void apply(Step step) {
        if (step instanceof Step.Reply reply) {
            writeNow(reply.answer());
        } else if (step instanceof Step.Reached reached) {
            traits.addAll(reached.traits());
            if (reached.answer() != null) {
                write(reached.answer());
            }
            if (reached.traits().contains(StreamTrait.AUTHENTICATED)) {
                input().limits(streams.authenticatedLimits());
            }
            if (reached.restart()) {
                ctx().flush();
                restart();
            } else if (reached.features()) {
                sendFeatures();
            } else {
                ctx().flush();
            }
            wire().release();
        } else if (step instanceof Step.BeginTls begin) {
            input().pause();
            if (input().hasLeftover()) {
                // What follows in the clear is refused, not carried over into TLS (threat T01).
                endStream(StreamError.of(StreamError.Condition.POLICY_VIOLATION));
                return;
            }
            writeNow(begin.answer());
            restart();
            ctx().pipeline().addFirst(streams.tls().startTls(domain));
        } else if (step instanceof Step.Close close) {
            if (close.answer() != null) {
                writeNow(close.answer());
            }
            endStream(close.error());
        } else if (step instanceof Step.Pending) {
            pending = true;
            input().pause();
            pace().pause(Pace.Pause.NEGOTIATING, true);
        }
    }

    private void restart() {
        opened = false;
        headerSent = false;
        remembered = new HashMap<>(0);
        // Last, since what the client sent ahead is read at once: maybe the new stream's header.
        input().restart();
    }

    private StreamInput input() {
        return carrier.input();
    }

    @Override
    public void proceed(Step step) {
        ctx().executor().execute(() -> {
            if (ended || !pending) {
                return;
            }
            if (!(step instanceof Step.Pending)) {
                pending = false;
                pace().pause(Pace.Pause.NEGOTIATING, false);
            }
            apply(step);
            if (!pending && !ended) {
                input().resume();
            }
        });
    }

    @Override
    public Set<StreamTrait> traits() {
        return traits;
    }

    @Override
    public String streamId() {
        return streamId;
    }

    @Override
    public String domain() {
        return Objects.requireNonNullElse(domain, streams.defaultHost());
    }

    @Override
    public @Nullable Jid from() {
        return from;
    }

    @Override
    public InetAddress remoteAddress() {
        return carrier.admission().from();
    }

    @Override
    public @Nullable TlsChannel tls() {
        TlsConnection tls = TlsConnection.of(ctx().channel());
        return tls != null ? tls.channel() : carrier.web() ? TlsChannel.ELSEWHERE : null;
    }

    @Override
    public @Nullable Authenticated authenticated() {
        return authenticated;
    }

    @Override
    public void authenticatedAs(Authenticated who) {
        authenticated = who;
        // What was offered and tried includes the bindings, and a stream that does not restart would keep it for good.
        remembered = new HashMap<>(0);
        TlsConnection.forget(ctx().channel());
        carrier.admission().authenticated();
    }

    @Override
    public @Nullable ClientSession session() {
        return session;
    }

    @Override
    public void boundAs(ClientSession bound) {
        session = bound;
    }

    @Override
    public Wire wire() {
        return Objects.requireNonNull(wire);
    }

    @Override
    @SuppressWarnings("unchecked") // remember() pairs key and value by type
    public <T> @Nullable T remembered(SessionKey<T> key) {
        return (T) remembered.get(key);
    }

    @Override
    public <T> void remember(SessionKey<T> key, @Nullable T value) {
        if (value == null) {
            remembered.remove(key);
        } else {
            remembered.put(key, value);
        }
    }

    @Override
    public Executor loop() {
        return ctx().executor();
    }

    @Override
    public void later(Duration delay, Runnable task) {
        ctx().executor().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public Executor outside() {
        return streams.outside();
    }

    @Override
    public boolean isOpen() {
        return ctx().channel().isActive() && !ended;
    }

    // ---- time
    // --------------------------------------------------------------------------------------------------------

    @Override
    public void checkTime(long now) {
        if (ended) {
            return;
        }
        ClientSession bound = session;
        if (bound == null) {
            if (now - deadline > 0) {
                endStream(StreamError.of(StreamError.Condition.CONNECTION_TIMEOUT));
            }
            return;
        }
        Limits.Timeouts timeouts = streams.limits().timeouts();
        long silent = now - lastHeard;
        Duration patience = streams.limits().resumption().ackTimeout();
        boolean unacknowledged = silent > patience.toNanos() && bound.outbound().isOverdue(now);
        if (pace().isStuck(input().isInsideElement(), now, timeouts) || unacknowledged) {
            endStream(StreamError.of(StreamError.Condition.CONNECTION_TIMEOUT));
        } else if (pinged && silent > timeouts.idle().plus(timeouts.answer()).toNanos()) {
            endStream(StreamError.of(StreamError.Condition.CONNECTION_TIMEOUT));
        } else if (!pinged && silent > timeouts.idle().toNanos()) {
            pinged = true;
            streams.sessions().probe(bound, wire());
        }
    }

    /** Returns credit. Any thread. */
    @Override
    public void credit(int bytes) {
        pace().credit(bytes);
    }

    @Override
    public StreamWriter writer() {
        return carrier.writer();
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    /** The carrier is closed, or broken, by the peer: its handshake is answered, and a session may be resumed. */
    private void hangUp(int status) {
        if (ended) {
            ctx().close();
            return;
        }
        ended = true;
        ByteBuf out = ctx().alloc().buffer();
        FrameWriter.close(out, status);
        ctx().writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void close(@Nullable StreamError error) {
        wire().close(error);
    }

    @Override
    public void cut() {
        ctx().close();
    }

    /** Ends the stream: what waits is not written any more, except the error and the closing tag. Event loop. */
    @Override
    public void endStream(@Nullable StreamError error) {
        if (ended) {
            return;
        }
        ended = true;
        ChannelHandlerContext context = ctx();
        if (!context.channel().isActive()) {
            return;
        }
        ByteBuf out = context.alloc().buffer(256);
        if (error != null) {
            if (!headerSent) {
                writer().header(out, Jid.of(domain()), null, streams.newStreamId(), "en");
            }
            writer().error(out, error);
        }
        if (opened || error != null) {
            writer().end(out);
        }
        ChannelFuture written = context.writeAndFlush(out);
        if (!carrier.handshake()) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
        // A peer that does not take even this is not waited for.
        context.executor()
                .schedule(
                        () -> {
                            context.close();
                        },
                        streams.limits().timeouts().close().toMillis(),
                        TimeUnit.MILLISECONDS);
    }
}
