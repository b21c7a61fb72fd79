// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.it;

import static org.assertj.core.api.Assertions.assertThat;

import im.dunlin.dist.ServerProcess;
import im.dunlin.storage.Seed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What was promised outlives the process. Accounts send each other messages over real sockets, with stream management, while the
 * server is killed, stopped and cut off at random moments; after each start, journals that were kept outside say what must be
 * in the archives, and what must not.
 *
 * <p>The long form: {@code -Dcrash.kills=40}. A former run again, as far as threads allow: {@code -Ddunlin.seed=SEED}.
 */
class CrashIT {
    private static final int KILLS = Integer.getInteger("crash.kills", 4);
    private static final int ACCOUNTS = Integer.getInteger("crash.accounts", 4);
    private static final long SEED = Seed.next();

    /** Faster than people; the rest is as configured by default. */
    private static final String SETTINGS = """
            hosts: { localhost: { limits: { rosterItems: 100000 } } }
            limits:
              rate: { bytesPerSecond: 100MiB, bytesBurst: 100MiB, stanzasPerSecond: 100000, stanzasBurst: 100000 }
            """;

    private enum End {
        KILL,
        STOP
    }

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private final List<CrashAccount> accounts = new ArrayList<>();
    private final Map<CrashAccount, List<Thread>> threads = new HashMap<>();

    @Test
    void whatWasPromisedOutlivesTheProcess() throws Exception {
        System.out.println("dunlin.seed=" + SEED);
        for (int i = 0; i < ACCOUNTS; i++) {
            accounts.add(new CrashAccount("actor" + i + "@localhost", random.nextLong()));
        }
        try (ServerProcess server = new ServerProcess(directory, "crash", SETTINGS)) {
            server.addAccounts(accounts.stream().map(account -> account.jid).toList());
            server.start();
            connectAll(server, End.KILL, Map.of());
            for (int round = 1; round <= KILLS; round++) {
                accounts.forEach(this::begin);
                runUntilPromised(20 + random.nextInt(400));
                cutSome(server);
                runUntilPromised(random.nextInt(200));
                End end = round % 4 == 3 ? End.STOP : End.KILL;
                end(server, end);
                if (end == End.KILL && random.nextInt(3) == 0) {
                    server.launch();
                    LockSupport.parkNanos(random.nextInt(1_500) * 1_000_000L);
                    server.kill();
                }
                server.start();
                assertThat(server.check()).containsExactly(ACCOUNTS + " accounts checked");
                Map<CrashAccount, List<CrashAccount.Entry>> archives = CrashAccount.verify(server.endpoint(), accounts);
                connectAll(server, end, archives);
                System.out.printf("%s %d of %d, %d messages promised%n", end, round, KILLS, promised());
            }
            accounts.forEach(this::begin);
            runUntilPromised(100);
            accounts.forEach(CrashAccount::finish);
            join();
            accounts.forEach(CrashAccount::assertAllPromised);
            CrashAccount.verify(server.endpoint(), accounts);
            server.asksToStop();
            assertThat(server.exitStatus()).isZero();
        }
    }

    private void connectAll(ServerProcess server, End end, Map<CrashAccount, List<CrashAccount.Entry>> archives)
            throws Exception {
        for (CrashAccount account : accounts) {
            account.connect(server.endpoint(), end == End.STOP);
            account.compareRepeats(archives.getOrDefault(account, List.of()));
        }
    }

    private void begin(CrashAccount account) {
        Thread sender = new Thread(() -> account.sendUntilGone(accounts), account.jid + " sends");
        Thread receiver = new Thread(account::receiveUntilGone, account.jid + " receives");
        threads.put(account, List.of(sender, receiver));
        sender.start();
        receiver.start();
    }

    /** Lets them go on until so many more messages are promised. */
    private void runUntilPromised(int more) {
        long goal = promised() + more;
        while (promised() < goal) {
            LockSupport.parkNanos(200_000);
            accounts.forEach(CrashAccount::assertNoFailure);
        }
    }

    private long promised() {
        return accounts.stream().mapToLong(CrashAccount::promisedMessages).sum();
    }

    /** Breaks connections while much is under way; the sessions must be resumed as if nothing had happened. */
    private void cutSome(ServerProcess server) throws Exception {
        for (CrashAccount account : accounts) {
            if (random.nextBoolean()) {
                account.cut();
                join(account);
                account.connect(server.endpoint(), true);
                begin(account);
            }
        }
    }

    private void end(ServerProcess server, End end) throws InterruptedException {
        if (end == End.KILL) {
            server.kill();
        } else {
            server.asksToStop();
            assertThat(server.exitStatus()).isZero();
        }
        join();
    }

    private void join() throws InterruptedException {
        for (CrashAccount account : accounts) {
            join(account);
        }
    }

    private void join(CrashAccount account) throws InterruptedException {
        for (Thread thread : threads.getOrDefault(account, List.of())) {
            thread.join();
        }
        account.assertNoFailure();
    }
}
