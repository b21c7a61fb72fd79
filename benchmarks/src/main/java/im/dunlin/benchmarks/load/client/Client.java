// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler.ClientHandshakeStateEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection: TLS, SCRAM, bind, and then whatever the scenario sends. All state belongs to the connection's event loop;
 * the public methods may be called from any thread.
 */
public final class Client extends SimpleChannelInboundHandler<ByteBuf> implements StanzaSplitter.Sink {
    private static final int LARGEST_ELEMENT = 32 << 20;
    private static final String SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
    private static final String SASL2 = "urn:xmpp:sasl:2";
    private static final String BIND2 = "urn:xmpp:bind:0";
    private static final String FAST = "urn:xmpp:fast:0";

    private final Connector connector;
    private final Login login;
    private final boolean registers;
    private final Traffic traffic = new Traffic();
    private final Framing framing;
    private final StanzaSplitter splitter;
    private final CompletableFuture<Client> ready = new CompletableFuture<>();
    private final CompletableFuture<Throwable> gone = new CompletableFuture<>();
    private final Map<String, CompletableFuture<String>> questions = new HashMap<>();
    private final Map<String, CompletableFuture<String>> pipelined = new ConcurrentHashMap<>();
    private Consumer<Received> step = this::beforeLogin;
    private Consumer<Received> listener = element -> {};
    private @Nullable Channel channel;
    private @Nullable Scram scram;
    private @Nullable HashedToken proof;
    private volatile @Nullable String token;
    private @Nullable Management management;
    private List<String> unsettled = List.of();
    private volatile String features = "";
    private volatile String success = "";
    private boolean resumed;
    private boolean waiting;

    Client(Connector connector, Login login) {
        this(connector, login, false);
    }

    private Client(Connector connector, Login login, boolean registers) {
        this.connector = connector;
        this.login = login;
        this.registers = registers;
        this.framing = connector.framing();
        this.splitter = new StanzaSplitter(LARGEST_ELEMENT, framing.depth());
        this.token = login.token();
        login.pipelined().forEach(query -> pipelined.put(query.id(), new CompletableFuture<>()));
        questions.putAll(pipelined);
    }

    static Client registering(Connector connector, Login login) {
        return new Client(connector, login, true);
    }

    CompletableFuture<Client> ready() {
        return ready;
    }

    void fail(Throwable cause) {
        ready.completeExceptionally(cause);
        gone.complete(cause);
    }

    public String jid() {
        return login.user() + "@" + connector.domain();
    }

    public Traffic traffic() {
        return traffic;
    }

    /** Whether the stream features after the login had this namespace. */
    public boolean offers(String namespace) {
        return features.contains(namespace);
    }

    /** What the server said to a login by {@link Login.Way#INLINE} that succeeded; empty after others. */
    public String success() {
        return success;
    }

    /** The newest token that the server gave to this device; null if none. */
    public @Nullable String token() {
        return token;
    }

    /** Whether an earlier session goes on. */
    public boolean resumed() {
        return resumed;
    }

    /** The acknowledgements, to resume by; null if the server keeps none. */
    public @Nullable Management management() {
        return management;
    }

    /** Completes with the reason when the connection has ended. */
    public CompletableFuture<Throwable> gone() {
        return gone;
    }

    /** Who is told, on the event loop, of everything but answers to {@link #ask}. Set it before something can come. */
    public void listen(Consumer<Received> told) {
        onLoop(() -> listener = told);
    }

    void listenFirst(Consumer<Received> told) {
        listener = told;
    }

    /** Sends one stanza, counted where stanzas are acknowledged. */
    public void send(String stanza) {
        onLoop(() -> transmit(stanza));
    }

    /** Sends what is no stanza and is not counted, such as a client state. */
    public void signal(String element) {
        onLoop(() -> write(element));
    }

    /**
     * Sends an iq and completes with its answer, an error included. Several at once are pipelined. What the login asked
     * already is not sent again.
     */
    public CompletableFuture<String> ask(Query query) {
        CompletableFuture<String> asked = pipelined.remove(query.id());
        if (asked != null) {
            return asked;
        }
        CompletableFuture<String> answer = new CompletableFuture<>();
        onLoop(() -> {
            questions.put(query.id(), answer);
            transmit(query.xml());
        });
        return answer;
    }

    /** Says goodbye and disconnects. */
    public CompletableFuture<Throwable> close() {
        onLoop(() -> {
            write(framing.closing());
            channel().close();
        });
        return gone;
    }

    /** Disconnects without a word, as a train in a tunnel does. */
    public CompletableFuture<Throwable> cut() {
        onLoop(() -> channel().close());
        return gone;
    }

    private void onLoop(Runnable task) {
        channel().eventLoop().execute(task);
    }

    private Channel channel() {
        if (channel == null) {
            throw new IllegalStateException("not connected");
        }
        return channel;
    }

    private void transmit(String stanza) {
        if (management != null && management.sent(stanza)) {
            write(stanza, "<r xmlns='" + Management.NS + "'/>");
        } else {
            write(stanza);
        }
    }

