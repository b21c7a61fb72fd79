// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Login;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a login costs: TCP, TLS, SCRAM, bind, presence, and goodbye. */
@Command(name = "login", description = "Logs in again and again, a few at a time.")
final class LoginScenario extends Scenario {
    private record Open(int account, long begun, CompletableFuture<Client> login) {}

    @Option(names = "--logins", defaultValue = "500", description = "How many are measured. Default: 500.")
    private int logins;

    @Option(names = "--warmup", defaultValue = "200", description = "How many go before, not measured. Default: 200.")
    private int warmup;

    @Option(names = "--at-once", defaultValue = "4", description = "How many are under way at a time. Default: 4.")
    private int atOnce;

    @Option(
            names = "--inline",
            description = "By SASL2 and Bind 2, and from the second login of an account on by token, in one flight.")
    private boolean inline;

    private final Map<Integer, String> tokens = new HashMap<>();

    /** Sums over logins. */
    private static final class Sums {
        private final Histogram latency = new Histogram(3);
        private long in;
        private long out;
        private long trips;
        private long resumed;
    }

    @Override
    protected void measure(Run run) throws Exception {
        // Every account once at least, so that passwords are hashed by this program before the clocks start.
        logIn(run, Math.max(warmup, target().accounts()), new Sums());
        Sums sums = new Sums();
        Run.Clocks clocks = run.clocks();
        logIn(run, logins, sums);
        run.charge(clocks, logins, "login");
        run.report().add("logins a second", logins / ((System.nanoTime() - clocks.nanos()) / 1e9), "/s");
        run.report().addLatency("login", sums.latency);
        run.report().add("bytes to the client", (double) sums.in / logins, "B");
        run.report().add("bytes to the server", (double) sums.out / logins, "B");
        run.report().add("round trips after TLS", (double) sums.trips / logins, "");
        run.report().add("TLS sessions resumed", 100.0 * sums.resumed / logins, "%");
    }

    private void logIn(Run run, int count, Sums sums) throws Exception {
        Deque<Open> open = new ArrayDeque<>();
        for (int i = 0; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < atOnce) {
                open.add(new Open(
                        i % target().accounts(),
                        System.nanoTime(),
                        run.connector().login(login(i % target().accounts()))));
                i++;
            }
            Open next = open.remove();
            Client client = next.login().get(30, TimeUnit.SECONDS);
            sums.latency.recordValue(System.nanoTime() - next.begun());
            if (client.token() != null) {
                tokens.put(next.account(), client.token());
            }
            sums.in += client.traffic().in();
            sums.out += client.traffic().out();
            sums.trips += client.traffic().trips();
            sums.resumed += client.traffic().resumedTls() ? 1 : 0;
            client.send("<presence/>");
            client.close().get(30, TimeUnit.SECONDS);
            run.line().show("login", (double) i / count, i + " of " + count);
        }
    }

    private Login login(int account) {
        Login login = target().login(account, "login" + account);
        return inline ? login.inline(tokens.get(account), "", List.of()) : login;
    }
}
