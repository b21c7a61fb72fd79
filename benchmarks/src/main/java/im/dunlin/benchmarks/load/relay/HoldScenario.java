// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import im.dunlin.benchmarks.load.client.RawStream;
import im.dunlin.benchmarks.load.measure.ProcessCost;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Connections to {@link RelayCommand} that stay and do nothing: the figures have the names of idle's, to stand beside them. */
@Command(name = "hold", description = "Memory of connections to relay-server that do nothing: the floor of a session.")
public final class HoldScenario extends Scenario {
    private static final int AT_ONCE = 12;
    private static final int PATIENCE_SECONDS = 20;
    private static final int SETTLE_MILLIS = 2_000;

    @Option(names = "--few", defaultValue = "500", description = "As for idle. Default: 500.")
    private int few;

    @Option(names = "--many", defaultValue = "2000", description = "As for idle. Default: 2000.")
    private int many;

    @Override
    protected String reportedAs() {
        return "idle";
    }

    @Override
    protected void measure(Run run) throws Exception {
        Long pid = target().pid();
        if (pid == null || few >= many) {
            throw new IllegalArgumentException("hold needs --pid, and --few less than --many");
        }
        ProcessCost server = new ProcessCost(pid);
        connect(run, few);
        long proportional = server.proportionalKib();
        long resident = server.residentKib();
        connect(run, many - few);
        double more = many - few;
        run.report().add("sessions", many, "");
        run.report().add("PSS of a session", (server.proportionalKib() - proportional) / more, "KiB");
        run.report().add("RSS of a session", (server.residentKib() - resident) / more, "KiB");
    }

    private static void connect(Run run, int count) throws Exception {
        Deque<CompletableFuture<RawStream>> open = new ArrayDeque<>();
        for (int i = 0; i < count || !open.isEmpty(); ) {
            while (i < count && open.size() < AT_ONCE) {
                open.add(run.connector().raw("w\n<stream>", element -> {}));
                i++;
            }
            open.remove().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            run.line().show("connect", (double) i / count, i + " of " + count);
        }
        Thread.sleep(SETTLE_MILLIS);
    }
}
