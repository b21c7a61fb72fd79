// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import im.dunlin.core.http.HttpExchange;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.jid.JidException;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** XEP-0124 and XEP-0206: all sessions of clients whose streams travel in requests over HTTP. Any thread. */
public final class BoshSessions {
    private final ClientStreams streams;
    private final Map<String, BoshSession> sessions = new ConcurrentHashMap<>();

    public BoshSessions(ClientStreams streams) {
        this.streams = streams;
    }

    /**
     * Takes a request. On the event loop of its connection.
     *
     * @param connection on which it came
     */
    public void handle(HttpExchange exchange, ConnectionLimits.Admission connection, EventLoop loop) {
        exchange.receive(new BoshRequest(this, exchange, connection, loop));
    }

    ClientStreams streams() {
        return streams;
    }

    @Nullable
    BoshSession find(@Nullable String sid) {
        return sid == null ? null : sessions.get(sid);
    }

    void forget(String sid) {
        sessions.remove(sid);
    }

    /** Begins a session with its first request (XEP-0124 §7). On the event loop that the session will have. */
    void create(BoshBody first, EventLoop loop) {
        String refused = null;
        Jid to = null;
        String text = first.attribute("to");
        try {
            to = text == null ? null : Jid.parse(text);
        } catch (JidException e) {
            refused = "improper-addressing";
        }
        if (to == null) {
            refused = "improper-addressing";
        } else if (!streams.isHost(to.domain())) {
            refused = "host-unknown";
        }
        InetAddress client = first.exchange().request().from();
        ConnectionLimits.Admission admission =
                refused == null ? streams.addresses().admit(client, System.nanoTime()) : null;
        if (to == null || admission == null) {
            BoshBody.respond(first.exchange(), BoshBody.terminate(refused == null ? "policy-violation" : refused));
            return;
        }
        String sid = streams.newStreamId();
        BoshSession session = new BoshSession(this, sid, loop, admission, first);
        sessions.put(sid, session);
        session.begin(to, first);
    }
}
