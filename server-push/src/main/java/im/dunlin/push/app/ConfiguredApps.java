// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.PushApp;
import im.dunlin.core.config.PushConfig;
import im.dunlin.push.gateway.Gateway;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The apps of the configuration, each with a gateway of its own. Files that change are read again. */
public final class ConfiguredApps implements Apps {
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** Longer than anything that a gateway was given time for. */
    private static final Duration RETIREMENT = Duration.ofMinutes(2);

    private record Opened(PushApp configured, App app, AppGateway gateway) {}

    /** @param loaded as it was when it was read last @param seen as it was at the last look */
    private record Followed(Path file, Source source, Stamp loaded, Stamp seen) {}

    private static final Logger log = LoggerFactory.getLogger(ConfiguredApps.class);

    /** In the order of the configuration; never changed, but replaced by the watching thread. */
    private volatile Map<String, Opened> opened = Map.of();

    private volatile @Nullable Followed followed;
    private final Supplier<Gateways> opening;

    /** Null until there is an app. */
    private @Nullable Gateways gateways;

    private final ScheduledExecutorService watch;

    private ConfiguredApps(Supplier<Gateways> opening) {
        this.opening = opening;
        this.watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "push-keys");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Has the keys of all apps read when a configuration is checked. */
    public static ConfigLoader checked(ConfigLoader loader) {
        return loader.checking(PushApp.class, AppKey::check);
    }

    /**
     * Opens the gateways of all apps to the real services.
     *
     * @throws IOException as {@link #open}
     */
    public static Apps toTheWorld(PushConfig config) throws IOException {
        return open(config, Gateways::toTheWorld);
    }

    /**
     * Opens the gateways of all apps; connections are made when there is something to send.
     *
     * @param gateways asked for once, when there is an app; closed with this
     * @throws IOException if a key file cannot be used any more; the message names it
     */
    public static ConfiguredApps open(PushConfig config, Supplier<Gateways> gateways) throws IOException {
        ConfiguredApps apps = new ConfiguredApps(gateways);
        try {
            apps.prepare(config);
            Map<String, Opened> opened = new LinkedHashMap<>();
            for (Map.Entry<String, PushApp> each : config.apps().entrySet()) {
                opened.put(each.getKey(), apps.opened(each.getKey(), each.getValue()));
            }
            apps.opened = opened;
        } catch (UnusableKeyException e) {
            apps.close();
            throw new IOException(e.getMessage(), e);
        }
        Future<?> unused =
                apps.watch.scheduleWithFixedDelay(apps::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return apps;
    }

    /** So that the gateways of these apps can be opened. */
    private synchronized void prepare(PushConfig config) {
        if (gateways == null && !config.apps().isEmpty()) {
            gateways = opening.get();
        }
        if (gateways != null) {
            gateways.allow(config.webPushAddresses());
        }
    }

    private synchronized Opened opened(String key, PushApp app) throws UnusableKeyException {
        return new Opened(
                app,
                new App(key, provider(Objects.requireNonNull(app.provider()))),
                new AppGateway(key, app, Objects.requireNonNull(gateways), this::retire));
    }

    private static Provider provider(PushApp.Provider configured) {
        return switch (configured) {
            case APNS -> Provider.APNS;
            case FCM -> Provider.FCM;
            case WEB_PUSH -> Provider.WEB_PUSH;
        };
    }

    private void retire(Gateway old) {
        Future<?> unused = watch.schedule(old::close, RETIREMENT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What is done every few seconds; on one thread at a time. */
    void look() {
        opened.values().forEach(each -> each.gateway().look());
        Followed last = followed;
        if (last != null) {
            Stamp now = Stamp.of(last.file());
            // Whoever writes it may not have finished before the next look.
            boolean isNew = now.equals(last.seen()) && !now.equals(last.loaded());
            followed = new Followed(last.file(), last.source(), isNew ? now : last.loaded(), now);
            if (isNew) {
                readAgain(last.source());
            }
        }
    }

    private void readAgain(Source source) {
        try {
            PushConfig config = source.read();
            prepare(config);
            become(config.apps());
        } catch (ConfigException e) {
            log.warn("push apps stay as they are, since the configuration is wrong: {}", e.getMessage());
        }
    }

    private void become(Map<String, PushApp> wanted) {
        Map<String, Opened> before = opened;
        Map<String, Opened> after = new LinkedHashMap<>();
        for (Map.Entry<String, PushApp> each : wanted.entrySet()) {
            Opened old = before.get(each.getKey());
            try {
                after.put(
                        each.getKey(),
                        old != null && old.configured().equals(each.getValue())
                                ? old
                                : opened(each.getKey(), each.getValue()));
            } catch (UnusableKeyException e) {
                log.warn("push app {}: not as configured: {}", each.getKey(), e.getMessage());
                if (old != null) {
                    after.put(each.getKey(), old);
                }
            }
        }
        opened = after;
        before.forEach((key, old) -> {
            if (after.get(key) != old) {
                log.info("push app {}: {}", key, after.containsKey(key) ? "configured anew" : "taken out");
                retire(old.gateway());
            }
        });
        after.keySet().stream()
                .filter(key -> !before.containsKey(key))
                .forEach(key -> log.info("push app {}: added", key));
    }

    @Override
    public void follow(Path file, Source source) {
        Stamp now = Stamp.of(file);
        followed = new Followed(file, source, now, now);
    }

    @Override
    public List<App> all() {
        return opened.values().stream().map(Opened::app).toList();
    }

    @Override
    public Gateway gateway(App app) {
        Opened known = opened.get(app.key());
        if (known == null) {
            throw new IllegalArgumentException("there is no app " + app.key());
        }
        return known.gateway();
    }

    @Override
    public @Nullable String publicKey(App app) {
        Opened known = opened.get(app.key());
        return known == null ? null : known.gateway().publicKey();
    }

    @Override
    public String state(App app) {
        Opened known = opened.get(app.key());
        String refusal = known == null ? null : known.gateway().refusal();
        return refusal == null ? Apps.super.state(app) : "its key is not accepted: " + refusal;
    }

    @Override
    public synchronized void close() {
        if (watch.isShutdown()) {
            return;
        }
        watch.shutdownNow();
        opened.values().forEach(each -> each.gateway().close());
        if (gateways != null) {
            gateways.close();
        }
    }
}
