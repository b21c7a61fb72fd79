// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.dispatch.RemoteServers;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.stanza.StanzaError;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The domains of other servers to which something is sent, each for itself: one that hangs holds up nobody else. Any thread. */
final class RemoteDomains implements RemoteServers {
    /** That wait for all domains together: they are in memory, whether or not they have rows. */
    private static final long MOST_BYTES =
            Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 4);

    private final ServerStreams servers;
    private final Instant started;
    private final Map<DomainPair, RemoteDomain> domains = new ConcurrentHashMap<>();
    private final Shares shares;
    /** That wait. */
    private final AtomicLong bytes = new AtomicLong();

    private volatile boolean closed;

    RemoteDomains(ServerStreams servers) {
        this.servers = servers;
        this.started = servers.clock().instant();
        this.shares = new Shares(servers.config().mostDomains());
    }

    @Override
    public void send(Departure departure) {
        Jid from = Objects.requireNonNull(departure.stanza().from());
        Jid to = Objects.requireNonNull(departure.stanza().to());
        if (servers.policy().isBlocked(to.domain())) {
            servers.router().returned(departure, StanzaError.notAllowed());
            return;
        }
        DomainPair pair = new DomainPair(from.domain(), to.domain());
        RemoteDomain domain = domains.get(pair);
        if (domain == null) {
            domain = domains.computeIfAbsent(pair, added -> open(added, departure));
        }
        if (domain == null) {
            servers.router().returned(departure, StanzaError.resourceConstraint());
        } else {
            domain.send(departure);
        }
    }

    /** Null if there is no room for one more, or none for this sender. */
    private @Nullable RemoteDomain open(DomainPair pair, Departure first) {
        BareJid sender = servers.router()
                .accountable(Objects.requireNonNull(first.stanza().from()));
        // What an earlier run has kept had its share there.
        boolean isCharged = !first.isOlderThan(Duration.ZERO, started);
        if (isCharged && !shares.take(sender)) {
            return null;
        }
        Runnable charge = () -> {
            if (isCharged) {
                shares.giveBack(sender);
            }
        };
        if (domains.size() >= servers.config().mostDomains()
                && domains.values().stream().noneMatch(RemoteDomain::givesWay)) {
            charge.run();
            return null;
        }
        return new RemoteDomain(this, servers, pair, (EventLoop) servers.loops().next(), charge);
    }

    /** Nothing waits for it and no stream is there. */
    void forget(DomainPair pair, RemoteDomain domain) {
        domains.remove(pair, domain);
    }

    /** @return false if more waits for all domains than may */
    boolean reserve(int size) {
        if (bytes.addAndGet(size) > MOST_BYTES) {
            bytes.addAndGet(-size);
            return false;
        }
        return true;
    }

    void release(int size) {
        bytes.addAndGet(-size);
    }

    boolean isClosed() {
        return closed;
    }

    /** No stream is opened any more; what has a row waits for the next start. */
    void close() {
        closed = true;
    }
}
