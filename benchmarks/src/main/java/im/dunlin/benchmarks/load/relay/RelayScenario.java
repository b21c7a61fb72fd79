// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.relay;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.client.RawStream;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import im.dunlin.benchmarks.load.measure.Pace;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.SynchronizedHistogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The messages of the chat scenario through {@link RelayCommand}; the figures have the same names, to stand beside it. */
@Command(name = "relay", description = "The chat scenario's bytes through relay-server: the floor of any server.")
public final class RelayScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 20;

    @Option(names = "--pairs", defaultValue = "20", description = "As for chat. Default: 20.")
    private int pairs;

    @Option(names = "--rate", defaultValue = "200", description = "As for chat. Default: 200.")
    private double rate;

    @Option(names = "--seconds", defaultValue = "20", description = "As for chat. Default: 20.")
    private int seconds;

    @Option(names = "--warmup", defaultValue = "10", description = "As for chat. Default: 10.")
    private int warmup;

    private final AbstractHistogram latency = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);

    @Override
    protected int lasts() {
        return warmup + seconds;
    }

    @Override
    protected String reportedAs() {
        return "chat";
    }

    @Override
    protected void measure(Run run) throws Exception {
        DeliveryOracle oracle = new DeliveryOracle(pairs);
        List<RawStream> writers = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            run.connector()
                    .raw("r" + i + "\n", element -> arrived(oracle, element))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        // The relay knows the readers when the writers' streams begin.
        Thread.sleep(500);
        for (int i = 0; i < pairs; i++) {
            writers.add(
                    run.connector().raw("w" + i + "\n<stream>", element -> {}).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        relay(run, oracle, writers, warmup);
        latency.reset();
        long before = oracle.received();
        Run.Clocks clocks = run.clocks();
        double late = relay(run, oracle, writers, seconds);
        long messages = oracle.received() - before;
        run.charge(clocks, messages, "message");
        run.report().add("messages a second", messages / ((System.nanoTime() - clocks.nanos()) / 1e9), "/s");
        run.report().addLatency("delivery", latency);
        run.punctuality(late);
        if (!oracle.isSatisfied()) {
            run.report().fail(oracle.toString());
        }
    }

    private double relay(Run run, DeliveryOracle oracle, List<RawStream> writers, int duration) throws Exception {
        Pace pace = new Pace(rate, duration);
        long begin = System.nanoTime();
        int next = 0;
        for (long due = pace.awaitNext(); due >= 0; due = pace.awaitNext()) {
            int pair = next++ % pairs;
            writers.get(pair).send(new Tagged(pair, oracle.sending(pair), due).stanza(target().jid(2 * pair + 1)));
            run.line().show("relay", (System.nanoTime() - begin) / 1e9 / duration, oracle.toString());
        }
        run.await(() -> oracle.lost() == 0, PATIENCE_SECONDS, oracle::toString);
        return pace.lateMicros();
    }

    private void arrived(DeliveryOracle oracle, Received element) {
        Tagged message = Tagged.of(element);
        if (message != null && oracle.received(message.flow(), message.number())) {
            latency.recordValue(
                    Math.max(0, Math.min(System.nanoTime() - message.due(), latency.getHighestTrackableValue())));
        }
    }
}
