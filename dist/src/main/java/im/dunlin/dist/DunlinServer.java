// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.auth.AuthThrottle;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.SaslMechanisms;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.OfferedMechanism;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.features.ClientFeatures;
import im.dunlin.core.features.SaslNegotiation;
import im.dunlin.core.net.ClientListener;
import im.dunlin.core.net.ClientStreams;
import im.dunlin.core.net.ComponentAccess;
import im.dunlin.core.net.http.HttpServer;
import im.dunlin.core.net.tls.PeerCertificates;
import im.dunlin.core.net.tls.TlsProvider;
import im.dunlin.core.net.tls.UnusableCertificateException;
import im.dunlin.core.s2s.ServerStreams;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The object graph of a server that serves: {@link Core}, TLS, the features of its streams, and its sockets. */
final class DunlinServer implements RunningServer {
    private static final Logger log = LoggerFactory.getLogger(DunlinServer.class);

    private static final Duration CLIENTS_MAY_TAKE = Duration.ofSeconds(3);

    private final Core core;
    private final HostCertificates certificates;
    private final ClientStreams streams;
    private final ServerStreams servers;
    private final ClientListener listener;
    private final List<ListenerConfig> listeners = new ArrayList<>();
    private final Administration administration;
    private final CompletableFuture<String> failure;

    private DunlinServer(
            ServerConfig config,
            DataDirectory data,
            HostCertificates certificates,
            Core core,
            PeerCertificates peers,
            CompletableFuture<String> failure) {
        this.core = core;
        this.certificates = certificates;
        this.failure = failure;
        SecureRandom random = new SecureRandom();
        int cores = Runtime.getRuntime().availableProcessors();
        Map<String, SaslMechanisms> mechanisms = mechanisms(config, core, random);
        SaslNegotiation sasl = new SaslNegotiation(
                host -> Objects.requireNonNull(mechanisms.get(host), host),
                core.accounts(),
                new AuthThrottle(throttle(config), InstantSource.system()),
                config.limits().login().failuresPerStream());
        Negotiator negotiator = ClientFeatures.negotiator(sasl, core.lanes(), core.modules(), core.sessions());
        this.streams = new ClientStreams(
                config, core.router(), core.sessions(), negotiator, certificates.contexts(), core.outside());
        HttpServer http = new HttpServer(config, core.modules(), core.addresses(), streams, certificates.contexts());
        this.listener = new ClientListener(
                streams, config.http(), http, new ComponentAccess(config.components(), InstantSource.system()), cores);
        this.servers = new ServerStreams(
                streams,
                config.federation(),
                listener,
                core.store().cluster().secret("dialback"),
                peers,
                InstantSource.system());
        listener.serversTo(servers);
        this.administration = new LiveAdministration(config, data, core, random, () -> {});
    }

    static DunlinServer start(ServerConfig config, DataDirectory data, Acceptance acceptance) throws StartException {
        CompletableFuture<String> failure = new CompletableFuture<>();
        // Before anything else uses TLS, which gateways of apps do.
        TlsProvider.prepare();
        FutureTask<HostCertificates> certificates = new FutureTask<>(() -> HostCertificates.open(config, data));
        // Files that are there are read beside the store and the modules, which take as long and need nothing of them.
        // Those to be made are made behind the store's lock: another server may start on the same directory.
        boolean areThere = HostCertificates.areThere(config, data);
        if (areThere) {
            new Thread(certificates, "certificates").start();
        }
        boolean started = false;
        try {
            Core core = Core.open(
                    config,
                    data,
                    acceptance,
                    cause -> failure.complete(
                            "the store failed, and nothing more can be promised: " + cause.getMessage()));
            try {
                certificates.run();
                DunlinServer server = new DunlinServer(config, data, await(certificates), core, peers(config), failure);
                try {
                    server.listen(config);
                    started = true;
                    return server;
                } finally {
                    if (!started) {
                        server.listener.close();
                    }
                }
            } finally {
                if (!started) {
                    core.close();
                }
            }
        } finally {
            if (!started && (areThere || certificates.isDone())) {
                closeIfOpened(certificates);
            }
        }
    }

    private static PeerCertificates peers(ServerConfig config) throws StartException {
        try {
            return new PeerCertificates(config.federation().trust(), InstantSource.system());
        } catch (UnusableCertificateException e) {
            throw new StartException("federation: " + e.getMessage());
        }
    }

    private static HostCertificates await(FutureTask<HostCertificates> certificates) throws StartException {
        try {
            return certificates.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StartException expected) {
                throw expected;
            }
            throw new IllegalStateException("certificates", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }

    private static void closeIfOpened(FutureTask<HostCertificates> certificates) {
        try {
            await(certificates).close();
        } catch (StartException | RuntimeException e) {
            // Whatever ended the start is told already, and this may be it.
            log.debug("No certificates to close: {}", e.getMessage());
        }
    }

    private void listen(ServerConfig config) throws StartException {
        servers.open();
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
        servers.close();
        streams.closeAll(StreamError.of(StreamError.Condition.SYSTEM_SHUTDOWN));
        streams.awaitNone(CLIENTS_MAY_TAKE);
        streams.cutAll();
        streams.awaitNone(CLIENTS_MAY_TAKE);
        // Turns that still end have something to say to connections that are gone, and say it to a loop that is there.
        core.close();
        listener.close();
        certificates.close();
    }
}
