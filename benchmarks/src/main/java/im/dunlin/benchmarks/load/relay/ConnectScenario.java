// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import im.dunlin.benchmarks.load.client.RawStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** TCP, TLS and goodbye with {@link RelayCommand}: what each login begins with. The figures have the names of login's. */
@Command(name = "connect", description = "Connects to relay-server again and again: the floor of a login.")
public final class ConnectScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 20;

    @Option(names = "--logins", defaultValue = "500", description = "As for login. Default: 500.")
    private int logins;

    @Option(names = "--warmup", defaultValue = "200", description = "As for login. Default: 200.")
    private int warmup;

    @Option(names = "--at-once", defaultValue = "4", description = "As for login. Default: 4.")
    private int atOnce;

    private record Open(long begun, CompletableFuture<RawStream> stream) {}

    @Override
    protected String reportedAs() {
        return "login";
    }

    @Override
    protected void measure(Run run) throws Exception {
        connect(run, warmup, new Histogram(3));
        Histogram latency = new Histogram(3);
        Run.Clocks clocks = run.clocks();
        connect(run, logins, latency);
        run.charge(clocks, logins, "login");
        run.report().add("logins a second", logins / ((System.nanoTime() - clocks.nanos()) / 1e9), "/s");
        run.report().addLatency("login", latency);
    }

    private void connect(Run run, int count, Histogram latency) throws Exception {
        Deque<Open> open = new ArrayDeque<>();
        for (int i = 0; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < atOnce) {
                open.add(new Open(System.nanoTime(), run.connector().raw("w\n<stream>", element -> {})));
                i++;
            }
            Open next = open.remove();
            RawStream stream = next.stream().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            latency.recordValue(System.nanoTime() - next.begun());
            stream.close();
            run.line().show("connect", (double) i / count, i + " of " + count);
        }
    }
}
