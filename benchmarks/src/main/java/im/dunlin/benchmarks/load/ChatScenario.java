// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Login;
import im.dunlin.benchmarks.load.client.Query;
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
 * Pairs of accounts: one writes, the other reads. Either at a steady rate, which shows latency as users meet it, or with a
 * window, which shows the most that the server can do.
 */
@Command(name = "chat", description = "Pairs of accounts chat, at a rate or as fast as a window lets them.")
final class ChatScenario extends Scenario {
    private static final int DRAIN_SECONDS = 20;
    private static final Query CARBONS =
            new Query("carbons", "<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>");

    /** What an account prefers that becomes of its messages. */
    private enum Archive {
        ON("always"),
        OFF("never");

        private final Query query;

        Archive(String preference) {
            query = new Query(
                    "archive",
                    "<iq type='set' id='archive'><prefs xmlns='urn:xmpp:mam:2' default='" + preference
                            + "'><always/><never/></prefs></iq>");
        }
    }

    @Option(names = "--pairs", defaultValue = "20", description = "How many pairs. Default: 20.")
    private int pairs;

    @Option(names = "--rate", description = "Messages a second of all pairs together.", defaultValue = "200")
    private double rate;

    @Option(names = "--window", description = "Instead of a rate: messages of a pair that may be under way.")
    private int window;

    @Option(names = "--seconds", defaultValue = "20", description = "How long it is measured. Default: 20.")
    private int seconds;

    @Option(names = "--warmup", defaultValue = "10", description = "Seconds before that. Default: 10.")
    private int warmup;

    @Option(
            names = "--messages",
            defaultValue = "10000000",
            description = "How many are sent at most, warm-up included. Default: 10000000.")
    private long most;

    @Option(names = "--acks", description = "Stanzas are acknowledged both ways (XEP-0198).")
    private boolean acks;

    @Option(
            names = "--carbons",
            description = "Receivers have a second device with carbons (XEP-0280), counted as well.")
    private boolean carbons;

    @Option(
            names = "--archive",
            description =
                    "${COMPLETION-CANDIDATES}: tells the server first whether to archive (XEP-0441). Without it: as it is.")
    private @Nullable Archive archive;

    private final AbstractHistogram latency = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);
    private @Nullable DeliveryOracle oracle;
    private List<Client> senders = new ArrayList<>();
    private volatile boolean refilling;
    private final long begun = System.nanoTime();

    @Override
    protected void measure(Run run) throws Exception {
        target().needAccounts(2 * pairs);
        int devices = carbons ? 2 : 1;
        DeliveryOracle counts = new DeliveryOracle(pairs * devices);
        oracle = counts;
        for (int device = 0; device < devices; device++) {
            String resource = "reader" + device;
            List<Client> readers = run.loginAll(pairs, pair -> login(2 * pair + 1, resource));
            int first = device * pairs;
            for (Client reader : readers) {
                reader.listen(stanza -> arrived(first, stanza));
                if (carbons) {
                    ask(reader, CARBONS);
                }
                prefer(reader);
            }
        }
        senders = run.loginAll(pairs, pair -> login(2 * pair, "writer"));
        for (Client sender : senders) {
            prefer(sender);
        }

        chat(run, counts, warmup);
        latency.reset();
        long before = counts.received();
        Run.Clocks clocks = run.clocks();
        double late = chat(run, counts, seconds);
        long messages = (counts.received() - before) / devices;
        run.charge(clocks, messages, "message");
        run.report().add("messages a second", messages / ((System.nanoTime() - clocks.nanos()) / 1e9), "/s");
        run.report().addLatency("delivery", latency);
        if (window == 0) {
            run.punctuality(late);
        }
        if (!counts.isSatisfied()) {
            run.report().fail(counts.toString());
        }
    }

    private void prefer(Client client) throws Exception {
        if (archive != null) {
            ask(client, archive.query);
        }
    }

    private static void ask(Client client, Query query) throws Exception {
        Received answer = Received.of(client.ask(query).get(DRAIN_SECONDS, TimeUnit.SECONDS));
        if (!"result".equals(answer.attribute("type"))) {
            throw new IllegalStateException(client.jid() + " may not: " + answer);
        }
    }

    @Override
    protected int lasts() {
        return warmup + seconds;
    }

    private Login login(int account, String resource) {
        Login login = target().login(account, resource);
        return acks ? login.withAcks() : login;
    }

    /** @return how late messages were sent, µs */
    private double chat(Run run, DeliveryOracle counts, int duration) throws Exception {
        Pace pace = new Pace(window == 0 ? rate : 10, duration);
        refilling = window > 0;
        for (int i = 0; i < window * pairs; i++) {
            send(i % pairs, System.nanoTime());
        }
        long begin = System.nanoTime();
        int next = 0;
        for (long due = pace.awaitNext(); due >= 0 && counts.sent() < most; due = pace.awaitNext()) {
            if (window == 0) {
                send(next++ % pairs, due);
            }
            run.line().show("chat", (System.nanoTime() - begin) / 1e9 / duration, counts + figures());
        }
        refilling = false;
        run.await(() -> counts.lost() == 0, DRAIN_SECONDS, counts::toString);
        return pace.lateMicros();
    }

    private String figures() {
        return ", p99 " + latency.getValueAtPercentile(99) / 1_000_000 + " ms";
    }

    /** One at a time, so that messages go in the order of their numbers. */
    private synchronized void send(int pair, long due) {
        DeliveryOracle counts = Objects.requireNonNull(oracle);
        int number = counts.sending(pair);
        if (carbons) {
            counts.sending(pairs + pair);
        }
        senders.get(pair).send(new Tagged(pair, number, due).stanza(target().jid(2 * pair + 1)));
    }

    private void arrived(int first, Received stanza) {
        Tagged message = stanza.is("message") ? Tagged.since(begun, stanza) : null;
        if (message == null) {
            return;
        }
        long now = System.nanoTime();
        latency.recordValue(Math.max(0, Math.min(now - message.due(), latency.getHighestTrackableValue())));
        boolean isNew = Objects.requireNonNull(oracle).received(first + message.flow(), message.number());
        if (isNew && refilling && first == 0 && Objects.requireNonNull(oracle).sent() < most) {
            send(message.flow(), now);
        }
    }
}
