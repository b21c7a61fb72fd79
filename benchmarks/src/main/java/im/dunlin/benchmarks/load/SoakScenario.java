// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.measure.Drift;
import im.dunlin.benchmarks.load.measure.JavaHeap;
import im.dunlin.benchmarks.load.measure.ProcessCost;
import im.dunlin.benchmarks.load.measure.Report;
import java.util.Locale;
import org.HdrHistogram.AbstractHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The mixed load for hours: what the server keeps and how long it takes must stay as they are, or the run fails. */
@Command(name = "soak", description = "The mixed load for hours; fails if memory or latency drift.")
final class SoakScenario extends MixedScenario {
    private static final int FOUR_HOURS = 4 * 3600;

    @Option(
            names = "--memory-drift",
            defaultValue = "10",
            description = "Percent by which memory may grow from the middle third to the last. Default: 10.")
    private double memoryDrift;

    @Option(
            names = "--latency-drift",
            defaultValue = "50",
            description = "Percent by which the median latency may. Default: 50.")
    private double latencyDrift;

    @Option(
            names = "--heap",
            description = "The server is a JVM of this user: its live heap is its memory, since it takes more at will.")
    private boolean heap;

    private final Drift memory = new Drift();
    private final Drift median = new Drift();
    private final Drift tail = new Drift();

    @Override
    protected int lasts() {
        return secondsOr(FOUR_HOURS);
    }

    @Override
    void partEnded(AbstractHistogram waited) throws Exception {
        median.add(waited.getValueAtPercentile(50));
        tail.add(waited.getValueAtPercentile(99));
        Long pid = target().pid();
        if (pid != null) {
            memory.add(heap ? JavaHeap.liveBytes(pid) : new ProcessCost(pid).proportionalKib());
        }
    }

    @Override
    void judge(Report report) {
        report.add("drift of memory", memory.percent(), "%");
        report.add("drift of latency, p50", median.percent(), "%");
        report.add("drift of latency, p99", tail.percent(), "%");
        hold(report, "memory", memory, memoryDrift);
        hold(report, "latency", median, latencyDrift);
    }

    private static void hold(Report report, String what, Drift drift, double allowed) {
        if (drift.percent() > allowed) {
            report.fail(String.format(Locale.ROOT, "%s grew by %.0f %%", what, drift.percent()));
        }
    }
}
