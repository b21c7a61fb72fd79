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
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What all streams to and from other servers share. Any thread. */
public final class ServerStreams implements ClientListener.ServerAcceptor, AutoCloseable {
    /** Certificates that wait to be judged, some of a millisecond each. */
    private static final int MOST_UNJUDGED = 1_000;

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
    private final Verifications verifications = new Verifications();

    /** Judges certificates, so that a crowd of servers does not hold up the passwords of people. */
    private final ThreadPoolExecutor judges;

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
        this.judges =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_UNJUDGED), task -> {
                    Thread thread = new Thread(task, "certificates");
                    thread.setDaemon(true);
                    return thread;
                });
        judges.allowCoreThreadTimeOut(true);
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
        judges.shutdownNow();
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

    Verifications verifications() {
        return verifications;
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
            judges.execute(() -> then.accept(certificates.fault(chain, domain)));
        } catch (RejectedExecutionException e) {
            then.accept("a certificate that nobody had time to look at");
        }
    }
}
