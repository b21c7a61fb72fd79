// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Login;
import im.dunlin.benchmarks.load.client.Management;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Everybody is cut off at once, gets messages meanwhile, and comes back at once: a mobile network or a proxy went down. */
@Command(name = "storm", description = "Cuts all connections and lets all come back, resumed or with a new session.")
final class StormScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 180;
    private static final int STORING_SECONDS = 600;
    private static final Query PING = new Query("ping", "<iq type='get' id='ping'><ping xmlns='urn:xmpp:ping'/></iq>");
    private static final int AWAY_MILLIS = 1_000;

    private final long begun = System.nanoTime();

    private record Return(long begun, CompletableFuture<Client> login) {}

    @Option(names = "--sessions", defaultValue = "200", description = "How many are cut off. Default: 200.")
    private int sessions;

    @Option(names = "--writers", defaultValue = "10", description = "Accounts that write to them. Default: 10.")
    private int writers;

    @Option(names = "--messages", defaultValue = "3", description = "Messages that each gets meanwhile. Default: 3.")
    private int messages;

    @Option(names = "--at-once", defaultValue = "100", description = "Connections that begin at once. Default: 100.")
    private int atOnce;

    @Option(names = "--fresh", description = "They come back with new sessions instead of resuming theirs.")
    private boolean fresh;

    @Option(names = "--tolerate", description = "Figures count although messages were lost, doubled or reordered.")
    private boolean tolerate;

    @Override
    protected void measure(Run run) throws Exception {
        target().needAccounts(sessions + writers);
        DeliveryOracle oracle = new DeliveryOracle(sessions);
        Consumer<Received> listener = stanza -> arrived(oracle, stanza);
        List<Client> readers =
                run.loginAll(sessions, i -> target().login(i, "reader").withAcks());
        readers.forEach(reader -> reader.listen(listener));
        List<Client> senders = run.loginAll(writers, i -> target().login(sessions + i, "writer"));
        write(oracle, senders, 1);
        run.await(() -> oracle.lost() == 0, PATIENCE_SECONDS, oracle::toString);

        run.cut(readers);
        write(oracle, senders, messages);
        // The server has what was written before this, so that storing it does not count as coming back.
        for (Client sender : senders) {
            sender.ask(PING).get(STORING_SECONDS, TimeUnit.SECONDS);
        }
        Thread.sleep(AWAY_MILLIS);

        Run.Clocks clocks = run.clocks();
        Histogram latency = new Histogram(3);
        List<Client> returned = comeBack(run, readers, listener, latency);
        double back = (System.nanoTime() - clocks.nanos()) / 1e9;
        run.await(() -> oracle.lost() == 0, PATIENCE_SECONDS, oracle::toString);
        double synced = (System.nanoTime() - clocks.nanos()) / 1e9;
        run.charge(clocks, sessions, "return");
        run.report().add("all back after", back, "s");
        run.report().add("all delivered after", synced, "s");
        run.report().addLatency("return", latency);
        run.report().add("resumed", count(returned, Client::resumed), "");
        run.report()
                .add(
                        "TLS sessions resumed",
                        count(returned, client -> client.traffic().resumedTls()),
                        "");
        run.report().add("lost", oracle.lost(), "");
        run.report().add("doubled", oracle.doubled(), "");
        run.report().add("reordered", oracle.reordered(), "");
        if (!oracle.isSatisfied() && !tolerate) {
            run.report().fail(oracle.toString());
        }
    }

    private void write(DeliveryOracle oracle, List<Client> senders, int rounds) {
        for (int i = 0; i < rounds * sessions; i++) {
            int flow = i % sessions;
            Tagged message = new Tagged(flow, oracle.sending(flow), System.nanoTime());
            senders.get(flow % writers).send(message.stanza(target().jid(flow)));
        }
    }

    private static long count(List<Client> clients, Predicate<Client> which) {
        return clients.stream().filter(which).count();
    }

    private List<Client> comeBack(Run run, List<Client> cut, Consumer<Received> listener, Histogram latency)
            throws Exception {
        Deque<Return> open = new ArrayDeque<>();
        List<Client> returned = new ArrayList<>();
        for (int i = 0; i < sessions || !open.isEmpty(); ) {
            while (i < sessions && open.size() < atOnce) {
                Login login = target().login(i, "reader").withAcks();
                Management before = cut.get(i).management();
                open.add(new Return(
                        System.nanoTime(),
                        run.connector().login(fresh || before == null ? login : login.resuming(before), listener)));
                i++;
            }
            Return next = open.remove();
            Client client = next.login().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            latency.recordValue(System.nanoTime() - next.begun());
            run.keep(client);
            returned.add(client);
            if (!client.resumed()) {
                client.send("<presence/>");
            }
            run.line().show("storm", (double) i / sessions, i + " of " + sessions);
        }
        return returned;
    }

    private void arrived(DeliveryOracle oracle, Received stanza) {
        Tagged message = stanza.is("message") ? Tagged.since(begun, stanza) : null;
        if (message != null) {
            oracle.received(message.flow(), message.number());
        }
    }
}
