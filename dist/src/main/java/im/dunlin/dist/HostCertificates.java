// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.config.HostConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.net.tls.HostCertificate;
import im.dunlin.core.net.tls.SelfSignedCertificate;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.core.net.tls.TlsProvider;
import im.dunlin.core.net.tls.UnusableCertificateException;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The hosts' certificates, configured or made here, and the thread that looks whether their files have changed. */
final class HostCertificates implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final TlsContexts contexts;
    private final ScheduledExecutorService scheduler;

    private HostCertificates(TlsContexts contexts, ScheduledExecutorService scheduler) {
        this.contexts = contexts;
        this.scheduler = scheduler;
    }

    static HostCertificates open(ServerConfig config, DataDirectory data) throws StartException {
        List<HostCertificate> files = files(config, data);
        ScheduledExecutorService scheduler = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "certificates");
            thread.setDaemon(true);
            return thread;
        });
        try {
            TlsContexts contexts = TlsContexts.open(
                    TlsProvider.choose(),
                    files,
                    scheduler,
                    LOOK,
                    config.limits().timeouts().tlsHandshake(),
                    InstantSource.system());
            return new HostCertificates(contexts, scheduler);
        } catch (UnusableCertificateException e) {
            scheduler.shutdownNow();
            throw new StartException(String.valueOf(e.getMessage()));
        }
    }

    /** Whether {@link #open} writes nothing: every host has its files. */
    static boolean areThere(ServerConfig config, DataDirectory data) {
        return config.hosts().entrySet().stream()
                .allMatch(host -> host.getValue().tls().certificate() != null
                        || SelfSignedCertificate.isIn(data.tls(), host.getKey()));
    }

    private static List<HostCertificate> files(ServerConfig config, DataDirectory data) throws StartException {
        SecureRandom random = new SecureRandom();
        List<HostCertificate> files = new ArrayList<>();
        for (Map.Entry<String, HostConfig> host : config.hosts().entrySet()) {
            Path chain = host.getValue().tls().certificate();
            Path key = host.getValue().tls().key();
            try {
                files.add(
                        chain != null && key != null
                                ? new HostCertificate(host.getKey(), chain, key)
                                : SelfSignedCertificate.in(data.tls(), host.getKey(), Instant.now(), random));
            } catch (IOException e) {
                throw new StartException("the certificate of " + host.getKey() + " cannot be made: " + e.getMessage());
            }
        }
        return files;
    }

    TlsContexts contexts() {
        return contexts;
    }

    @Override
    public void close() {
        contexts.close();
        scheduler.shutdownNow();
    }
}
