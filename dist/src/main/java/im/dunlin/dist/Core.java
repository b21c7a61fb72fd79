// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

import im.dunlin.core.auth.Accounts;
import im.dunlin.core.auth.Passwords;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.core.dispatch.DomainTakenException;
import im.dunlin.core.dispatch.ModuleRegistry;
import im.dunlin.core.dispatch.Router;
import im.dunlin.core.dispatch.Sessions;
import im.dunlin.core.files.DirectoryFileStore;
import im.dunlin.core.files.FileStore;
import im.dunlin.core.files.SharedFiles;
import im.dunlin.core.http.PublicAddresses;
import im.dunlin.core.lane.ClockAheadException;
import im.dunlin.core.lane.Lanes;
import im.dunlin.core.lane.SteadyClock;
import im.dunlin.core.net.tls.TlsContexts;
import im.dunlin.core.portable.PortableAccounts;
import im.dunlin.dist.command.ServerFactory.Acceptance;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import im.dunlin.push.app.Apps;
import im.dunlin.push.app.ConfiguredApps;
import im.dunlin.storage.GroupSync;
import im.dunlin.storage.Store;
import im.dunlin.storage.rocks.RocksSettings;
import im.dunlin.storage.rocks.RocksStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Everything of a server but its sockets: the store, the lanes and the modules. Commands on a stopped server open just this.
 */
final class Core implements AutoCloseable {
    /** Passwords that wait to be hashed; more are refused, and clients try again. */
    private static final int HASHES_WAITING = 200;

    private final Store store;
    private final GroupSync sync;
    private final Lanes lanes;
    private final ModuleRegistry modules;
    private final Accounts accounts;
    private final PublicAddresses addresses;
    private final SharedFiles files;
    private final Apps apps;
    private final ThreadPoolExecutor outside;
    private final Router router;
    private final PortableAccounts portable;
    private final Sessions sessions;
    private volatile boolean failed;

    private Core(ServerConfig config, Store store, FileStore files, Apps apps, Consumer<Throwable> onDiskFailure) {
        this.store = store;
        this.apps = apps;
        this.sync = new GroupSync(store, config.durability(), cause -> {
            failed = true;
            onDiskFailure.accept(cause);
        });
        // More than cores are woken more often, for less each time. With one alone a slow turn would hold up all.
        int laneCount = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.lanes = new Lanes(store, sync, SteadyClock.system(), laneCount);
        this.modules = new ModuleRegistry(config, store, lanes);
        this.accounts = new Accounts(config, store, lanes);
        modules.provide(Accounts.class, accounts);
        this.addresses = new PublicAddresses(config, TlsContexts::nameInUrls);
        modules.provide(PublicAddresses.class, addresses);
        this.files = new SharedFiles(files, config.storage().keepFreeBytes());
        modules.provide(SharedFiles.class, this.files);
        int cores = Runtime.getRuntime().availableProcessors();
        this.outside = new ThreadPoolExecutor(
                cores, cores, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(HASHES_WAITING), task -> {
                    Thread thread = new Thread(task, "outside");
                    thread.setDaemon(true);
                    return thread;
                });
        modules.provide(Passwords.class, new Passwords(LiveAdministration.policy(config), new SecureRandom(), outside));
        modules.provide(Apps.class, apps);
        StandardModules.addTo(modules);
        this.router = new Router(modules, lanes);
        this.portable = new PortableAccounts(store, lanes, accounts, modules);
        this.sessions = new Sessions(lanes, router, modules, config.limits());
    }

    /**
     * Opens the store and starts the lanes; what the last stop interrupted is finished when this returns.
     *
     * @param onDiskFailure told once when nothing can be promised any more
     */
    static Core open(ServerConfig config, DataDirectory data, Acceptance acceptance, Consumer<Throwable> onDiskFailure)
            throws StartException {
        RocksSettings settings = RocksSettings.DEFAULT
                .withMemory(config.storage().cacheBytes(), config.storage().writeBufferBytes())
                .withAcceptLoss(acceptance.loss());
        Store store = RocksStore.open(data.store(), settings);
        FileStore files;
        try {
            files = DirectoryFileStore.open(data.files());
        } catch (IOException e) {
            store.close();
            throw new StartException(data.files() + ": the directory of files cannot be used (" + e.getMessage() + ")");
        }
        Apps apps;
        try {
            apps = ConfiguredApps.toTheWorld(config.push());
        } catch (IOException e) {
            store.close();
            throw new StartException("push: " + e.getMessage());
        }
        Core core;
        try {
            core = new Core(config, store, files, apps, onDiskFailure);
        } catch (DomainTakenException e) {
            store.close();
            throw new StartException(String.valueOf(e.getMessage()));
        }
        try {
            core.lanes.start(core.router, acceptance.clock());
            core.sessions.restore();
            core.router.createServices();
            core.portable.dropInterrupted();
            core.lanes.awaitIdle();
            return core;
        } catch (ClockAheadException e) {
            core.store.close();
            throw new StartException(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            core.store.close();
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
    }

    Store store() {
        return store;
    }

    GroupSync sync() {
        return sync;
    }

    Lanes lanes() {
        return lanes;
    }

    ModuleRegistry modules() {
        return modules;
    }

    /** Threads for what takes long and touches no state; they refuse when too much waits. */
    ThreadPoolExecutor outside() {
        return outside;
    }

    Apps apps() {
        return apps;
    }

    Accounts accounts() {
        return accounts;
    }

    /** Where the hosts are reached over HTTP; whoever opens listeners tells it. */
    PublicAddresses addresses() {
        return addresses;
    }

    /** Accounts that move between servers. */
    PortableAccounts portable() {
        return portable;
    }

    Router router() {
        return router;
    }

    Sessions sessions() {
        return sessions;
    }

    /** Finishes turns, syncs, closes the store. After a failure it only stops: the next start recovers from the disk. */
    @Override
    public void close() {
        outside.shutdownNow();
        files.close();
        portable.close();
        apps.close();
        if (failed) {
            lanes.abandon();
            return;
        }
        try {
            sessions.persist();
            lanes.close();
            sync.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            store.close();
        }
    }
}
