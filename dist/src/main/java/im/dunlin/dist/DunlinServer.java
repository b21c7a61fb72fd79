// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.auth.AuthThrottle;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.SaslMechanisms;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.OfferedMechanism;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.features.ClientFeatures;
import im.dunlin.core.features.SaslNegotiation;
import im.dunlin.core.net.ClientListener;
import im.dunlin.core.net.ClientStreams;
import im.dunlin.core.net.ComponentAccess;
import im.dunlin.core.net.http.HttpServer;
import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.core.net.tls.TlsProvider;
import im.dunlin.core.net.tls.UnusableCertificateException;
import im.dunlin.core.stream.Negotiator;
import im.dunlin.core.stream.StreamError;
import im.dunlin.dist.command.RunningServer;
import im.dunlin.dist.command.ServerFactory.Acceptance;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The object graph of a server that serves: {@link Core}, TLS, the features of its streams, and its sockets. */
final class DunlinServer implements RunningServer {
    private static final Logger log = LoggerFactory.getLogger(DunlinServer.class);

    private static final Duration CERTIFICATE_LOOK = Duration.ofSeconds(5);

    private static final Duration CLIENTS_MAY_TAKE = Duration.ofSeconds(3);

    private final Core core;
    private final ScheduledExecutorService scheduler;
    private final TlsContexts tls;
    private final ClientStreams streams;
    private final ClientListener listener;
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private final Administration administration;
    private final CompletableFuture<String> failure;

    private DunlinServer(
            ServerConfig config, DataDirectory data, TlsProvider provider, Core core, CompletableFuture<String> failure)
            throws StartException {
        this.core = core;
        this.failure = failure;
        SecureRandom random = new SecureRandom();
        this.scheduler = new ScheduledThreadPoolExecutor(1, daemon("certificates"));
        int cores = Runtime.getRuntime().availableProcessors();
        this.tls = openTls(config, data, provider, scheduler, random);
        Map<String, SaslMechanisms> mechanisms = mechanisms(config, core, random);
        SaslNegotiation sasl = new SaslNegotiation(
                host -> Objects.requireNonNull(mechanisms.get(host), host),
                core.accounts(),
                new AuthThrottle(throttle(config), InstantSource.system()),
                config.limits().login().failuresPerStream());
        Negotiator negotiator = ClientFeatures.negotiator(sasl, core.lanes(), core.modules(), core.sessions());
        this.streams = new ClientStreams(config, core.router(), core.sessions(), negotiator, tls, core.outside());
        HttpServer http = new HttpServer(config, core.modules(), core.addresses(), streams, tls);
        this.listener = new ClientListener(
                streams, config.http(), http, new ComponentAccess(config.components(), InstantSource.system()), cores);
        this.administration = new LiveAdministration(config, data, core, random, () -> {});
    }

    static DunlinServer start(ServerConfig config, DataDirectory data, Acceptance acceptance) throws StartException {
        CompletableFuture<String> failure = new CompletableFuture<>();
        // Before anything else uses TLS, which gateways of apps do.
        TlsProvider provider = TlsProvider.choose();
        Core core = Core.open(
                config,
                data,
                acceptance,
                cause -> failure.complete("the store failed, and nothing more can be promised: " + cause.getMessage()));
        boolean started = false;
        try {
            DunlinServer server = new DunlinServer(config, data, provider, core, failure);
            try {
                server.listen(config);
                started = true;
                return server;
            } finally {
                if (!started) {
                    server.closeSockets();
                }
            }
        } finally {
            if (!started) {
                core.close();
            }
        }
    }

    private void listen(ServerConfig config) throws StartException {
        for (ListenerConfig wanted : config.listeners()) {
            try {
                InetSocketAddress open = listener.open(wanted);
                listeners.add(new ListenerConfig(wanted.kind(), wanted.address(), open.getPort()));
                if (wanted.kind().isHttp()) {
                    core.addresses().listening(wanted.kind() == ListenerConfig.Kind.HTTPS, open.getPort());
                }
                log.info("Listening on {} ({})", open, wanted.kind());
            } catch (IOException e) {
                throw new StartException(
                        "port " + wanted.port() + " on " + wanted.address() + " cannot be opened: " + e.getMessage());
            }
        }
    }

    private static TlsContexts openTls(
            ServerConfig config,
            DataDirectory data,
            TlsProvider provider,
            ScheduledExecutorService scheduler,
            SecureRandom random)
            throws StartException {
        List<HostCertificate> certificates = new ArrayList<>();
        for (Map.Entry<String, HostConfig> host : config.hosts().entrySet()) {
            Path chain = host.getValue().tls().certificate();
            Path key = host.getValue().tls().key();
            try {
                certificates.add(
                        chain != null && key != null
                                ? new HostCertificate(host.getKey(), chain, key)
                                : SelfSignedCertificate.in(data.tls(), host.getKey(), Instant.now(), random));
            } catch (IOException e) {
                throw new StartException("the certificate of " + host.getKey() + " cannot be made: " + e.getMessage());
            }
        }
        try {
            return TlsContexts.open(
                    provider,
                    certificates,
                    scheduler,
                    CERTIFICATE_LOOK,
                    config.limits().timeouts().tlsHandshake(),
                    InstantSource.system());
        } catch (UnusableCertificateException e) {
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }

    /** The SASL mechanisms of each host. */
    private static Map<String, SaslMechanisms> mechanisms(ServerConfig config, Core core, SecureRandom random) {
        CredentialPolicy policy = LiveAdministration.policy(config);
        byte[] secret = core.store().cluster().secret("scram");
        Map<String, SaslMechanisms> mechanisms = new HashMap<>();
        config.hosts().forEach((domain, host) -> {
            List<OfferedMechanism> offered =
                    host.mechanisms().isEmpty() ? config.authentication().mechanisms() : host.mechanisms();
            Set<String> names =
                    offered.stream().map(OfferedMechanism::registeredName).collect(Collectors.toSet());
            mechanisms.put(domain, new SaslMechanisms(names, policy, secret, random));
        });
        return mechanisms;
    }

    private static AuthThrottle.Limits throttle(ServerConfig config) {
        var login = config.limits().login();
        AuthThrottle.Limits usual = AuthThrottle.Limits.DEFAULT;
        return new AuthThrottle.Limits(
                login.window(),
                login.failuresPerAccount(),
                login.failuresPerAddress(),
                usual.failuresPerAccount(),
                usual.maxCounters());
    }

    private static java.util.concurrent.ThreadFactory daemon(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public Administration administration() {
        return administration;
    }

    @Override
    public List<ListenerConfig> listeners() {
        return listeners;
    }

    @Override
    public void follow(Path file, ConfigLoader loader) {
        core.apps().follow(file, () -> loader.load(file).push());
    }

    @Override
    public CompletionStage<String> failure() {
        return failure;
    }

    @Override
    public void close() {
        listener.stopAccepting();
        streams.closeAll(StreamError.of(StreamError.Condition.SYSTEM_SHUTDOWN));
        streams.awaitNone(CLIENTS_MAY_TAKE);
        streams.cutAll();
        streams.awaitNone(CLIENTS_MAY_TAKE);
        // Turns that still end have something to say to connections that are gone, and say it to a loop that is there.
        core.close();
        closeSockets();
    }

    private void closeSockets() {
        listener.close();
        tls.close();
        scheduler.shutdownNow();
    }
}
