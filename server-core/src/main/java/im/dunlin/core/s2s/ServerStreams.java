// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import im.dunlin.core.config.FederationConfig;
import im.dunlin.core.dispatch.Router;
import im.dunlin.core.net.ClientListener;
import im.dunlin.core.net.ClientStreams;
import im.dunlin.core.net.ConnectionLimits;
import im.dunlin.core.net.DecoderLimits;
import im.dunlin.core.net.XmlStreamDecoder;
import im.dunlin.core.net.tls.PeerCertificates;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.core.xml.Ns;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What all streams to and from other servers share. Any thread. */
public final class ServerStreams implements ClientListener.ServerAcceptor, AutoCloseable {
    private final ClientStreams streams;
    private final FederationConfig config;
    private final RemotePolicy policy;
    private final EventLoopGroup loops;
    private final InstantSource clock;
    private final DialbackKeys keys;
    private final PeerCertificates certificates;
    private final ServerResolver resolver;
    private final Connector connector;
    private final RemoteDomains remotes;
    private final IncomingStreams incoming;

    /** @param secret from which keys of dialback are made; the same for as long as the server's data lives */
    public ServerStreams(
            ClientStreams streams,
            FederationConfig config,
            ClientListener listener,
            byte[] secret,
            PeerCertificates certificates,
            InstantSource clock) {
        this.streams = streams;
        this.config = config;
        this.policy = new RemotePolicy(config);
        this.loops = listener.loops();
        this.clock = clock;
        this.keys = new DialbackKeys(secret);
        this.certificates = certificates;
        this.resolver = new ServerResolver(
                policy,
                (io.netty.channel.EventLoop) loops.next(),
                Epoll.isAvailable() ? EpollDatagramChannel.class : NioDatagramChannel.class,
                null);
        this.connector = new Connector(this, resolver);
        this.remotes = new RemoteDomains(this);
        this.incoming = new IncomingStreams(config.streamsPerDomain());
    }

    /** Begins to send what waits, and what will be sent. */
    public void open() {
        router().connectTo(remotes);
    }

    @Override
    public void accept(Channel channel, ConnectionLimits.Admission admission, boolean directTls) {
        if (directTls) {
            channel.pipeline().addLast(tls().directTlsOfServer());
        }
        XmlStreamDecoder decoder = new XmlStreamDecoder(Ns.SERVER, beforeAuthentication());
        channel.pipeline().addLast(decoder, new IncomingStream(this, decoder, admission));
    }

    /** No stream is opened any more. Those that are there are closed with all others. */
    @Override
    public void close() {
        remotes.close();
        resolver.close();
    }

    ClientStreams streams() {
        return streams;
    }

    Router router() {
        return streams.router();
    }

    FederationConfig config() {
        return config;
    }

    RemotePolicy policy() {
        return policy;
    }

    EventLoopGroup loops() {
        return loops;
    }

    InstantSource clock() {
        return clock;
    }

    DialbackKeys keys() {
        return keys;
    }

    TlsContexts tls() {
        return streams.tls();
    }

    Connector connector() {
        return connector;
    }

    IncomingStreams incoming() {
        return incoming;
    }

    DecoderLimits beforeAuthentication() {
        return streams.beforeLogin();
    }

    /** Whether this domain of ours is one that other servers may speak with. */
    boolean isFederated(String domain) {
        return router().isOurs(domain) && router().isFederated(domain);
    }

    /**
     * Judges what a server showed, on a thread that may wait.
     *
     * @param then gets why it does not prove the domain, or null if it does; on that thread
     */
    void judge(List<X509Certificate> chain, String domain, Consumer<@Nullable String> then) {
        try {
            streams.outside().execute(() -> then.accept(certificates.fault(chain, domain)));
        } catch (RejectedExecutionException e) {
            then.accept("a certificate that nobody had time to look at");
        }
    }
}
