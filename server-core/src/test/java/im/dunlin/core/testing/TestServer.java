// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.testing;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.AuthThrottle;
import im.dunlin.core.auth.Authenticated;
import im.dunlin.core.auth.CredentialPolicy;
import im.dunlin.core.auth.Credentials;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.auth.SaslMechanisms;
import im.dunlin.core.auth.ScramHash;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.dispatch.Router;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.features.ClientFeatures;
import im.dunlin.core.features.SaslNegotiation;
import im.dunlin.core.jid.BareJid;
import im.dunlin.core.jid.FullJid;
import im.dunlin.core.jid.Jid;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.Turn;
import im.dunlin.core.module.Setup;
import im.dunlin.core.session.ClientSession;
import im.dunlin.core.stream.Negotiator;
import im.dunlin.storage.Durability;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.Store;
import im.dunlin.storage.memory.MemoryStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The whole server but for sockets: real lanes, store, dispatch and modules in this process, and clients that are a queue.
 * A dialogue with it is deterministic: each {@link TestClient#sends} returns when everything that it led to has happened.
 *
 * <pre>
 * try (TestServer server = TestServer.with(Map.of("ping", PingModule::new))) {
 *     TestClient juliet = server.connect("juliet@localhost/balcony");
 *     juliet.sends("&lt;iq type='get' id='p1' to='localhost'&gt;&lt;ping xmlns='urn:xmpp:ping'/&gt;&lt;/iq&gt;");
 *     juliet.receives("&lt;iq type='result' id='p1' from='localhost'/&gt;");
 * }
 * </pre>
 */
public final class TestServer implements AutoCloseable {
    /** As cheap as may be. */
    private static final CredentialPolicy POLICY =
            new CredentialPolicy(EnumSet.of(ScramHash.SHA_1), CredentialPolicy.MIN_ITERATIONS);

    private static final Credentials NO_PASSWORD =
            Credentials.ofPassword("nobody knows it", POLICY, new SecureRandom());

    private final Store store;
    private final GroupSync sync;
    private final TestTime time;
    private final Lanes lanes;
    private final ModuleRegistry modules;
    private final Accounts accounts;
    private final Router router;
    private final Sessions sessions;
    private final Negotiator negotiator;

    /** A clock that stands still until it is told. */
    public static final class TestTime implements InstantSource {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        public void advance(Duration by) {
            now = now.plus(by);
        }
    }

    private TestServer(
            Store store,
            TestTime time,
            ServerConfig config,
            CredentialPolicy keys,
            Map<String, Consumer<Setup>> constructors) {
        this.store = store;
        this.time = time;
        this.sync = new GroupSync(store, Durability.SYNC, failure -> {});
        this.lanes = new Lanes(store, sync, time, 2);
        this.modules = new ModuleRegistry(config, store, lanes);
        this.accounts = new Accounts(config, store, lanes);
        modules.provide(Accounts.class, accounts);
        modules.provide(Passwords.class, new Passwords(POLICY, new SecureRandom(), Runnable::run));
        constructors.forEach(modules::add);
        this.router = new Router(modules, lanes);
        this.sessions = new Sessions(lanes, router, modules, config.limits());
        Set<String> mechanisms =
                keys.hashes().stream().map(ScramHash::mechanism).collect(Collectors.toSet());
        mechanisms.add("PLAIN");
        SaslNegotiation sasl = new SaslNegotiation(
                host -> new SaslMechanisms(mechanisms, keys, store.cluster().secret("scram"), new SecureRandom()),
                accounts,
                new AuthThrottle(AuthThrottle.Limits.DEFAULT, time),
                config.limits().login().failuresPerStream());
        this.negotiator = ClientFeatures.negotiator(sasl, lanes, modules, sessions);
        try {
            lanes.start(router, false);
            sessions.restore();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        router.createServices();
        settle();
    }

    /** A server for {@code localhost} with these modules, in this order, on a store in memory. */
    public static TestServer with(Map<String, Consumer<Setup>> modules) {
        return with(new MemoryStore(), new TestTime(), modules);
    }

    /** As {@link #with(Map)}, for one module. */
    public static TestServer with(String key, Consumer<Setup> module) {
        return with(Map.of(key, module));
    }

    /** A server on a store that may hold what an earlier one left. */
    public static TestServer with(Store store, TestTime time, Map<String, Consumer<Setup>> modules) {
        return with(store, time, ServerConfig.defaults(), modules);
    }

    public static TestServer with(
            Store store, TestTime time, ServerConfig config, Map<String, Consumer<Setup>> modules) {
        return new TestServer(store, time, config, POLICY, new LinkedHashMap<>(modules));
    }

    /** A server that keeps these keys, and whose accounts have come with keys of SHA-1 alone. */
    public static TestServer keeping(CredentialPolicy keys, Map<String, Consumer<Setup>> modules) {
        return new TestServer(
                new MemoryStore(), new TestTime(), ServerConfig.defaults(), keys, new LinkedHashMap<>(modules));
    }

    public TestTime time() {
        return time;
    }

    public Store store() {
        return store;
    }

    public Lanes lanes() {
        return lanes;
    }

    public Accounts accounts() {
        return accounts;
    }

    /** Offers what the streams of a real server offer. */
    public Negotiator negotiator() {
        return negotiator;
    }

    public ModuleRegistry modules() {
        return modules;
    }

    public Router router() {
        return router;
    }

    public Sessions sessions() {
        return sessions;
    }

    /** Whether the disk has failed, so that nothing is released any more. */
    public boolean hasFailed() {
        return sync.hasFailed();
    }

    /** Makes an account if there is none of that name; it has a password that nobody knows. */
    public BareJid account(String jid) {
        BareJid account = (BareJid) Jid.of(jid);
        turn(account, turn -> accounts.create(turn, NO_PASSWORD));
        return account;
    }

    /** What somebody who has logged in to the account has proven. */
    public Authenticated authenticated(BareJid account) {
        Credentials keys = turn(account, accounts::find);
        return new Authenticated(account, keys == null ? 0 : keys.generation(), null);
    }

    /** A stream over TLS on which nobody has logged in. */
    public TestClient open(String domain) {
        return new TestClient(this, domain);
    }

    /** A stream that is authenticated and has no session yet, making its account first if need be. */
    public TestClient login(String account) {
        TestClient client = open(BareJid.of(account).domain());
        client.authenticated(authenticated(account(account)));
        return client;
    }

    /** Binds a session, making its account first if need be. */
    public TestClient connect(String fullJid) {
        FullJid jid = (FullJid) Jid.of(fullJid);
        TestClient client = login(jid.bare().toString());
        AtomicReference<@Nullable ClientSession> bound = new AtomicReference<>();
        sessions.bind(authenticated(jid.bare()), jid.resource(), client, (session, error) -> bound.set(session));
        settle();
        ClientSession session = bound.get();
        if (session == null) {
            throw new IllegalStateException(fullJid + " could not be bound");
        }
        client.bound(session);
        return client;
    }

    /** Gives the account this password, making it first if need be. */
    public BareJid account(String jid, String password) {
        BareJid account = account(jid);
        Credentials keys = Credentials.ofPassword(password, POLICY, new SecureRandom());
        turn(account, turn -> accounts.setPassword(turn, keys, null));
        return account;
    }

    /** Runs something in a turn of this owner and returns what it returned, when all of it has happened. */
    public <T> @Nullable T turn(BareJid owner, Function<Turn, @Nullable T> body) {
        List<@Nullable T> result = new ArrayList<>(1);
        lanes.submit(owner, turn -> result.add(body.apply(turn)));
        settle();
        return result.isEmpty() ? null : result.get(0);
    }

    /** Moves the clock and lets everything that is due happen. */
    public void after(Duration duration) {
        time.advance(duration);
        lanes.tick();
        settle();
    }

    /** Waits until nothing happens any more. */
    public void settle() {
        try {
            lanes.awaitIdle();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Stops as {@code kill -9} does: nothing is finished, nothing is said; the store stays open for the next server. */
    public void kill() {
        lanes.abandon();
    }

    /** Stops cleanly and keeps the sessions that can be resumed; the store stays open for the next server. */
    public void stop() {
        try {
            sessions.persist();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        close();
    }

    @Override
    public void close() {
        try {
            lanes.close();
            sync.close();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
