// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.TlsChannel;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.session.SessionKey;
import im.dunlin.core.session.Wire;
import im.dunlin.core.stream.Negotiation;
import im.dunlin.core.stream.StreamFeature.Step;
import im.dunlin.core.stream.StreamTrait;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The negotiation of a {@link TestClient}'s stream; whatever goes elsewhere runs where it is. */
public final class TestStream implements Negotiation {
    /** Every client's. */
    static final TlsChannel TLS = new TlsChannel(
            "TLSv1.3", Map.of("tls-exporter", new byte[32], "tls-server-end-point", new byte[] {1, 2, 3}));

    private final TestClient client;
    private final Set<StreamTrait> traits = EnumSet.of(StreamTrait.SECURE);
    private final Map<SessionKey<?>, Object> remembered = new HashMap<>();
    private final String domain;
    private @Nullable Jid from;
    private volatile @Nullable Authenticated authenticated;
    private volatile @Nullable ClientSession session;
    private volatile InetAddress address = InetAddress.getLoopbackAddress();

    TestStream(TestClient client, String domain) {
        this.client = client;
        this.domain = domain;
    }

    synchronized void apply(Step step) {
        if (step instanceof Step.Reply reply) {
            client.tell(reply.answer());
        } else if (step instanceof Step.Reached reached) {
            traits.addAll(reached.traits());
            if (reached.answer() != null) {
                client.tell(reached.answer());
            }
            if (reached.features()) {
                client.tell(client.features());
            }
            client.release();
        } else if (step instanceof Step.Close close) {
            if (close.answer() != null) {
                client.tell(close.answer());
            }
            client.close(close.error());
        }
    }

    void from(InetAddress remote) {
        address = remote;
    }

    @Override
    public Set<StreamTrait> traits() {
        return traits;
    }

    @Override
    public String streamId() {
        return "stream";
    }

    @Override
    public String domain() {
        return domain;
    }

    void saysThatItIs(Jid who) {
        from = who;
    }

    @Override
    public @Nullable Jid from() {
        return from;
    }

    @Override
    public InetAddress remoteAddress() {
        return address;
    }

    @Override
    public TlsChannel tls() {
        return TLS;
    }

    @Override
    public @Nullable Authenticated authenticated() {
        return authenticated;
    }

    @Override
    public void authenticatedAs(Authenticated who) {
        authenticated = who;
        traits.add(StreamTrait.AUTHENTICATED);
    }

    @Override
    public @Nullable ClientSession session() {
        return session;
    }

    @Override
    public void boundAs(ClientSession bound) {
        session = bound;
        traits.add(StreamTrait.BOUND);
    }

    @Override
    public Wire wire() {
        return client;
    }

    @Override
    @SuppressWarnings("unchecked") // remember() pairs key and value by type
    public <T> @Nullable T remembered(SessionKey<T> key) {
        return (T) remembered.get(key);
    }

    @Override
    public <T> void remember(SessionKey<T> key, @Nullable T value) {
        if (value == null) {
            remembered.remove(key);
        } else {
            remembered.put(key, value);
        }
    }

    @Override
    public void proceed(Step step) {
        apply(step);
    }

    @Override
    public Executor loop() {
        return Runnable::run;
    }

    @Override
    public void later(Duration delay, Runnable task) {
        // Time stands still in a dialogue.
        task.run();
    }

    @Override
    public Executor outside() {
        return Runnable::run;
    }

    @Override
    public boolean isOpen() {
        return !client.isClosed();
    }
}
