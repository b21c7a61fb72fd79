// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of the virtual hosts, kept up to date with their files.
 *
 * <p>A client is shown the certificate of the name it indicates (SNI); without one, or with one that nobody here has,
 * that of the host it is known to want, else of the default host. So a client that indicates the name of a machine
 * instead of its domain gets as far as it would without.
 *
 * <p>{@link #directTls} and {@link #startTls} may be called on any thread; files are read on the scheduler's.
 */
public final class TlsContexts implements AutoCloseable {
    /** Longer than a connection waits between choosing a context and using it, which happens in one task. */
    private static final Duration RELEASE_DELAY = Duration.ofMinutes(1);

    private static final List<String> PROTOCOLS = List.of(Alpn.CLIENT, Alpn.HTTP);

    /** By domain as SNI spells it, the default host first. */
    private final Map<String, WatchedCertificate> hosts;

    private final ExporterSecrets secrets;
    private final Duration handshake;
    private final WatchedCertificate defaultHost;
    private final ScheduledFuture<?> watch;

    private TlsContexts(
            Map<String, WatchedCertificate> hosts,
            WatchedCertificate defaultHost,
            ExporterSecrets secrets,
            ScheduledExecutorService scheduler,
            Duration every,
            Duration handshake) {
        this.handshake = handshake;
        this.hosts = hosts;
        this.defaultHost = defaultHost;
        this.secrets = secrets;
        this.watch =
                scheduler.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Loads and checks all certificates, then looks every few seconds whether files have changed.
     *
     * @param certificates one for each host, the default host's first
     * @param scheduler for reading files
     * @param every how often to look
     * @param handshake how long a client may take for its ClientHello, and again for the rest
     * @throws UnusableCertificateException if any cannot be used; its message has one line for each of them
     */
    public static TlsContexts open(
            TlsProvider provider,
            List<HostCertificate> certificates,
            ScheduledExecutorService scheduler,
            Duration every,
            Duration handshake,
            InstantSource clock)
            throws UnusableCertificateException {
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("certificates: none (expected: at least one)");
        }
        ExporterSecrets secrets = new ExporterSecrets();
        Map<String, WatchedCertificate> hosts = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (HostCertificate files : certificates) {
            try {
                hosts.put(
                        AsciiDomain.of(files.host()),
                        new WatchedCertificate(
                                files, provider, secrets, PROTOCOLS, clock, old -> releaseLater(old, scheduler)));
            } catch (UnusableCertificateException e) {
                problems.add(e.getMessage());
            }
        }
        if (!problems.isEmpty()) {
            hosts.values().forEach(WatchedCertificate::release);
            throw new UnusableCertificateException(String.join("\n", problems));
        }
        WatchedCertificate defaultHost = hosts.values().iterator().next();
        return new TlsContexts(hosts, defaultHost, secrets, scheduler, every, handshake);
    }

    private static void releaseLater(HostContext old, ScheduledExecutorService scheduler) {
        ScheduledFuture<?> unused = scheduler.schedule(old::release, RELEASE_DELAY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * The first handler of a connection that begins with TLS (XEP-0368). A client that offers application protocols
     * must offer {@code xmpp-client}; one that offers none is taken at the port's word.
     */
    public ChannelHandler directTls() {
        return new TlsHandshake(sni -> choose(sni, defaultHost), List.of(Alpn.CLIENT), handshake);
    }

    /** The first handler of a connection for HTTPS; application protocols as for {@link #directTls}. */
    public ChannelHandler https() {
        return new TlsHandshake(sni -> choose(sni, defaultHost), List.of(Alpn.HTTP), handshake);
    }

    /**
     * The first handler of a stream after {@code <proceed/>} was written and flushed; nothing may be written until the
     * handshake is complete.
     *
     * @param to the domain that the stream header named, or null
     */
    public ChannelHandler startTls(@Nullable String to) {
        WatchedCertificate wanted = to == null ? defaultHost : find(AsciiDomain.of(to));
        return new TlsHandshake(sni -> choose(sni, wanted == null ? defaultHost : wanted), List.of(), handshake);
    }

    /** As {@link #startTls}, for a stream of another server, which is asked for its certificate. */
    public ChannelHandler startTlsOfServer(@Nullable String to) {
        WatchedCertificate wanted = ofDomain(to);
        return new TlsHandshake(sni -> choose(sni, wanted), TlsContexts::incoming, List.of(), handshake);
    }

    /** As {@link #directTls}, for another server. */
    public ChannelHandler directTlsOfServer() {
        return new TlsHandshake(
                sni -> choose(sni, defaultHost), TlsContexts::incoming, List.of(Alpn.SERVER), handshake);
    }

    private static SslContext incoming(HostContext host) {
        return host.servers().get(ServerContexts.Kind.INCOMING);
    }

    /**
     * The first handler of a connection that we open to another server; it shows the certificate of the domain that connects, and
     * indicates the name of the other (RFC 6120 §5.4.3.1).
     *
     * @param direct whether TLS comes before the stream
     */
    public SslHandler toServer(String from, String to, boolean direct, ByteBufAllocator allocator) {
        SslContext context = ofDomain(from)
                .current()
                .servers()
                .get(direct ? ServerContexts.Kind.OUTGOING_DIRECT : ServerContexts.Kind.OUTGOING);
        SslHandler handler = context.newHandler(allocator, AsciiDomain.of(to), -1);
        handler.setHandshakeTimeoutMillis(handshake.toMillis());
        return handler;
    }

    private WatchedCertificate ofDomain(@Nullable String domain) {
        WatchedCertificate found = domain == null ? null : find(AsciiDomain.of(domain));
        return found != null ? found : ofHostAbove(domain);
    }

    /** A service has the certificate of its host, whether or not that covers it. */
    private WatchedCertificate ofHostAbove(@Nullable String domain) {
        for (Map.Entry<String, WatchedCertificate> host : hosts.entrySet()) {
            if (domain != null && AsciiDomain.of(domain).endsWith("." + host.getKey())) {
                return host.getValue();
            }
        }
        return defaultHost;
    }

    /** A domain as URLs and certificates spell it: A-labels, lower case. */
    public static String nameInUrls(String domain) {
        return AsciiDomain.of(domain);
    }

    private HostContext choose(@Nullable String sni, WatchedCertificate otherwise) {
        WatchedCertificate named = sni == null ? null : find(AsciiDomain.of(sni));
        return (named == null ? otherwise : named).current();
    }

    private @Nullable WatchedCertificate find(String name) {
        WatchedCertificate exact = hosts.get(name);
        if (exact != null) {
            return exact;
        }
        for (WatchedCertificate host : hosts.values()) {
            if (host.current().names().cover(name)) {
                return host;
            }
        }
        return null;
    }

    /** What is done every few seconds; on one thread at a time. */
    void look() {
        hosts.values().forEach(WatchedCertificate::look);
    }

    /** Handshakes whose secret is waited for: none when nobody is connecting. */
    int handshakesUnderWay() {
        return secrets.size();
    }

    /** Stops looking at the files and lets go of the contexts; connections that exist go on. */
    @Override
    public void close() {
        watch.cancel(false);
        hosts.values().forEach(WatchedCertificate::release);
    }
}
