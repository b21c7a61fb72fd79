// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.net.ConnectionLimits;
import im.dunlin.core.net.DecoderLimits;
import im.dunlin.core.net.LiveStream;
import im.dunlin.core.net.Pace;
import im.dunlin.core.net.RateLimit;
import im.dunlin.core.net.StreamEvent;
import im.dunlin.core.net.StreamInput;
import im.dunlin.core.net.StreamWriter;
import im.dunlin.core.net.tls.PeerCertificates;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.ElementBuilder;
import im.dunlin.core.xml.Name;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream that another server has opened: TLS, proof of its domains, then its stanzas. It answers, too, whether keys that other
 * servers were shown are ours. On the channel's event loop unless a method says otherwise.
 */
final class IncomingStream extends SimpleChannelInboundHandler<StreamEvent> implements LiveStream {
    private static final Logger log = LoggerFactory.getLogger(IncomingStream.class);

    private static final StreamWriter WRITER = OutgoingStream.WRITER;
    private static final Name FEATURES = Name.of(Ns.STREAMS, "features");
    private static final Name STREAM_ERROR = Name.of(Ns.STREAMS, "error");
    private static final Name STARTTLS = Name.of(Ns.TLS, "starttls");
    private static final Element PROCEED = Element.of(Name.of(Ns.TLS, "proceed"));
    private static final Element TLS_REQUIRED = Element.of(STARTTLS).child(Element.of(Name.of(Ns.TLS, "required")));

    /** Pairs that one stream may be for: all hosts of one provider and all of ours, in reason. */
    private static final int MOST_PAIRS = 100;

    /** Claims that wait to be verified, each of which is a connection of ours. */
    private static final int MOST_CLAIMS = 5;

    /** Claims that came to nothing; a server knows what it is. */
    private static final int MOST_FAILED = 10;

    private final ServerStreams servers;
    private final StreamInput input;
    private final ConnectionLimits.Admission admission;
    private final long deadline;

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Pace pace;
    private String streamId = "";
    private @Nullable String local;
    private @Nullable String remote;
    private boolean headerSent;
    private boolean secure;
    private List<X509Certificate> shown = List.of();
    /** The certificate is valid for the domain that the stream is from. */
    private boolean certified;
    /** By its certificate. */
    private @Nullable DomainPair proved;

    private boolean ended;
    private int failed;
    private final Set<DomainPair> claimed = new HashSet<>();
    private final Set<DomainPair> authenticated = new HashSet<>();
    private volatile long lastHeard = System.nanoTime();

    IncomingStream(ServerStreams servers, StreamInput input, ConnectionLimits.Admission admission) {
        this.servers = servers;
        this.input = input;
        this.admission = admission;
        this.deadline =
                lastHeard + servers.streams().limits().timeouts().negotiation().toNanos();
    }

