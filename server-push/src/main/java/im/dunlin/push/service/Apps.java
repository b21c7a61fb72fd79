// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.service;

import im.dunlin.push.gateway.Gateway;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operator's apps, and how their devices are reached. */
public interface Apps {
    /** Who carries pushes to a device that registers with a token. */
    enum Provider {
        APNS,
        FCM
    }

    /** @param key as the configuration calls it */
    record App(String key, Provider provider) {}

    /** In the order of the configuration. */
    List<App> all();

    Gateway gateway(Provider provider);

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
