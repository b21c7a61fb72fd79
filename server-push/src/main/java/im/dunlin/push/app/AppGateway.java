// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.core.config.PushApp;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An app's gateway, made anew when the file of its key changes. A file that is broken never replaces one that works. */
final class AppGateway implements Gateway {
    private static final Logger log = LoggerFactory.getLogger(AppGateway.class);

    private record Stamps(Stamp key, Stamp password) {}

    private final String name;
    private final PushApp app;
    private final Gateways gateways;
    private final Consumer<Gateway> retire;

    private volatile Gateway current;

    private volatile @Nullable String refusal;

    /** Of Web Push: what clients subscribe with. */
    private volatile @Nullable String publicKey;

    // Below: the watching thread only.
    private Stamps loaded;
    private Stamps seen;

    /** @param retire takes a gateway that is no longer used, to be closed when what it has is answered */
    AppGateway(String name, PushApp app, Gateways gateways, Consumer<Gateway> retire) throws UnusableKeyException {
        this.name = name;
        this.app = app;
        this.gateways = gateways;
        this.retire = retire;
        loaded = stamps();
        seen = loaded;
        current = open();
    }

    private Gateway open() throws UnusableKeyException {
        AppKey key = AppKey.load(app);
        if (key instanceof AppKey.WebPush web) {
            publicKey = web.key().publicKey();
            log.info("push app {}: clients subscribe with {}", name, publicKey);
        }
        return gateways.open(key);
    }

    private Stamps stamps() {
        return new Stamps(Stamp.of(Objects.requireNonNull(app.keyFile())), Stamp.of(app.passwordFile()));
    }

    @Nullable
    String publicKey() {
        return publicKey;
    }

    /** Loads the files if they have changed, and not since the last look. */
    void look() {
        Stamps now = stamps();
        boolean isSettled = now.equals(seen);
        seen = now;
        if (isSettled && !now.equals(loaded)) {
            loaded = now;
            try {
                Gateway old = current;
                current = open();
                refusal = null;
                log.info("push app {}: key loaded anew", name);
                retire.accept(old);
            } catch (UnusableKeyException e) {
                log.warn("push app {}: key not replaced: {}", name, e.getMessage());
            }
        }
    }

    @Override
    public CompletionStage<Answer> send(PushRequest request, Duration within) {
        return current.send(request, within).thenApply(answer -> {
            if (answer instanceof Answer.Unauthorized unauthorized) {
                refused(unauthorized.reason());
            } else if (answer instanceof Answer.Accepted && refusal != null) {
                refusal = null;
                log.info("push app {}: key accepted again", name);
            }
            return answer;
        });
    }

    /** Once for as long as it lasts: every push of the app is answered so. */
    private void refused(String reason) {
        if (!reason.equals(refusal)) {
            refusal = reason;
            log.error(
                    "push app {}: the service does not accept its key: {}. None of its devices is woken until that changes",
                    name,
                    reason);
        }
    }

    /** Why the service does not accept the app's key; null if it does, as far as is known. */
    @Nullable
    String refusal() {
        return refusal;
    }

    @Override
    public int pending() {
        return current.pending();
    }

    @Override
    public void close() {
        current.close();
    }
}
