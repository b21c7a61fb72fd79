// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.Limits;
import im.dunlin.core.net.LiveStream;
import im.dunlin.core.net.StanzaWriter;
import im.dunlin.core.net.StreamEvent;
import im.dunlin.core.net.StreamInput;
import im.dunlin.core.net.StreamWriter;
import im.dunlin.core.net.tls.PeerCertificates;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream that we open to another server, up to TLS with a certificate that will do; what it is for goes on from there. On the
 * channel's event loop.
 */
final class OutgoingStream extends SimpleChannelInboundHandler<StreamEvent> implements LiveStream {
    private static final Logger log = LoggerFactory.getLogger(OutgoingStream.class);

    static final StreamWriter WRITER = new StanzaWriter(Ns.SERVER);

    static final Name FEATURES = Name.of(Ns.STREAMS, "features");
    private static final Name STREAM_ERROR = Name.of(Ns.STREAMS, "error");
    private static final Name STARTTLS = Name.of(Ns.TLS, "starttls");
    private static final Name PROCEED = Name.of(Ns.TLS, "proceed");

    /** What a stream is for. On the stream's event loop. */
    interface Purpose {
        /** The stream is encrypted, and the server's certificate will do. */
        void secured(OutgoingStream stream, Element features);

        /** An element that is no stanza has come, after {@link #secured}. */
        void received(Element element);

        /** The channel takes more, or time has passed. @param now {@link System#nanoTime} */
        default void look(long now) {}

        /** There is no stream, or no longer. Nothing follows. */
        void failed(Failure failure);
    }

    private final ServerStreams servers;
    private final DomainPair pair;
    private final StreamInput input;
    private final Purpose purpose;
    private final Endpoint endpoint;
    private final long deadline;

    private @Nullable ChannelHandlerContext ctx;
    private String streamId = "";
    private boolean secure;
    /** The certificate was judged. */
    private boolean trusted;

    private @Nullable Element features;
    private boolean handedOver;
    private boolean established;
    private boolean ended;
    private boolean told;
    private long unwritableSince;
    private Failure failure = Failure.unreachable("it closed the connection");

    OutgoingStream(
            ServerStreams servers,
            DomainPair pair,
            StreamInput input,
            Purpose purpose,
            Endpoint endpoint,
            long deadline) {
        this.servers = servers;
        this.pair = pair;
        this.input = input;
        this.purpose = purpose;
        this.endpoint = endpoint;
        this.deadline = deadline;
    }

    // ---- the channel
    // -------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        servers.streams().opened(this, context.executor());
        if (endpoint.directTls()) {
            beginTls();
        } else {
            sendHeader();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        servers.streams().gone(this, context.executor());
        ended = true;
        tell();
    }

