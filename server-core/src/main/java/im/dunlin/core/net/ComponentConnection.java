// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.component.Component;
import im.dunlin.core.config.ComponentConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.stanza.Header;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import im.dunlin.core.xml.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A component's connection (XEP-0114): header, handshake, then stanzas of its domain. On the channel's event loop unless a method
 * says otherwise.
 */
final class ComponentConnection extends SimpleChannelInboundHandler<StreamEvent>
        implements ChannelWire.Stream, LiveStream {
    private static final Logger log = LoggerFactory.getLogger(ComponentConnection.class);

    private static final Name HANDSHAKE = Name.of(Ns.COMPONENT, "handshake");
    private static final Name STREAM_ERROR = Name.of(Ns.STREAMS, "error");
    private static final Element PING = Element.of(Name.of("urn:xmpp:ping", "ping"));
    private static final StreamWriter WRITER = new StanzaWriter(Ns.COMPONENT);

    private final ClientStreams streams;
    private final ComponentAccess access;
    private final StreamInput input;
    private final ConnectionLimits.Admission admission;
    private final long deadline;
    private @Nullable ChannelHandlerContext ctx;

    private @Nullable Component component;
    private String streamId = "";
    private boolean headerSent;
    /** A handshake waits to be judged. */
    private boolean judging;
    /** From the handshake on. */
    private @Nullable ChannelWire wire;

    private @Nullable Pace pace;
    private boolean ended;
    private long lastHeard = System.nanoTime();
    private boolean pinged;

    ComponentConnection(
            ClientStreams streams, ComponentAccess access, StreamInput input, ConnectionLimits.Admission admission) {
        this.streams = streams;
        this.access = access;
        this.input = input;
        this.admission = admission;
        this.deadline = lastHeard + streams.limits().timeouts().negotiation().toNanos();
    }

    // ---- the channel
    // -------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        streams.opened(this, context.executor());
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        streams.gone(this, context.executor());
        ended = true;
        leave();
    }

    /** The component is away from now on, and what it was not sent comes back to the senders. */
    private void leave() {
        ChannelWire connected = wire;
        Component left = component;
        if (connected != null && left != null) {
            left.disconnect(connected);
            connected.abandon();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        boolean writable = context.channel().isWritable();
        if (wire != null && writable) {
            wire.flush();
        }
        if (pace != null) {
            pace.pause(Pace.Pause.UNREAD, !writable);
        }
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            log.debug("{}: {}", streamId, cause.toString());
            context.close();
        } else {
            log.error("The connection of component {} failed", name(), cause);
            endStream(StreamError.of(Condition.INTERNAL_SERVER_ERROR));
        }
    }

    private String name() {
        return component == null ? "(unknown)" : component.domain();
    }

    // ---- events
    // ------------------------------------------------------------------------------------------------------

    @Override
    protected void channelRead0(ChannelHandlerContext context, StreamEvent event) {
        if (ended) {
            return;
        }
        lastHeard = System.nanoTime();
        pinged = false;
        if (pace != null) {
            pace.progressed();
        }
        if (event instanceof StreamEvent.StreamOpened header) {
            open(header);
        } else if (event instanceof StreamEvent.NonzaReceived received) {
            nonza(received.element(), received.size());
        } else if (event instanceof StreamEvent.StreamClosed) {
            endStream(null);
        } else if (event instanceof StreamEvent.StreamViolation violation) {
            log.debug("{}: {}", name(), violation.error());
            endStream(violation.error());
        } else if (wire == null) {
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        } else if (event instanceof StreamEvent.StanzaReceived received) {
            stanza(received.stanza(), received.size());
        } else if (event instanceof StreamEvent.MalformedStanza malformed) {
            malformed(malformed);
        }
    }

    private void open(StreamEvent.StreamOpened header) {
        Jid to = header.to();
        component = to == null || !to.equals(to.bare()) || to.local() != null
                ? null
                : streams.router().component(to);
        streamId = streams.newStreamId();
        sendHeader(to);
        if (component == null) {
            endStream(StreamError.of(Condition.HOST_UNKNOWN));
        }
    }

    /** @param from the name that the component asked for, as the protocol has it */
    private void sendHeader(@Nullable Jid from) {
        ByteBuf out = ctx().alloc().buffer(256);
        WRITER.header(out, from, null, streamId, null);
        ctx().writeAndFlush(out);
        headerSent = true;
    }

    private void nonza(Element element, int bytes) {
        if (element.is(STREAM_ERROR)) {
            log.info("Component {} says: {}", name(), StreamError.of(element));
            endStream(null);
        } else if (wire != null && pace != null) {
            pace.nonza(bytes);
            endStream(StreamError.of(Condition.UNSUPPORTED_STANZA_TYPE));
        } else if (element.is(HANDSHAKE) && component != null && !judging) {
            judge(component, element.text());
        } else {
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        }
    }

    private void judge(Component asked, String handshake) {
        Duration delay = access.delay(admission.from(), asked);
        if (delay.isZero()) {
            judged(asked, handshake);
        } else {
            judging = true;
            ctx().executor().schedule(() -> judged(asked, handshake), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void judged(Component asked, String handshake) {
        if (ended) {
            return;
        }
        judging = false;
        if (access.knows(admission.from(), asked, streamId, handshake)) {
            connected(asked);
        } else {
            log.info("Component {} does not know its secret", name());
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        }
    }

    private void connected(Component as) {
        ComponentConfig config = access.config(as);
        Limits.Outbound usual = streams.limits().outbound();
        ChannelWire connection = new ChannelWire(
                ctx().channel(),
                this,
                new Limits.Outbound(
                        usual.lowWaterBytes(), usual.highWaterBytes(), config.queueBytes(), config.queueStanzas()));
        wire = connection;
        pace = new Pace(
                ctx().channel(),
                streams.creditBytes(),
                new RateLimit(config.bytesPerSecond(), config.stanzasPerSecond()));
        input.limits(streams.authenticatedLimits());
        admission.authenticated();
        // Before it is told, since others may write to it from then on; what they write is behind the answer all the
        // same.
        boolean replaced = as.connect(connection);
        ByteBuf out = ctx().alloc().buffer();
        WRITER.nonza(out, Element.of(HANDSHAKE));
        ctx().writeAndFlush(out);
        log.info(
                "Component {} is connected{}",
                as.domain(),
                replaced ? ", in place of a connection that was there" : "");
    }

    private void stanza(Stanza stanza, int bytes) {
        Stanza checked = fromDomain(stanza);
        if (checked == null) {
            endStream(StreamError.of(Condition.INVALID_FROM));
            return;
        }
        pace().stanza(bytes);
        if (checked.to() != null) {
            streams.router().fromComponent(wire(), checked, bytes);
            return;
        }
        if (!checked.isAnswer()) {
            wire().write(checked.error(StanzaError.badRequest("a component's stanza says whom it is for")));
        }
        pace().credit(bytes);
    }

    /** Null if it claims to be of somebody else's domain. Without any address it is the component's own. */
    private @Nullable Stanza fromDomain(Stanza stanza) {
        Jid own = Jid.of(name());
        Jid from = stanza.from();
        if (from == null) {
            return stanza.withFrom(own);
        }
        return from.domain().equals(own.domain()) ? stanza : null;
    }

    private void malformed(StreamEvent.MalformedStanza malformed) {
        pace().stanza(malformed.size());
        Jid from = malformed.from();
        if (from == null || !from.domain().equals(name())) {
            endStream(StreamError.of(Condition.INVALID_FROM));
            return;
        }
        Stanza answer = malformed.answer();
        if (answer != null) {
            wire().write(answer);
        }
        pace().credit(malformed.size());
    }

    private ChannelWire wire() {
        return Objects.requireNonNull(wire);
    }

    private Pace pace() {
        return Objects.requireNonNull(pace);
    }

    // ---- time
    // --------------------------------------------------------------------------------------------------------

    @Override
    public void checkTime(long now) {
        if (ended) {
            return;
        }
        if (wire == null || pace == null) {
            if (now - deadline > 0) {
                endStream(StreamError.of(Condition.CONNECTION_TIMEOUT));
            }
            return;
        }
        Limits.Timeouts timeouts = streams.limits().timeouts();
        long silent = now - lastHeard;
        if (pace.isStuck(input.isInsideElement(), now, timeouts)
                || pinged && silent > timeouts.idle().plus(timeouts.answer()).toNanos()) {
            endStream(StreamError.of(Condition.CONNECTION_TIMEOUT));
        } else if (!pinged && silent > timeouts.idle().toNanos()) {
            pinged = true;
            // Its answer ends at the host, which asked nothing: that it came is enough.
            Header header = new Header(Jid.of(name()), Jid.of(streams.defaultHost()), "ping-" + streamId, null);
            wire.write(Iq.of(header, Iq.Type.GET, Payload.of(PING)));
        }
    }

    // ---- ChannelWire.Stream
    // ------------------------------------------------------------------------------------------

    @Override
    public StreamWriter writer() {
        return WRITER;
    }

    @Override
    public void credit(int bytes) {
        pace().credit(bytes);
    }

    @Override
    public void unsent(Stanza stanza) {
        // Later, since this may run under the lock of this connection's queue and end in another one's.
        ctx().executor().execute(() -> streams.router().undelivered(stanza));
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    @Override
    public void close(@Nullable StreamError error) {
        if (wire == null) {
            endStream(error);
        } else {
            wire.close(error);
        }
    }

    @Override
    public void cut() {
        ctx().close();
    }

    @Override
    public void endStream(@Nullable StreamError error) {
        if (ended) {
            return;
        }
        ended = true;
        leave();
        ChannelHandlerContext context = ctx();
        if (!context.channel().isActive()) {
            return;
        }
        ByteBuf out = context.alloc().buffer(256);
        if (!headerSent) {
            WRITER.header(out, null, null, streams.newStreamId(), null);
        }
        if (error != null) {
            WRITER.error(out, error);
        }
        WRITER.end(out);
        context.writeAndFlush(out).addListener(ChannelFutureListener.CLOSE);
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
