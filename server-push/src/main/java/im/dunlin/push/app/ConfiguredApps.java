// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.PushApp;
import im.dunlin.core.config.PushConfig;
import im.dunlin.push.gateway.Gateway;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The apps of the configuration, each with a gateway of its own. Key files that change are read again. */
public final class ConfiguredApps implements Apps {
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** Longer than anything that a gateway was given time for. */
    private static final Duration RETIREMENT = Duration.ofMinutes(2);

    private final List<App> all = new ArrayList<>();
    private final Map<String, AppGateway> opened = new LinkedHashMap<>();
    private final Gateways gateways;
    private final ScheduledExecutorService watch;

    private ConfiguredApps(Gateways gateways) {
        this.gateways = gateways;
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
        return config.apps().isEmpty() ? Apps.NONE : open(config, Gateways.toTheWorld(config.webPushAddresses()));
    }

    /**
     * Opens the gateways of all apps; connections are made when there is something to send.
     *
     * @param gateways closed with this
     * @throws IOException if a key file cannot be used any more; the message names it
     */
    public static ConfiguredApps open(PushConfig config, Gateways gateways) throws IOException {
        ConfiguredApps apps = new ConfiguredApps(gateways);
        try {
            for (Map.Entry<String, PushApp> each : config.apps().entrySet()) {
                apps.add(each.getKey(), each.getValue());
            }
        } catch (UnusableKeyException e) {
            apps.close();
            throw new IOException(e.getMessage(), e);
        }
        Future<?> unused =
                apps.watch.scheduleWithFixedDelay(apps::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
        return apps;
    }

    private void add(String key, PushApp app) throws UnusableKeyException {
        opened.put(key, new AppGateway(key, app, gateways, this::retire));
        all.add(new App(key, provider(Objects.requireNonNull(app.provider()))));
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
        opened.values().forEach(AppGateway::look);
    }

    @Override
    public List<App> all() {
        return List.copyOf(all);
    }

    @Override
    public Gateway gateway(App app) {
        AppGateway gateway = opened.get(app.key());
        if (gateway == null) {
            throw new IllegalArgumentException("there is no app " + app.key());
        }
        return gateway;
    }

    @Override
    public @Nullable String publicKey(App app) {
        AppGateway gateway = opened.get(app.key());
        return gateway == null ? null : gateway.publicKey();
    }

    @Override
    public String state(App app) {
        AppGateway gateway = opened.get(app.key());
        String refusal = gateway == null ? null : gateway.refusal();
        return refusal == null ? Apps.super.state(app) : "its key is not accepted: " + refusal;
    }

    @Override
    public void close() {
        if (watch.isShutdown()) {
            return;
        }
        watch.shutdownNow();
        opened.values().forEach(AppGateway::close);
        gateways.close();
    }
}
