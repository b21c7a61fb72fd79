// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.measure.JavaHeap;
import im.dunlin.benchmarks.load.measure.ProcessCost;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a session that does nothing costs: the slope between two numbers of sessions, so that the server's own cost is out. */
@Command(name = "idle", description = "Memory and CPU of sessions that do nothing.")
final class IdleScenario extends Scenario {
    private record Sample(long proportionalKib, long residentKib, long heapBytes) {}

    @Option(names = "--few", defaultValue = "500", description = "Sessions at the first look. Default: 500.")
    private int few;

    @Option(names = "--many", defaultValue = "2000", description = "Sessions at the second look. Default: 2000.")
    private int many;

    @Option(names = "--per-account", defaultValue = "10", description = "Sessions of one account. Default: 10.")
    private int perAccount;

    @Option(names = "--seconds", defaultValue = "20", description = "How long they are idle. Default: 20.")
    private int seconds;

    @Option(names = "--heap", description = "The server is a JVM of this user: collect, and read its heap as well.")
    private boolean heap;

    @Override
    protected void measure(Run run) throws Exception {
        Long pid = target().pid();
        if (pid == null || few >= many) {
            throw new IllegalArgumentException("idle needs --pid, and --few less than --many");
        }
        target().needAccounts((many + perAccount - 1) / perAccount);
        Sample low = sessions(run, 0, few, pid);
        Sample high = sessions(run, few, many, pid);
        double more = many - few;
        run.report().add("sessions", many, "");
        run.report().add("PSS of a session", (high.proportionalKib() - low.proportionalKib()) / more, "KiB");
        run.report().add("RSS of a session", (high.residentKib() - low.residentKib()) / more, "KiB");
        if (heap) {
            run.report().add("heap of a session", (high.heapBytes() - low.heapBytes()) / more / 1024, "KiB");
        }
        Run.Clocks clocks = run.clocks();
        for (int i = 0; i < seconds; i++) {
            Thread.sleep(1_000);
            run.line().show("idle", (double) i / seconds, many + " sessions");
        }
        run.charge(clocks, (long) many * seconds, "session and second");
    }

    @Override
    protected int lasts() {
        return seconds;
    }

    private Sample sessions(Run run, int from, int to, long pid) throws Exception {
        run.loginAll(to - from, i -> target().login((from + i) / perAccount, "idle" + (from + i)));
        Thread.sleep(2_000);
        long bytes = heap ? JavaHeap.liveBytes(pid) : 0;
        ProcessCost server = new ProcessCost(pid);
        return new Sample(server.proportionalKib(), server.residentKib(), bytes);
    }
}
