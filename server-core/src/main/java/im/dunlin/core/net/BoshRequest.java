// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.http.HttpSink;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.stream.StreamError.Condition;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request of BOSH while it arrives, by the decoder of streams, with the limits of the session that its first tag names.
 * On the event loop of its connection.
 */
final class BoshRequest implements HttpSink {
    /** What a body may have besides a stanza as long as may be. */
    private static final int AROUND_STANZA = 1_024;

    private final BoshSessions sessions;
    private final HttpExchange exchange;
    private final ConnectionLimits.Admission connection;
    private final EventLoop loop;
    private final XmlStreamDecoder decoder;
    private final List<StreamEvent> content = new ArrayList<>(2);
    private DecoderLimits limits;
    private @Nullable Map<String, String> attributes;
    private @Nullable BoshSession session;
    private @Nullable StreamError violation;
    private boolean whole;
    private int bytes;

    BoshRequest(BoshSessions sessions, HttpExchange exchange, ConnectionLimits.Admission connection, EventLoop loop) {
        this.sessions = sessions;
        this.exchange = exchange;
        this.connection = connection;
        this.loop = loop;
        this.limits = sessions.streams().beforeLogin();
        this.decoder = XmlStreamDecoder.ofBody(limits, this::read);
    }

    private void read(StreamEvent event) {
        if (event instanceof StreamEvent.BodyOpened opened) {
            attributes = opened.attributes();
            BoshSession found = sessions.find(attributes.get("sid"));
            if (found != null) {
                session = found;
                limits = found.limits();
                decoder.limits(limits);
                if (!attributes.containsKey("xml:lang")) {
                    decoder.lang(found.lang());
                }
                if (limits == sessions.streams().authenticatedLimits()) {
                    // It is one of a client's that has logged in.
                    connection.authenticated();
                }
            }
        } else if (event instanceof StreamEvent.StreamClosed) {
            whole = true;
        } else if (event instanceof StreamEvent.StreamViolation broken) {
            violation = broken.error();
        } else if (content.size() == limits.elements()) {
            violation = StreamError.of(Condition.POLICY_VIOLATION, "too many elements");
        } else {
            content.add(event);
        }
    }

    @Override
    public void take(byte[] piece, Runnable more) {
        bytes += piece.length;
        if (violation == null) {
            decoder.read(Unpooled.wrappedBuffer(piece));
            if (bytes > limits.stanzaBytes() + AROUND_STANZA) {
                violation = StreamError.of(Condition.POLICY_VIOLATION, "body too long");
            }
        }
        if (violation == null) {
            more.run();
        } else {
            refuse(violation.condition() == Condition.POLICY_VIOLATION ? "policy-violation" : "bad-request");
        }
    }

    @Override
    public void complete() {
        Map<String, String> read = attributes;
        long rid = read == null ? -1 : BoshBody.number(read.get("rid"));
        if (read == null || !whole || rid <= 0) {
            refuse("bad-request");
            return;
        }
        BoshBody body = new BoshBody(rid, read, content, bytes, exchange);
        BoshSession found = session;
        if (found != null) {
            found.onLoop(() -> found.receive(body));
        } else if (read.containsKey("sid")) {
            BoshBody.respond(exchange, BoshBody.terminate("item-not-found"));
        } else {
            sessions.create(body, loop);
        }
    }

    /** Answers with the end of the session, if there is one. */
    private void refuse(String condition) {
        BoshBody.respond(exchange, BoshBody.terminate(condition));
        BoshSession found = session;
        if (found != null) {
            found.onLoop(() -> found.end(condition));
        }
    }

    /** The session goes on: its client may send the request again. */
    @Override
    public void broken() {}
}
