// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.command;

import im.dunlin.core.config.ConfigLoader;
import im.dunlin.core.config.ListenerConfig;
import im.dunlin.core.config.ModuleConfig;
import im.dunlin.core.config.ServerConfig;
import im.dunlin.dist.control.Administration;
import im.dunlin.dist.control.RefusedException;
import im.dunlin.dist.data.DataDirectory;
import im.dunlin.dist.data.StartException;
import im.dunlin.storage.StoreBusyException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Servers that keep their accounts in a map and remember what they were asked. */
final class FakeServers implements ServerFactory {
    final Map<String, String> passwords = new TreeMap<>();
    final Map<String, List<String>> damaged = new TreeMap<>();
    final CountDownLatch started = new CountDownLatch(1);
    final CompletableFuture<String> failure = new CompletableFuture<>();

    @Nullable
    Acceptance acceptance;

    @Nullable
    StartException refusal;

    @Nullable
    Path backedUp;

    volatile boolean running;
    volatile boolean closed;

    @Override
    public void prepare() {}

    @Override
    public ConfigLoader configurations() {
        return new ConfigLoader(Map.of("ping", ModuleConfig.None.class));
    }

    @Override
    public RunningServer start(ServerConfig config, DataDirectory data, Acceptance accepted) throws StartException {
        if (refusal != null) {
            throw refusal;
        }
        acceptance = accepted;
        running = true;
        return new RunningServer() {
            @Override
            public void follow(Path file, ConfigLoader loader) {}

            @Override
            public Administration administration() {
                return new Accounts();
            }

            @Override
            public List<ListenerConfig> listeners() {
                started.countDown();
                return config.listeners();
            }

            @Override
            public CompletionStage<String> failure() {
                return failure;
            }

            @Override
            public void close() {
                running = false;
                closed = true;
            }
        };
    }

    @Override
    public Administration open(ServerConfig config, DataDirectory data) {
        if (running) {
            throw new StoreBusyException("in use");
        }
        return new Accounts();
    }

    private final class Accounts implements Administration {
        @Override
        public void addUser(String jid, String password) throws RefusedException {
            if (passwords.putIfAbsent(jid, password) != null) {
                throw new RefusedException(jid + " exists already");
            }
        }

        @Override
        public void setPassword(String jid, String password) throws RefusedException {
            require(jid);
            passwords.put(jid, password);
        }

        @Override
        public void logOut(String jid) throws RefusedException {
            require(jid);
        }

        @Override
        public void removeUser(String jid) throws RefusedException {
            require(jid);
            passwords.remove(jid);
        }

        @Override
        public List<String> listUsers(@Nullable String host, @Nullable String after) {
            Stream<String> jids = passwords.keySet().stream()
                    .filter(jid -> host == null || jid.endsWith("@" + host))
                    .filter(jid -> after == null || jid.compareTo(after) > 0);
            return jids.limit(PAGE).toList();
        }

        @Override
        public List<String> invitations(String host) {
            return List.of("0123456789ab of " + host);
        }

        @Override
        public void takeInvitationBack(String host, String id) throws RefusedException {
            if (!id.equals("0123456789ab")) {
                throw new RefusedException("no such invitation");
            }
        }

        @Override
        public List<String> reports(@Nullable String host) {
            return List.of();
        }

        @Override
        public Map<String, String> invite(String by, @Nullable String name) throws RefusedException {
            if (by.contains("@")) {
                require(by);
            }
            return Map.of("link", "xmpp:" + by + "?" + name);
        }

        @Override
        public Map<String, String> showUser(String jid) throws RefusedException {
            require(jid);
            return Map.of("account", jid);
        }

        @Override
        public Map<String, String> status() {
            return Map.of("accounts", String.valueOf(passwords.size()));
        }

        @Override
        public List<String> pushDevices(String jid) {
            return List.of("device phone", "of " + jid);
        }

        @Override
        public List<String> explainPush(String event) {
            return List.of("what became of " + event);
        }

        @Override
        public void backup(Path directory) {
            backedUp = directory;
        }

        @Override
        public List<String> checkUser(String jid) throws RefusedException {
            require(jid);
            return damaged.getOrDefault(jid, List.of());
        }

        @Override
        public void exportUser(String jid, Path file) {}

        @Override
        public @Nullable String beginImport(String jid) {
            return null;
        }

        @Override
        public List<String> importPieces(String jid, String ticket, List<String> pieces) {
            return List.of();
        }

        @Override
        public void endImport(String jid, String ticket, List<String> scram, @Nullable String password) {}

        @Override
        public void dropImport(String jid, String ticket) {}

        @Override
        public void close() {}

        private void require(String jid) throws RefusedException {
            if (!passwords.containsKey(jid)) {
                throw new RefusedException("there is no account " + jid);
            }
        }
    }
}
