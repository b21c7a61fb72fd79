// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.ConfigException;
import im.dunlin.core.config.PushConfig;
import im.dunlin.push.gateway.Gateway;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operator's apps, and how their devices are reached. */
public interface Apps extends AutoCloseable {
    /** Who carries pushes to the devices of an app. */
    enum Provider {
        APNS,
        FCM,
        WEB_PUSH
    }

    /** @param key as the configuration calls it */
    record App(String key, Provider provider) {}

    /** Of a server without any. */
    Apps NONE = new Apps() {
        @Override
        public List<App> all() {
            return List.of();
        }

        @Override
        public Gateway gateway(App app) {
            throw new IllegalArgumentException("there is no app " + app.key());
        }
    };

    /** In the order of the configuration. */
    List<App> all();

    /** That of an app, for requests that name it. */
    Gateway gateway(App app);

    /** What clients of an app subscribe to Web Push servers with; null for apps of other providers. */
    default @Nullable String publicKey(App app) {
        return null;
    }

    /** How an app fares, for operators. */
    default String state(App app) {
        return "good, " + gateway(app).pending() + " pushes wait";
    }

    /** From where the apps are read again. */
    interface Source {
        PushConfig read() throws ConfigException;
    }

    /** From now on the apps are those of a file, whatever becomes of it; one that is broken changes nothing. */
    default void follow(Path file, Source source) {}

    /** Nothing is sent any more; what is pending is answered. */
    @Override
    default void close() {}

    default @Nullable App find(String key) {
        return all().stream().filter(app -> app.key().equals(key)).findFirst().orElse(null);
    }

    /** The app of clients that do not say of which they are. */
    default @Nullable App first(Provider provider) {
        return all().stream()
                .filter(app -> app.provider() == provider)
                .findFirst()
                .orElse(null);
    }
}