    private void write(String... elements) {
        waiting = true;
        Channel to = channel();
        for (String element : elements) {
            to.write(ByteBufUtil.writeUtf8(to.alloc(), framing.element(element)));
        }
        to.flush();
    }

    @Override
    public void channelRegistered(ChannelHandlerContext ctx) {
        channel = ctx.channel();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (connector.tls() != Connector.Tls.DIRECT && framing == Framing.DOCUMENT) {
            openStream();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            traffic.encrypted(ctx.pipeline().get(SslHandler.class));
            if (!handshake.isSuccess()) {
                fail(handshake.cause());
            } else if (framing == Framing.DOCUMENT) {
                begin();
            }
        } else if (event == ClientHandshakeStateEvent.HANDSHAKE_COMPLETE) {
            begin();
        }
    }

    private void begin() {
        String known = token;
        SslHandler tls = channel().pipeline().get(SslHandler.class);
        if (known != null && tls != null) {
            oneFlight(HashedToken.on(tls, known));
        } else {
            openStream();
        }
    }

    private void openStream() {
        splitter.restart();
        write(framing.opening(connector.domain()));
    }

    /** Everything at once: the stream, the login by token, the session, and what is asked of it (XEP-0509). */
    private void oneFlight(HashedToken known) {
        proof = known;
        step = offered -> step = this::authenticatingInline;
        List<String> flight = new ArrayList<>();
        flight.add(framing.opening(connector.domain()));
        flight.add(inline(HashedToken.MECHANISM, known.first(login.user()), "<fast xmlns='" + FAST + "'/>"));
        login.pipelined().forEach(query -> flight.add(query.xml()));
        write(flight.toArray(String[]::new));
    }

    private String inline(String mechanism, String initial, String beside) {
        String acks = login.acks() ? "<enable xmlns='" + Management.NS + "' resume='true'/>" : "";
        return "<authenticate xmlns='" + SASL2 + "' mechanism='" + mechanism + "'><initial-response>" + initial
                + "</initial-response><user-agent id='" + login.device() + "'/><bind xmlns='" + BIND2 + "'><tag>"
                + login.resource() + "</tag>" + acks + login.bind() + "</bind>" + beside + "</authenticate>";
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf in) {
        if (waiting) {
            waiting = false;
            traffic.waited();
        }
        splitter.feed(in, this);
    }

    @Override
    public void opened(Received header) {
        // Its id and language are of no use here.
    }

    @Override
    public void closed() {
        channel().close();
    }

    @Override
    public void element(Received element) {
        if (element.is("stream:error")) {
            fail(new IOException(jid() + ": " + element));
        } else if (element.is("close")) {
            closed();
        } else if (!element.is("open")) {
            step.accept(element);
        }
    }

    private void beforeLogin(Received features) {
        if (connector.tls() == Connector.Tls.STARTTLS && features.has("urn:ietf:params:xml:ns:xmpp-tls")) {
            step = this::encrypted;
            write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        } else if (registers) {
            step = this::registered;
            write("<iq type='set' id='register'><query xmlns='jabber:iq:register'><username>" + login.user()
                    + "</username><password>" + login.password() + "</password></query></iq>");
        } else {
            authenticate(features);
        }
    }

    private void encrypted(Received proceed) {
        if (!proceed.is("proceed")) {
            throw new IllegalStateException("no TLS: " + proceed);
        }
        step = this::beforeLogin;
        channel()
                .pipeline()
                .addAfter(channel().pipeline().firstContext().name(), null, connector.encryption(channel()));
    }

    private void registered(Received answer) {
        if ("result".equals(answer.attribute("type")) || answer.has("<conflict")) {
            ready.complete(this);
        } else {
            fail(new IOException("no account " + jid() + ": " + answer));
        }
    }

    private void authenticate(Received features) {
        boolean inline = login.way() == Login.Way.INLINE;
        if (inline && !features.has(SASL2)) {
            fail(new IOException("the server has no SASL2"));
            return;
        }
        step = inline ? this::authenticatingInline : this::authenticating;
        for (String mechanism : Scram.MECHANISMS) {
            if (features.has(">" + mechanism + "<")) {
                Scram begun = new Scram(mechanism, login.user(), login.password());
                scram = begun;
                String request = "<request-token xmlns='" + FAST + "' mechanism='" + HashedToken.MECHANISM + "'/>";
                write(
                        inline
                                ? inline(mechanism, base64(begun.first()), request)
                                : "<auth xmlns='" + SASL + "' mechanism='" + mechanism + "'>" + base64(begun.first())
                                        + "</auth>");
                return;
            }
        }
        fail(new IOException("no mechanism that is known here: " + features));
    }

    private void authenticating(Received answer) {
        if (scram == null || !answer.is("challenge") && !answer.is("success")) {
            fail(new IOException(jid() + " cannot log in: " + answer));
            return;
        }
        String text = fromBase64(answer.between(">", "</"));
        if (answer.is("challenge")) {
            write("<response xmlns='" + SASL + "'>" + base64(scram.last(text)) + "</response>");
        } else if (scram.isGenuine(text)) {
            step = this::afterLogin;
            openStream();
        } else {
            fail(new IOException("the server does not know the password of " + jid()));
        }
    }

