// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.dispatch.RemoteServers;
import im.dunlin.core.lane.Departure;
import im.dunlin.core.stanza.StanzaError;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/** The domains of other servers to which something is sent, each for itself: one that hangs holds up nobody else. Any thread. */
final class RemoteDomains implements RemoteServers {
    private final ServerStreams servers;
    private final Map<DomainPair, RemoteDomain> domains = new ConcurrentHashMap<>();
    private volatile boolean closed;

    RemoteDomains(ServerStreams servers) {
        this.servers = servers;
    }

    @Override
    public void send(Departure departure) {
        String from = Objects.requireNonNull(departure.stanza().from()).domain();
        String to = Objects.requireNonNull(departure.stanza().to()).domain();
        if (servers.policy().isBlocked(to)) {
            servers.router().returned(departure, StanzaError.notAllowed());
            return;
        }
        DomainPair pair = new DomainPair(from, to);
        RemoteDomain domain = domains.get(pair);
        if (domain == null && domains.size() >= servers.config().mostDomains()) {
            servers.router().returned(departure, StanzaError.resourceConstraint());
            return;
        }
        domains.computeIfAbsent(pair, this::open).send(departure);
    }

    private RemoteDomain open(DomainPair pair) {
        return new RemoteDomain(this, servers, pair, (EventLoop) servers.loops().next());
    }

    /** Nothing waits for it and no stream is there. What is sent to it after all still goes. */
    void forget(DomainPair pair, RemoteDomain domain) {
        domains.remove(pair, domain);
    }

    boolean isClosed() {
        return closed;
    }

    /** No stream is opened any more; what has a row waits for the next start. */
    void close() {
        closed = true;
    }
}
