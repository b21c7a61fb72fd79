// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Login;
import im.dunlin.benchmarks.load.client.Management;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import im.dunlin.benchmarks.load.measure.Pace;
import im.dunlin.benchmarks.load.measure.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A small company: each account has a desk that stays and a colleague with a phone that is inactive, sleeps and wakes. Most
 * are idle, some write.
 */
@Command(name = "mixed", description = "Many idle, some chat, phones sleep and wake.")
class MixedScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 60;
    private static final int DEFAULT_SECONDS = 60;

    /** Of the whole time, for who looks at how it goes on. */
    private static final int PARTS = 12;

    private static final String CLIENT_STATE = "urn:xmpp:csi:0";

    @Option(names = "--pairs", defaultValue = "100", description = "Pairs of a desk and a phone. Default: 100.")
    private int pairs;

    @Option(names = "--rate", defaultValue = "20", description = "Messages a second, all together. Default: 20.")
    private double rate;

    @Option(names = "--naps", defaultValue = "1", description = "Phones that fall asleep each second. Default: 1.")
    private double naps;

    @Option(names = "--nap-seconds", defaultValue = "10", description = "How long they sleep. Default: 10.")
    private int napSeconds;

    @Option(names = "--seconds", description = "How long it goes on. Default: 60; 4 hours for soak.")
    private @Nullable Integer seconds;

    @Option(names = "--seed", defaultValue = "1", description = "Of who writes and who sleeps. Default: 1.")
    private long seed;

    /** A phone that sleeps; what it shall resume, if the server remembers it. */
    private record Nap(int pair, long until, @Nullable Management before) {}

    private final List<Client> desks = new ArrayList<>();
    private final List<Client> phones = new ArrayList<>();
    private final List<Nap> asleep = new ArrayList<>();
    private volatile AbstractHistogram latency = histogram();
    private final long begun = System.nanoTime();
    private int resumed;
    private int renewed;

    @Override
    protected void measure(Run run) throws Exception {
        target().needAccounts(2 * pairs);
        DeliveryOracle oracle = new DeliveryOracle(2 * pairs);
        Consumer<Received> listener = stanza -> arrived(oracle, stanza);
        desks.addAll(run.loginAll(pairs, i -> target().login(2 * i, "desk").withAcks()));
        phones.addAll(run.loginAll(pairs, i -> phone(i)));
        desks.forEach(desk -> desk.listen(listener));
        phones.forEach(phone -> phone.listen(listener));

        Random random = new Random(seed);
        AbstractHistogram all = histogram();
        Run.Clocks clocks = run.clocks();
        for (int part = 0; part < PARTS; part++) {
            latency = histogram();
            live(run, oracle, listener, random, (double) lasts() / PARTS);
            all.add(latency);
            partEnded(latency);
        }
        run.report().addLatency("delivery to a desk", all);
        run.charge(clocks, oracle.sent(), "message with all that happens besides");
        wake(run, listener, Long.MAX_VALUE);
        run.await(() -> oracle.lost() == 0, PATIENCE_SECONDS, oracle::toString);
        run.report().add("messages", oracle.sent(), "");
        run.report().add("sessions resumed", resumed, "");
        run.report().add("sessions not resumed", renewed, "");
        if (!oracle.isSatisfied()) {
            run.report().fail(oracle.toString());
        }
        judge(run.report());
    }

    /** A part of the time is over: what those who listen at a desk waited in it. */
    void partEnded(AbstractHistogram waited) throws Exception {}

    /** Adds what there is to say of the whole. */
    void judge(Report report) {}

    @Override
    protected int lasts() {
        return secondsOr(DEFAULT_SECONDS);
    }

    final int secondsOr(int otherwise) {
        return seconds == null ? otherwise : seconds;
    }

    private Login phone(int pair) {
        return target().login(2 * pair + 1, "phone").withAcks();
    }

    private void live(Run run, DeliveryOracle oracle, Consumer<Received> listener, Random random, double duration)
            throws Exception {
        Pace pace = new Pace(rate, duration);
        long begin = System.nanoTime();
        for (long due = pace.awaitNext(); due >= 0; due = pace.awaitNext()) {
            int pair = random.nextInt(pairs);
            // Who sleeps does not write.
            boolean toPhone = random.nextBoolean() || isAsleep(pair);
            int flow = 2 * pair + (toPhone ? 1 : 0);
            Tagged message = new Tagged(flow, oracle.sending(flow), due);
            (toPhone ? desks : phones).get(pair).send(message.stanza(target().jid(flow)));
            if (random.nextDouble() < naps / rate) {
                fallAsleep(run, random.nextInt(pairs));
            }
            wake(run, listener, System.nanoTime());
            run.line()
                    .show(
                            "mixed",
                            (System.nanoTime() - begin) / 1e9 / duration,
                            oracle + ", " + asleep.size() + " asleep");
        }
    }

    private void fallAsleep(Run run, int pair) throws Exception {
        if (isAsleep(pair)) {
            return;
        }
        Client phone = phones.get(pair);
        state(phone, "inactive");
        run.cut(List.of(phone));
        asleep.add(new Nap(pair, System.nanoTime() + TimeUnit.SECONDS.toNanos(napSeconds), phone.management()));
    }

    private boolean isAsleep(int pair) {
        return asleep.stream().anyMatch(nap -> nap.pair() == pair);
    }

    /** Says whether somebody looks at the phone (XEP-0352), to servers that want to know. */
    private static void state(Client phone, String state) {
        if (phone.offers(CLIENT_STATE)) {
            phone.signal("<" + state + " xmlns='" + CLIENT_STATE + "'/>");
        }
    }

    private void wake(Run run, Consumer<Received> listener, long now) throws Exception {
        while (!asleep.isEmpty() && asleep.get(0).until() <= now) {
            Nap nap = asleep.remove(0);
            Login login = phone(nap.pair());
            Management before = nap.before();
            Client phone = run.connector()
                    .login(before == null ? login : login.resuming(before), listener)
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            run.keep(phone);
            phones.set(nap.pair(), phone);
            state(phone, "active");
            if (phone.resumed()) {
                resumed++;
            } else {
                renewed++;
                phone.send("<presence/>");
            }
        }
    }

    private void arrived(DeliveryOracle oracle, Received stanza) {
        Tagged message = stanza.is("message") ? Tagged.since(begun, stanza) : null;
        if (message != null && oracle.received(message.flow(), message.number()) && message.flow() % 2 == 0) {
            latency.recordValue(
                    Math.max(0, Math.min(System.nanoTime() - message.due(), latency.getHighestTrackableValue())));
        }
    }

    private static AbstractHistogram histogram() {
        return new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);
    }
}