    private void authenticatingInline(Received answer) {
        Scram byPassword = scram;
        if (answer.is("challenge") && byPassword != null) {
            String text = fromBase64(answer.between(">", "</"));
            write("<response xmlns='" + SASL2 + "'>" + base64(byPassword.last(text)) + "</response>");
        } else if (answer.is("success") && isGenuine(answer) && answer.has(BIND2)) {
            success = answer.toString();
            int given = answer.find("<token", 0);
            token = given < 0 ? token : answer.attributeAfter(given, "token");
            int enabled = answer.find("<enabled", 0);
            if (enabled >= 0) {
                Management begun = new Management();
                begun.enabled(answer.attributeAfter(enabled, "id"));
                management = begun;
            }
            step = offered -> {
                features = offered.toString();
                live();
            };
        } else {
            fail(new IOException(jid() + " cannot log in: " + answer));
        }
    }

    private boolean isGenuine(Received success) {
        String data = success.between("<additional-data>", "</additional-data>");
        if (data == null) {
            return false;
        }
        HashedToken byToken = proof;
        return byToken != null
                ? byToken.isGenuine(Base64.getDecoder().decode(data))
                : scram != null && scram.isGenuine(fromBase64(data));
    }

    private void afterLogin(Received offered) {
        features = offered.toString();
        Management before = login.before();
        if (before != null && before.id() != null && offers(Management.NS)) {
            step = answer -> resuming(before, answer);
            write("<resume xmlns='" + Management.NS + "' previd='" + before.id() + "' h='" + before.handled() + "'/>");
        } else {
            bind();
        }
    }

    private void resuming(Management before, Received answer) {
        if (!answer.is("resumed")) {
            if (answer.attribute("h") != null) {
                acknowledge(before, answer);
            }
            unsettled = before.unacknowledged();
            bind();
            return;
        }
        management = before;
        resumed = true;
        acknowledge(before, answer);
        before.unacknowledged().forEach(stanza -> write(stanza));
        live();
    }

    private void bind() {
        step = this::bound;
        write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" + login.resource()
                + "</resource></bind></iq>");
    }

    private void bound(Received answer) {
        if (!answer.is("iq") || !"result".equals(answer.attribute("type"))) {
            fail(new IOException(jid() + " has no resource: " + answer));
        } else if (login.acks() && offers(Management.NS)) {
            step = this::enabled;
            write("<enable xmlns='" + Management.NS + "' resume='true'/>");
        } else {
            live();
        }
    }

    private void enabled(Received answer) {
        if (answer.is("enabled")) {
            Management begun = new Management();
            begun.enabled(answer.attribute("id"));
            management = begun;
            live();
        } else if (answer.is("failed")) {
            fail(new IOException(jid() + " gets no acknowledgements: " + answer));
        } else {
            listener.accept(answer);
        }
    }

    private void live() {
        step = this::live;
        unsettled.forEach(this::transmit);
        unsettled = List.of();
        ready.complete(this);
    }

    private void live(Received element) {
        if (management != null && !counted(management, element)) {
            return;
        }
        if (element.is("iq")) {
            String id = element.attribute("id");
            String type = element.attribute("type");
            if ("get".equals(type) || "set".equals(type)) {
                String from = element.attribute("from");
                transmit("<iq type='result' id='" + id + "'" + (from == null ? "" : " to='" + from + "'") + ">"
                        + answer(element) + "</iq>");
            } else {
                CompletableFuture<String> question = questions.remove(id);
                if (question != null) {
                    question.complete(element.toString());
                    return;
                }
            }
        }
        listener.accept(element);
    }

    private static String answer(Received question) {
        int query = question.find("<query", 0);
        return query >= 0 && question.has(Interest.DISCO_INFO)
                ? Interest.info(question.attributeAfter(query, "node"))
                : "";
    }

    /** @return whether it is a stanza */
    private boolean counted(Management counts, Received element) {
        if (element.is("message") || element.is("iq") || element.is("presence")) {
            counts.received();
            return true;
        }
        if (element.is("r")) {
            write("<a xmlns='" + Management.NS + "' h='" + counts.handled() + "'/>");
        } else if (element.is("a")) {
            acknowledge(counts, element);
        }
        return false;
    }

    private void acknowledge(Management counts, Received answer) {
        String h = answer.attribute("h");
        if (h == null || !counts.acknowledge(Long.parseLong(h))) {
            throw new IllegalStateException("acknowledges what was not sent: " + answer);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        IOException disconnected = new IOException(jid() + " was disconnected");
        questions.values().forEach(question -> question.completeExceptionally(disconnected));
        fail(disconnected);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        questions.values().forEach(question -> question.completeExceptionally(cause));
        fail(cause);
        ctx.close();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String fromBase64(@Nullable String text) {
        return text == null ? "" : new String(Base64.getDecoder().decode(text.trim()), StandardCharsets.UTF_8);
    }
}
