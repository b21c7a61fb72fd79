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
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The messages of the chat scenario through {@link RelayCommand}, or one message to many; the figures have the names of those
 * scenarios, to stand beside them.
 */
@Command(name = "relay", description = "The bytes of chat or fanout through relay-server: the floor of any server.")
public final class RelayScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 20;

    /** Looks at the clock a second, where messages are sent by others. */
    private static final int TICKS = 10;

    @Option(names = "--pairs", defaultValue = "20", description = "As for chat. Default: 20.")
    private int pairs;

    @Option(names = "--rate", defaultValue = "200", description = "As for chat. Default: 200.")
    private double rate;

    @Option(names = "--window", description = "As for chat.")
    private int window;

    @Option(
            names = "--receivers",
            defaultValue = "1",
            description =
                    "With more than one: what is sent comes to all of them, as for fanout; --pairs is 1. Default: 1.")
    private int receivers;

    @Option(names = "--seconds", defaultValue = "20", description = "As for chat. Default: 20.")
    private int seconds;

    @Option(names = "--warmup", defaultValue = "10", description = "As for chat. Default: 10.")
    private int warmup;

    private final AbstractHistogram latency = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);
    private final List<RawStream> writers = new ArrayList<>();
    private @Nullable DeliveryOracle oracle;
    private volatile boolean refilling;

    @Override
    protected int lasts() {
        return warmup + seconds;
    }

    @Override
    protected String reportedAs() {
        return receivers > 1 ? "fanout" : "chat";
    }

    @Override
    protected void measure(Run run) throws Exception {
        int writing = receivers > 1 ? 1 : pairs;
        DeliveryOracle counts = new DeliveryOracle(writing * receivers);
        oracle = counts;
        for (int flow = 0; flow < writing * receivers; flow++) {
            int own = flow;
            run.connector()
                    .raw("r" + flow / receivers + "\n", element -> arrived(own, element))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        // The relay knows the readers when the writers' streams begin.
        Thread.sleep(500);
        for (int i = 0; i < writing; i++) {
            writers.add(
                    run.connector().raw("w" + i + "\n<stream>", element -> {}).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        relay(run, counts, warmup);
        latency.reset();
        long before = counts.received();
        Run.Clocks clocks = run.clocks();
        double late = relay(run, counts, seconds);
        long messages = counts.received() - before;
        run.charge(clocks, messages, receivers > 1 ? "delivery" : "message");
        if (receivers == 1) {
            run.report().add("messages a second", messages / ((System.nanoTime() - clocks.nanos()) / 1e9), "/s");
        }
        run.report().addLatency("delivery", latency);
        if (window == 0) {
            run.punctuality(late);
        }
        if (!counts.isSatisfied()) {
            run.report().fail(counts.toString());
        }
    }

    private double relay(Run run, DeliveryOracle counts, int duration) throws Exception {
        Pace pace = new Pace(window == 0 ? rate : TICKS, duration);
        refilling = window > 0;
        for (int i = 0; i < window * writers.size(); i++) {
            send(i % writers.size(), System.nanoTime());
        }
        long begin = System.nanoTime();
        int next = 0;
        for (long due = pace.awaitNext(); due >= 0; due = pace.awaitNext()) {
            if (window == 0) {
                send(next++ % writers.size(), due);
            }
            run.line().show("relay", (System.nanoTime() - begin) / 1e9 / duration, counts.toString());
        }
        refilling = false;
        run.await(() -> counts.lost() == 0, PATIENCE_SECONDS, counts::toString);
        return pace.lateMicros();
    }

    /** One at a time, so that messages go in the order of their numbers. */
    private synchronized void send(int writer, long due) {
        DeliveryOracle counts = Objects.requireNonNull(oracle);
        int number = 0;
        for (int i = 0; i < receivers; i++) {
            number = counts.sending(writer * receivers + i);
        }
        writers.get(writer).send(new Tagged(writer, number, due).stanza(target().jid(2 * writer + 1)));
    }

    private void arrived(int flow, Received element) {
        Tagged message = Tagged.of(element);
        if (message == null || !Objects.requireNonNull(oracle).received(flow, message.number())) {
            return;
        }
        long now = System.nanoTime();
        latency.recordValue(Math.max(0, Math.min(now - message.due(), latency.getHighestTrackableValue())));
        if (refilling) {
            send(message.flow(), now);
        }
    }
}