    // ---- the channel
    // -------------------------------------------------------------------------------------------------

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        ctx = context;
        pace = new Pace(
                context.channel(),
                2 * DecoderLimits.SERVER.stanzaBytes(),
                new RateLimit(
                        servers.config().bytesPerSecond(), servers.config().stanzasPerSecond()));
        servers.streams().opened(this, context.executor());
    }

    private ChannelHandlerContext ctx() {
        return Objects.requireNonNull(ctx);
    }

    private Pace pace() {
        return Objects.requireNonNull(pace);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        servers.streams().gone(this, context.executor());
        ended = true;
        authenticated.forEach(pair -> servers.incoming().remove(pair.remote(), this));
        if (!authenticated.isEmpty()) {
            log.info("Stream closed from {} to {}", remote, local);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        pace().pause(Pace.Pause.UNREAD, !context.channel().isWritable());
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                secure = true;
                shown = PeerCertificates.shownTo(context.pipeline().get(SslHandler.class));
            } else {
                log.debug(
                        "TLS of {} failed: {}",
                        admission.from(),
                        handshake.cause().getMessage());
                context.close();
            }
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException || cause instanceof DecoderException) {
            log.debug("{}: {}", admission.from(), cause.toString());
            context.close();
        } else {
            log.error("The stream of server {} failed", remote, cause);
            endStream(StreamError.of(Condition.INTERNAL_SERVER_ERROR));
        }
    }

    // ---- events
    // ------------------------------------------------------------------------------------------------------

    @Override
    protected void channelRead0(ChannelHandlerContext context, StreamEvent event) {
        if (ended) {
            return;
        }
        lastHeard = System.nanoTime();
        pace().progressed();
        if (event instanceof StreamEvent.StanzaReceived received) {
            stanza(received.stanza(), received.size());
        } else if (event instanceof StreamEvent.StreamOpened header) {
            open(header);
        } else if (event instanceof StreamEvent.NonzaReceived received) {
            pace().nonza(received.size());
            nonza(received.element());
        } else if (event instanceof StreamEvent.MalformedStanza malformed) {
            malformed(malformed);
        } else if (event instanceof StreamEvent.StreamClosed) {
            endStream(null);
        } else if (event instanceof StreamEvent.StreamViolation violation) {
            log.debug("{}: {}", remote, violation.error());
            endStream(violation.error());
        }
    }

    private void open(StreamEvent.StreamOpened header) {
        local = header.to() == null ? null : header.to().domain();
        remote = header.from() == null ? null : header.from().domain();
        streamId = servers.streams().newStreamId();
        boolean served = local != null && servers.isFederated(local);
        sendHeader(served ? header.to() : null, header.from());
        if (header.version() == null || !header.version().startsWith("1.")) {
            endStream(StreamError.of(Condition.UNSUPPORTED_VERSION, "TLS is required"));
        } else if (!served) {
            endStream(StreamError.of(Condition.HOST_UNKNOWN));
        } else if (remote != null && servers.router().isOurs(remote)) {
            endStream(StreamError.of(Condition.INVALID_FROM));
        } else if (remote != null && servers.policy().isBlocked(remote)) {
            endStream(StreamError.of(Condition.POLICY_VIOLATION, "this domain is blocked here"));
        } else {
            begin();
        }
    }

    private void begin() {
        certified = false;
        String from = remote;
        if (proved != null && !proved.equals(new DomainPair(Objects.requireNonNull(local), from == null ? "" : from))) {
            // What was proved stays what it was, whatever a restart asks for (threat T03).
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        } else if (proved == null && from != null && !shown.isEmpty()) {
            servers.judge(shown, from, fault -> ctx().executor().execute(() -> judged(from, fault)));
        } else {
            write(features());
        }
    }

    private void judged(String from, @Nullable String fault) {
        if (!ended) {
            log.debug("Server {} shows {}", from, fault == null ? "a valid certificate" : fault);
            certified = fault == null;
            write(features());
        }
    }

    private Element features() {
        ElementBuilder features = Element.builder(FEATURES);
        if (!secure) {
            return features.child(TLS_REQUIRED).build();
        }
        return features.childIfPresent(certified ? External.OFFER : null)
                .child(Dialback.FEATURE)
                .build();
    }

    private void authenticate(Element auth) {
        if (!certified || !External.isMechanism(auth)) {
            write(External.failure("invalid-mechanism"));
        } else if (!External.isIdentity(auth, Objects.requireNonNull(remote))) {
            write(External.failure("invalid-authzid"));
        } else {
            proved = new DomainPair(Objects.requireNonNull(local), Objects.requireNonNull(remote));
            authenticated(proved);
            write(Element.of(External.SUCCESS));
            headerSent = false;
            input.restart();
        }
    }

    private void nonza(Element element) {
        if (element.is(STREAM_ERROR)) {
            log.info("Server {} says: {}", remote, StreamError.of(element));
            endStream(null);
        } else if (!secure && element.is(STARTTLS)) {
            beginTls();
        } else if (!secure) {
            endStream(StreamError.of(Condition.POLICY_VIOLATION, "TLS is required"));
        } else if (element.is(External.AUTH)) {
            authenticate(element);
        } else if (element.is(Dialback.RESULT) && element.attr("type") == null) {
            claimed(element);
        } else if (element.is(Dialback.VERIFY) && element.attr("type") == null) {
            verify(element);
        } else if (!element.is(Dialback.RESULT) && !element.is(Dialback.VERIFY)) {
            endStream(StreamError.of(Condition.UNSUPPORTED_STANZA_TYPE));
        }
        // Answers of dialback that nobody has asked for on this stream mean nothing (threat T16).
    }

    private void beginTls() {
        input.pause();
        if (input.hasLeftover()) {
            endStream(StreamError.of(Condition.POLICY_VIOLATION));
            return;
        }
        write(PROCEED);
        headerSent = false;
        ctx().pipeline().addFirst(servers.tls().startTlsOfServer(local));
        input.restart();
    }

    // ---- dialback
    // ----------------------------------------------------------------------------------------------------

    /** The other server claims a domain, with a key that only the server of that domain knows (XEP-0220 §2.1). */
    private void claimed(Element claim) {
        DomainPair pair = Dialback.pair(claim);
        if (pair == null) {
            endStream(StreamError.of(Condition.IMPROPER_ADDRESSING));
        } else if (servers.router().isOurs(pair.remote())) {
            endStream(StreamError.of(Condition.INVALID_FROM));
        } else if (!servers.isFederated(pair.local())) {
            write(Dialback.error(claim, pair, StanzaError.itemNotFound()));
        } else if (servers.policy().isBlocked(pair.remote())) {
            write(Dialback.error(claim, pair, StanzaError.notAllowed()));
        } else if (authenticated.contains(pair)) {
            write(Dialback.answer(claim, pair, true));
        } else if (claimed.contains(pair)) {
            // It is asked already.
            log.debug("{} claims {} twice", admission.from(), pair.remote());
        } else if (claimed.size() >= MOST_CLAIMS
                || authenticated.size() >= MOST_PAIRS
                || !servers.verifications().begin(admission.from())) {
            write(Dialback.error(claim, pair, StanzaError.resourceConstraint()));
        } else {
            claimed.add(pair);
            Verification.ask(
                    servers.connector(),
                    ctx().channel().eventLoop(),
                    pair,
                    streamId,
                    claim.text(),
                    (valid, error) -> verified(claim, pair, valid, error));
        }
    }

    private void verified(Element claim, DomainPair pair, boolean valid, @Nullable StanzaError error) {
        claimed.remove(pair);
        servers.verifications().end(admission.from());
        if (ended) {
            return;
        }
        failed += valid ? 0 : 1;
        if (failed > MOST_FAILED) {
            endStream(StreamError.of(Condition.POLICY_VIOLATION, "too many claims that are not true"));
            return;
        }
        if (error != null) {
            write(Dialback.error(claim, pair, error));
            return;
        }
        if (valid) {
            authenticated(pair);
        } else {
            log.info("Server {} claims to be {} and is not", admission.from(), pair.remote());
        }
        write(Dialback.answer(claim, pair, valid));
    }

    private void authenticated(DomainPair pair) {
        if (authenticated.isEmpty()) {
            admission.authenticated();
            input.limits(DecoderLimits.SERVER);
        }
        authenticated.add(pair);
        servers.incoming().add(pair.remote(), this);
        log.info(
                "Stream open from {} to {} ({})",
                pair.remote(),
                pair.local(),
                pair.equals(proved) ? "certificate" : "dialback");
    }

    /** Another server asks whether a key is ours, which the key itself says (§2.3). */
    private void verify(Element question) {
        DomainPair pair = Dialback.pair(question);
        String id = question.attr("id");
        if (pair == null || id == null) {
            endStream(StreamError.of(Condition.IMPROPER_ADDRESSING));
        } else if (!servers.isFederated(pair.local())) {
            write(Dialback.error(question, pair, StanzaError.itemNotFound()));
        } else {
            boolean valid = servers.keys().isOurs(question.text(), pair.remote(), pair.local(), id);
            write(Dialback.answer(question, pair, valid));
        }
    }

    // ---- stanzas
    // -----------------------------------------------------------------------------------------------------

    private void stanza(Stanza stanza, int bytes) {
        Jid from = stanza.from();
        Jid to = stanza.to();
        if (authenticated.isEmpty()) {
            endStream(StreamError.of(Condition.NOT_AUTHORIZED));
        } else if (from == null || to == null) {
            endStream(StreamError.of(Condition.IMPROPER_ADDRESSING));
        } else if (!authenticated.contains(new DomainPair(to.domain(), from.domain()))) {
            endStream(StreamError.of(Condition.INVALID_FROM));
        } else {
            pace().stanza(bytes);
            servers.router().fromServer(stanza, () -> pace().credit(bytes));
        }
    }

    private void malformed(StreamEvent.MalformedStanza malformed) {
        Jid from = malformed.from();
        if (from == null
                || authenticated.stream().noneMatch(pair -> pair.remote().equals(from.domain()))) {
            endStream(StreamError.of(Condition.INVALID_FROM));
            return;
        }
        pace().stanza(malformed.size());
        pace().credit(malformed.size());
        Stanza answer = malformed.answer();
        if (answer != null && !malformed.kind().equals("presence")) {
            Jid by = answer.from() != null && servers.isFederated(answer.from().domain())
                    ? answer.from()
                    : BareJid.ofDomain(Objects.requireNonNull(local));
            servers.router().toServer(answer.withFrom(by));
        }
    }

    // ---- time
    // --------------------------------------------------------------------------------------------------------

    /** When something last came, as {@link System#nanoTime}. Any thread. */
    long lastHeard() {
        return lastHeard;
    }

    /** Another stream of its domain is needed more. Any thread. */
    void giveWay() {
        ctx().executor().execute(() -> endStream(StreamError.of(Condition.RESOURCE_CONSTRAINT)));
    }

    @Override
    public void checkTime(long now) {
        if (ended) {
            return;
        }
        Limits.Timeouts timeouts = servers.streams().limits().timeouts();
        if (authenticated.isEmpty() && now - deadline > 0 || pace().isStuck(input.isInsideElement(), now, timeouts)) {
            endStream(StreamError.of(Condition.CONNECTION_TIMEOUT));
        } else if (now - lastHeard > servers.config().idle().toNanos()) {
            endStream(null);
        }
    }

    // ---- writing
    // -----------------------------------------------------------------------------------------------------

    private void sendHeader(@Nullable Jid from, @Nullable Jid to) {
        ByteBuf out = ctx().alloc().buffer(256);
        WRITER.header(out, from, to, streamId, null);
        ctx().write(out);
        headerSent = true;
    }

    private void write(Element element) {
        ByteBuf out = ctx().alloc().buffer(256);
        WRITER.nonza(out, element);
        ctx().writeAndFlush(out);
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

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
        ByteBuf out = ctx().alloc().buffer(256);
        if (!headerSent) {
            WRITER.header(out, null, null, servers.streams().newStreamId(), null);
        }
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