    private void tell() {
        if (!told) {
            told = true;
            log.debug("The stream between {} has ended: {}", pair, failure.reason());
            purpose.failed(failure);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        unwritableSince = context.channel().isWritable() ? 0 : System.nanoTime();
        if (context.channel().isWritable() && !ended) {
            purpose.look(System.nanoTime());
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && !ended) {
            if (handshake.isSuccess()) {
                secured(context.pipeline().get(SslHandler.class));
            } else {
                fail("TLS failed: " + handshake.cause().getMessage());
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            failure = Failure.unreachable(String.valueOf(cause.getMessage()));
        } else {
            log.error("The stream between {} failed", pair, cause);
        }
        context.close();
    }

    // ---- events
    // ------------------------------------------------------------------------------------------------------

    @Override
    protected void channelRead0(ChannelHandlerContext context, StreamEvent event) {
        if (ended) {
            return;
        }
        if (event instanceof StreamEvent.StreamOpened header) {
            streamId = Objects.requireNonNullElse(header.id(), "");
            if (header.version() == null || !header.version().startsWith("1.")) {
                fail("it is of a time before TLS");
            }
        } else if (event instanceof StreamEvent.NonzaReceived received) {
            nonza(received.element());
        } else if (event instanceof StreamEvent.StreamClosed) {
            endStream(null);
        } else if (event instanceof StreamEvent.StreamViolation violation) {
            failure = Failure.unreachable("it broke a rule of streams: " + violation.error());
            endStream(violation.error());
        } else {
            // Nobody has proved on this stream whose stanzas these are.
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        }
    }

    private void nonza(Element element) {
        if (element.is(STREAM_ERROR)) {
            StreamError error = StreamError.of(element);
            boolean isUnknown = error.condition() == Condition.HOST_UNKNOWN || error.condition() == Condition.HOST_GONE;
            String reason = "it says " + error;
            // In the clear anybody may say so who is between us.
            failure = isUnknown && trusted && !established ? Failure.notFound(reason) : Failure.unreachable(reason);
            endStream(null);
        } else if (handedOver) {
            purpose.received(element);
        } else if (element.is(FEATURES) && features == null) {
            features(element);
        } else if (element.is(PROCEED) && !secure && features != null) {
            proceed();
        } else {
            fail("it says what nobody has asked for: " + element.name());
        }
    }

    private void features(Element offered) {
        features = offered;
        if (secure) {
            handOver();
        } else if (offered.has(STARTTLS)) {
            write(Element.of(STARTTLS));
        } else {
            // Whether it has none, or somebody between us takes it away (threat T01).
            fail("it does not offer TLS");
        }
    }

    private void proceed() {
        input.pause();
        if (input.hasLeftover()) {
            fail("it sent something in the clear behind its leave to begin TLS");
            return;
        }
        input.restart();
        features = null;
        beginTls();
    }

    private void beginTls() {
        ctx().pipeline()
                .addFirst(servers.tls().toServer(pair.local(), pair.remote(), endpoint.directTls(), ctx().alloc()));
    }

    /** Begins the stream inside TLS only when the certificate was judged: what is said before does not count. */
    private void secured(SslHandler tls) {
        secure = true;
        servers.judge(
                PeerCertificates.shownTo(tls),
                pair.remote(),
                fault -> ctx().executor().execute(() -> judged(fault)));
    }

    private void judged(@Nullable String fault) {
        if (ended) {
            return;
        }
        if (fault != null && servers.policy().needsCertificate(pair.remote())) {
            failure = Failure.unreachable("it has " + fault);
            cut();
            return;
        }
        trusted = true;
        sendHeader();
    }

    private void handOver() {
        if (trusted && features != null && !handedOver) {
            handedOver = true;
            purpose.secured(this, features);
        }
    }

    // ---- for the purpose
    // ---------------------------------------------------------------------------------------------

    /** Begins the stream anew, as after SASL; its features come to the purpose. */
    void restart() {
        input.restart();
        sendHeader();
    }

    /** Of the stream inside TLS, as the other server has named it. */
    String streamId() {
        return streamId;
    }

    /** It has become what it is for: from now on it is not in a hurry. */
    void established() {
        established = true;
    }

    boolean isWritable() {
        return !ended && ctx().channel().isWritable();
    }

    void write(Element element) {
        ByteBuf out = ctx().alloc().buffer();
        WRITER.nonza(out, element);
        ctx().writeAndFlush(out);
    }

    /** Writes stanzas that {@link #flush} sends. @return done when the system has all of them */
    ChannelFuture write(List<Stanza> stanzas) {
        ByteBuf out = ctx().alloc().buffer();
        stanzas.forEach(stanza -> WRITER.stanza(out, stanza));
        return ctx().write(out);
    }

    void flush() {
        ctx().flush();
    }

    /** Ends it, for a reason of ours. */
    void fail(String reason) {
        fail(Failure.unreachable(reason));
    }

    void fail(Failure reason) {
        failure = reason;
        endStream(null);
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    private void sendHeader() {
        ByteBuf out = ctx().alloc().buffer(256);
        WRITER.header(out, pair.localAddress(), pair.remoteAddress(), null, null);
        ctx().writeAndFlush(out);
    }

    @Override
    public void checkTime(long now) {
        Limits.Timeouts timeouts = servers.streams().limits().timeouts();
        if (ended) {
            return;
        }
        if (!established && now - deadline > 0) {
            fail("it took too long");
        } else if (unwritableSince != 0
                && now - unwritableSince > timeouts.send().toNanos()) {
            failure = Failure.unreachable("it does not read");
            cut();
        } else if (established) {
            purpose.look(now);
        }
    }

    @Override
    public void close(@Nullable StreamError error) {
        endStream(error);
    }

    @Override
    public void cut() {
        ctx().close();
    }

    private void endStream(@Nullable StreamError error) {
        if (ended) {
            return;
        }
        ended = true;
        ByteBuf out = ctx().alloc().buffer(64);
        if (error != null) {
            WRITER.error(out, error);
        }
        WRITER.end(out);
        ctx().writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
        ctx().executor()
                .schedule(
                        () -> ctx().close(),
                        servers.streams().limits().timeouts().close().toMillis(),
                        TimeUnit.MILLISECONDS);
    }
}
