// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.dispatch;

import im.dunlin.core.config.AccountLimits;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.Limits;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.JidException;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.Outbound;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stanza.Iq;
import im.dunlin.core.stanza.StanzaError;
import im.dunlin.core.stream.StreamError;
import im.dunlin.core.xml.Element;
import im.dunlin.core.xml.Name;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of sessions: bound, detached when the connection is lost, resumed, ended. Methods may be called from any thread;
 * what they change, they change in a turn of the account.
 */
public final class Sessions implements AutoCloseable {
    private static final Element PING = Element.of(Name.of("urn:xmpp:ping", "ping"));

    private final Lanes lanes;
    private final Router router;
    private final Domains domains;
    private final Limits limits;
    private final ScheduledThreadPoolExecutor deadlines;
    private final AtomicInteger count = new AtomicInteger();

    public Sessions(Lanes lanes, Router router, ModuleRegistry modules, Limits limits) {
        this.lanes = lanes;
        this.router = router;
        this.domains = modules.domains();
        this.limits = limits;
        this.deadlines = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "session-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        deadlines.setRemoveOnCancelPolicy(true);
        modules.accountRemoved.add(
                0,
                turn -> List.copyOf(turn.sessions())
                        .forEach(session -> end(session, StreamError.of(StreamError.Condition.NOT_AUTHORIZED), turn)));
    }

    /** Sessions that are bound now, connected or detached. */
    public int count() {
        return count.get();
    }

    /**
     * Makes a session (RFC 6120 §7). A resource that is taken goes to the new session, since the old one is most often the
     * ghost of the same device.
     *
     * @param resource as the client asked for it; null lets the server choose
     * @param then called when the session is there, or with the error; on an unspecified thread
     */
    public void bind(
            BareJid account,
            @Nullable String resource,
            Wire wire,
            BiConsumer<@Nullable ClientSession, @Nullable StanzaError> then) {
        lanes.submit(account, turn -> {
            if (!turn.exists()) {
                turn.afterwards(() -> then.accept(null, StanzaError.notAllowed()));
                return;
            }
            String chosen = resource != null ? resource : turn.randomId().substring(0, 12);
            FullJid jid = fullJid(account, chosen);
            if (jid == null) {
                turn.afterwards(() -> then.accept(null, StanzaError.jidMalformed()));
                return;
            }
            ClientSession taken = turn.session(jid.resource());
            if (taken != null) {
                end(taken, StreamError.of(StreamError.Condition.CONFLICT), turn);
            }
            if (!makeRoom(turn)) {
                turn.afterwards(() -> then.accept(null, StanzaError.resourceConstraint()));
                return;
            }
            ClientSession session = new ClientSession(jid, new Outbound(wire));
            turn.bind(session);
            router.bound(session, turn);
            turn.afterwards(() -> {
                count.incrementAndGet();
                then.accept(session, null);
            });
        });
    }

    private static @Nullable FullJid fullJid(BareJid account, String resource) {
        try {
            return account.withResource(resource);
        } catch (JidException e) {
            return null;
        }
    }

    /** Within the account's limit of sessions, at the cost of the oldest detached one. */
    private boolean makeRoom(Turn turn) {
        AccountLimits account = Objects.requireNonNull(
                        (HostConfig) domains.host(turn.jid().domain()))
                .limits();
        List<ClientSession> sessions = turn.sessions();
        int live = 0;
        int detached = 0;
        ClientSession oldestDetached = null;
        for (ClientSession session : sessions) {
            if (session.outbound().isAttached()) {
                live++;
            } else {
                detached++;
                oldestDetached = oldestDetached == null ? session : oldestDetached;
            }
        }
        if (oldestDetached != null && detached >= account.detachedSessions()) {
            end(oldestDetached, null, turn);
        }
        return live < account.sessions();
    }

    /** Ends a session: its connection with the error, and everything that it was to its account. In the account's turn. */
    public void end(ClientSession session, @Nullable StreamError error, Turn turn) {
        if (!turn.sessions().contains(session)) {
            return;
        }
        session.outbound().close(error);
        turn.unbind(session);
        turn.afterwards(count::decrementAndGet);
    }

    /** The client closed its stream: the session ends, resumable or not (XEP-0198 §5). */
    public void streamClosed(ClientSession session, Wire wire) {
        lanes.submit(session, turn -> {
            if (session.outbound().detach(wire)) {
                end(session, null, turn);
            }
        });
    }

    /** The connection broke: a resumable session waits to be resumed, another one ends. */
    public void connectionLost(ClientSession session, Wire wire) {
        lanes.submit(session, turn -> {
            if (!session.outbound().detach(wire)) {
                return;
            }
            if (!session.outbound().isResumable() || session.outbound().isOverfull()) {
                end(session, null, turn);
                return;
            }
            router.detached(session, turn);
            Duration patience = limits.resumption().resumeTime();
            turn.afterwards(() -> expireAfter(session, patience));
        });
    }

    /** A detached session that is not resumed in time ends. */
    public void expireAfter(ClientSession session, Duration patience) {
        long epoch = session.outbound().attachments();
        deadlines.schedule(
                () -> lanes.submit(session, turn -> {
                    if (!session.outbound().isAttached() && session.outbound().attachments() == epoch) {
                        end(session, null, turn);
                    }
                }),
                patience.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** A session that a former run of the server kept comes back, detached. Before the listeners open. */
    public void restored(ClientSession session, Turn turn) {
        turn.bind(session);
        turn.afterwards(count::incrementAndGet);
        expireAfter(session, limits.resumption().resumeTime());
    }

    /** Asks a silent client for a sign of life: any byte from it will do. */
    public void probe(ClientSession session, Wire wire) {
        if (session.outbound().isManaged()) {
            wire.write(Outbound.REQUEST);
        } else {
            FullJid jid = session.jid();
            lanes.submit(
                    session,
                    turn -> wire.write(Iq.get(jid, turn.randomId(), PING).withFrom(BareJid.ofDomain(jid.domain()))));
        }
    }

    /** Ends every stream with this error; sessions that can be resumed stay for {@link Turn} to keep. */
    public void closeStreams(StreamError error) {
        lanes.forEachSession(session -> session.outbound().close(error));
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
    }
}
