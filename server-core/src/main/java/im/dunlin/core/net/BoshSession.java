// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.config.Limits;
import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.stanza.Stanza;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.CanonicalWriter;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Ns;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's stream in requests over HTTP (XEP-0124). What comes in bodies is passed, in the order of their numbers, to the
 * connection in the pipeline of a {@link BoshChannel}; what that one writes answers the oldest request that waits.
 *
 * <p>On one event loop but for {@link #onLoop}, {@link #limits} and {@link #lang}. Bounded by the window: a request that is
 * not answered yet is one of at most {@link #requests}, and while what came before is not passed on, none is answered early.
 */
final class BoshSession implements StreamInput, StreamWriter {
    /** What waits for a request before the channel takes no more. */
    private static final int MOST_OUTPUT = 64 << 10;

    /** More than one request would wait in vain: what is to be said answers the first. */
    private static final int MOST_HOLD = 1;

    private static final long OUR_VERSION = 11;

    /** A request that waits for its answer. */
    private record Held(HttpExchange exchange, Future<?> expiry) {}

    private final BoshSessions sessions;
    private final String sid;
    private final EventLoop loop;
    private final BoshChannel channel;
    private final ConnectionLimits.Admission admission;
    private final Limits.Bosh times;
    private final int hold;
    private final Duration wait;
    private final boolean reports;
    private volatile DecoderLimits limits;
    private volatile @Nullable String lang;

    private final long firstRid;
    /** The last request of an unbroken row. */
    private long lastRid;

    private final TreeMap<Long, BoshBody> early = new TreeMap<>();
    private final TreeMap<Long, Held> held = new TreeMap<>();
    /** The last answers, since any may have been lost on its way. */
    private final LinkedHashMap<Long, byte[]> answers = new LinkedHashMap<>();

    /** What a header says elsewhere. */
    private final Map<String, String> stream = new LinkedHashMap<>(2);

    private final ArrayDeque<StreamEvent> incoming = new ArrayDeque<>();
    private final ByteArrayOutputStream output = new ByteArrayOutputStream(256);
    private @Nullable Jid domain;
    private boolean paused;
    private boolean delivering;
    private boolean settling;
    private boolean settlesLater;
    private boolean ended;
    private @Nullable String condition;
    private @Nullable Future<?> silence;
    /** Asked for by the last request (XEP-0124 §10). */
    private @Nullable Duration pause;

    private long lastEmptyPoll = Long.MIN_VALUE;

    BoshSession(
            BoshSessions sessions, String sid, EventLoop loop, ConnectionLimits.Admission admission, BoshBody first) {
        this.sessions = sessions;
        this.sid = sid;
        this.loop = loop;
        this.admission = admission;
        this.times = sessions.streams().limits().bosh();
        long asked = BoshBody.number(first.attribute("wait"));
        this.wait = asked < 0 || asked > times.waiting().toSeconds() ? times.waiting() : Duration.ofSeconds(asked);
        long asksToHold = BoshBody.number(first.attribute("hold"));
        this.hold = asksToHold == 0 || wait.isZero() ? 0 : MOST_HOLD;
        this.reports = first.has("ack", "1");
        this.lang = first.attribute("xml:lang");
        this.limits = sessions.streams().beforeLogin();
        this.firstRid = first.rid();
        this.lastRid = firstRid - 1;
        this.channel = new BoshChannel(this, new InetSocketAddress(admission.from(), 0));
    }

    private int requests() {
        return hold + 1;
    }

    /** One more may pause the session or end it (XEP-0124 §11). */
    private int requests(BoshBody body) {
        return requests() + (isLast(body) || early.values().stream().anyMatch(BoshSession::isLast) ? 1 : 0);
    }

    private static boolean isLast(BoshBody body) {
        return body.attribute("pause") != null || body.has("type", "terminate");
    }

    DecoderLimits limits() {
        return limits;
    }

    @Nullable
    String lang() {
        return lang;
    }

    void onLoop(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            loop.execute(task);
        }
    }

    /** Opens the stream, whose features are in the answer to the first request. */
    void begin(Jid to, BoshBody first) {
        Limits.Outbound outbound = sessions.streams().limits().outbound();
        channel.config()
                .setWriteBufferWaterMark(new WriteBufferWaterMark(outbound.lowWaterBytes(), outbound.highWaterBytes()));
        channel.closeFuture().addListener(closed -> admission.close());
        channel.pipeline()
                .addLast(new ClientConnection(sessions.streams(), new Carrier(this, this, admission, true, false)));
        loop.register(channel);
        domain = to;
        incoming.add(opening(to, first));
        receive(first);
    }

    private static StreamEvent opening(@Nullable Jid to, BoshBody body) {
        String version = body.attribute("xmpp:version");
        return new StreamEvent.StreamOpened(
                to,
                from(body),
                // Clients from before XEP-0206 mean it without saying it.
                version == null ? "1.0" : version,
                null,
                body.attribute("xml:lang"),
                Ns.CLIENT);
    }

    /** Who the client says it is: a hint, and none if it is no address. */
    private static @Nullable Jid from(BoshBody body) {
        String from = body.attribute("from");
        try {
            return from == null ? null : Jid.parse(from);
        } catch (JidException e) {
            return null;
        }
    }

    // ---- requests
    // ----------------------------------------------------------------------------------------------------

    /** Takes a request, in whatever order they come. */
    void receive(BoshBody body) {
        long rid = body.rid();
        byte[] answered = answers.get(rid);
        if (answered != null) {
            BoshBody.respond(body.exchange(), answered);
        } else if (ended) {
            BoshBody.respond(body.exchange(), BoshBody.terminate(condition == null ? "item-not-found" : condition));
        } else if (held.containsKey(rid)) {
            repeated(rid, body.exchange());
        } else if (rid <= lastRid || rid > lastRid + requests(body)) {
            refuse(body, "item-not-found");
        } else if (early.containsKey(rid)) {
            BoshBody old = early.put(rid, body);
            if (old != null) {
                BoshBody.again(old.exchange());
            }
        } else if (held.size() + early.size() >= requests(body)) {
            refuse(body, "policy-violation");
        } else {
            early.put(rid, body);
            for (BoshBody next = early.remove(lastRid + 1); next != null; next = early.remove(lastRid + 1)) {
                accept(next);
            }
            deliver();
        }
    }

    /** The client does not know whether its request arrived: the new one waits in place of the old (XEP-0124 §14.3). */
    private void repeated(long rid, HttpExchange exchange) {
        Held old = held.remove(rid);
        if (old != null) {
            old.expiry().cancel(false);
            BoshBody.again(old.exchange());
        }
        hold(rid, exchange);
    }

    private void refuse(BoshBody body, String why) {
        BoshBody.respond(body.exchange(), BoshBody.terminate(why));
        end(why);
    }

    private void hold(long rid, HttpExchange exchange) {
        held.put(rid, new Held(exchange, loop.schedule(() -> expire(rid), wait.toMillis(), TimeUnit.MILLISECONDS)));
        if (silence != null) {
            silence.cancel(false);
            silence = null;
        }
    }

    private void accept(BoshBody body) {
        lastRid = body.rid();
        String asked = lastRid == firstRid ? null : body.attribute("pause");
        long seconds = BoshBody.number(asked);
        if (asked != null && (seconds < 1 || seconds > times.pause().toSeconds())) {
            refuse(body, "policy-violation");
            return;
        }
        pause = asked == null ? null : Duration.ofSeconds(seconds);
        boolean polls = hold == 0 && body.content().isEmpty() && lastRid != firstRid && asked == null;
        long now = System.nanoTime();
        if (polls
                && lastEmptyPoll != Long.MIN_VALUE
                && now - lastEmptyPoll < times.polling().toNanos()) {
            refuse(body, "policy-violation");
            return;
        }
        lastEmptyPoll = polls ? now : Long.MIN_VALUE;
        hold(lastRid, body.exchange());
        incoming.add(new StreamEvent.Polled(body.size()));
        if (body.has("xmpp:restart", "true") || body.has("xmpp:restart", "1")) {
            incoming.add(opening(to(body), body));
        }
        incoming.addAll(body.content());
        if (body.has("type", "terminate")) {
            incoming.add(new StreamEvent.StreamClosed());
        }
    }

    /** Whom a restart addresses, as the first header did if it does not say. */
    private @Nullable Jid to(BoshBody body) {
        String to = body.attribute("to");
        try {
            return to == null ? domain : Jid.parse(to);
        } catch (JidException e) {
            return null;
        }
    }

    /** Passes on what came, as long as the connection reads. */
    void deliver() {
        if (delivering) {
            return;
        }
        delivering = true;
        while (!paused && channel.isActive() && channel.config().isAutoRead()) {
            StreamEvent next = incoming.poll();
            if (next == null) {
                break;
            }
            channel.pipeline().fireChannelRead(next);
        }
        delivering = false;
        settle();
    }

    // ---- answers
    // -----------------------------------------------------------------------------------------------------

    boolean takes() {
        return output.size() < MOST_OUTPUT;
    }

    /** Keeps what the connection writes for the next answer. */
    void say(ByteBuf bytes) {
        try {
            bytes.readBytes(output, bytes.readableBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!settlesLater && !delivering && !settling) {
            // When all that is written now is there.
            settlesLater = true;
            loop.execute(() -> {
                settlesLater = false;
                settle();
            });
        }
    }

    private void settle() {
        if (delivering || settling) {
            return;
        }
        settling = true;
        while (!held.isEmpty() && pause != null && !ended) {
            // Whoever pauses is about to read nothing: what there is to say waits (XEP-0124 §10).
            answerFirst(new byte[0]);
        }
        while (!held.isEmpty() && (ended || output.size() > 0 || held.size() > hold && incoming.isEmpty())) {
            answerFirst(said());
        }
        settling = false;
        if (held.isEmpty() && !ended && silence == null) {
            silence = loop.schedule(
                    () -> {
                        channel.close();
                    },
                    (pause == null ? times.inactivity() : pause).toMillis(),
                    TimeUnit.MILLISECONDS);
        }
    }

    private void expire(long rid) {
        while (!held.isEmpty() && held.firstKey() <= rid) {
            answerFirst(said());
        }
        settle();
    }

    /** What is to be said, which is said then. */
    private byte[] said() {
        byte[] said = output.toByteArray();
        output.reset();
        return said;
    }

    private void answerFirst(byte[] content) {
        Map.Entry<Long, Held> first = held.pollFirstEntry();
        long rid = first.getKey();
        first.getValue().expiry().cancel(false);
        Map<String, String> attributes = rid == firstRid ? description() : new LinkedHashMap<>();
        if (reports && (rid == firstRid || lastRid != rid)) {
            attributes.put("ack", Long.toString(lastRid));
        }
        if (ended) {
            attributes.put("type", "terminate");
            if (condition != null) {
                attributes.put("condition", condition);
            }
        }
        byte[] answer = BoshBody.answer(attributes, content);
        answers.put(rid, answer);
        if (answers.size() > requests()) {
            answers.remove(answers.keySet().iterator().next());
        }
        BoshBody.respond(first.getValue().exchange(), answer);
        if (!ended) {
            channel.flush();
        }
    }

    /** What the client is told in the first answer (XEP-0124 §7.2). */
    private Map<String, String> description() {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("sid", sid);
        attributes.putAll(stream);
        attributes.put("ver", "1." + OUR_VERSION);
        attributes.put("wait", Long.toString(wait.toSeconds()));
        attributes.put("hold", Integer.toString(hold));
        attributes.put("requests", Integer.toString(requests()));
        attributes.put("inactivity", Long.toString(times.inactivity().toSeconds()));
        attributes.put("maxpause", Long.toString(times.pause().toSeconds()));
        attributes.put("polling", Long.toString(times.polling().toSeconds()));
        return attributes;
    }

    // ---- the end
    // -----------------------------------------------------------------------------------------------------

    /** Ends the session as a broken connection does: it may be resumed. */
    void end(String why) {
        if (!ended) {
            condition = why;
            channel.close();
        }
    }

    /** The channel is closed: whoever waits is told. */
    void closed() {
        ended = true;
        incoming.clear();
        early.values().forEach(body -> BoshBody.respond(body.exchange(), BoshBody.terminate(condition)));
        early.clear();
        if (silence != null) {
            silence.cancel(false);
        }
        settle();
        // A client that asks now still learns why.
        loop.schedule(
                () -> sessions.forget(sid),
                sessions.streams().limits().timeouts().close().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    // ---- StreamInput
    // -------------------------------------------------------------------------------------------------

    @Override
    public void limits(DecoderLimits next) {
        limits = next;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        deliver();
    }

    @Override
    public void restart() {
        resume();
    }

    @Override
    public boolean hasLeftover() {
        return !incoming.isEmpty();
    }

    /** A body that has not come to its end is not read yet. */
    @Override
    public boolean isInsideElement() {
        return false;
    }

    // ---- StreamWriter
    // ------------------------------------------------------------------------------------------------

    @Override
    public void header(
            ByteBuf out, @Nullable Jid from, @Nullable Jid to, @Nullable String id, @Nullable String language) {
        if (from != null && id != null) {
            stream.put("from", from.toString());
            stream.put("authid", id);
        }
    }

    @Override
    public void stanza(ByteBuf out, Stanza stanza) {
        CanonicalWriter writer = new CanonicalWriter("");
        stanza.writeTo(writer);
        out.writeBytes(writer.array(), 0, writer.size());
    }

    /** One of the stream's own namespace has the prefix that the body declares. */
    @Override
    public void nonza(ByteBuf out, Element element) {
        CanonicalWriter writer = new CanonicalWriter("");
        if (!element.name().namespace().equals(Ns.STREAMS)) {
            element.writeTo(writer);
            out.writeBytes(writer.array(), 0, writer.size());
            return;
        }
        element.children().forEach(child -> child.writeTo(writer));
        String name = "stream:" + element.name().local();
        out.writeCharSequence("<" + name + ">", StandardCharsets.US_ASCII);
        out.writeBytes(writer.array(), 0, writer.size());
        out.writeCharSequence("</" + name + ">", StandardCharsets.US_ASCII);
    }

    @Override
    public void error(ByteBuf out, StreamError error) {
        condition = "remote-stream-error";
        nonza(out, error.element());
    }

    /** The end is an attribute of the answer. */
    @Override
    public void end(ByteBuf out) {}
}
