// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Fills an account with conversations, puts its phone to sleep, and lets messages come that the phone misses while another
 * device of the account is connected. All by real messages. The state of the phone goes to a file, for {@link
 * CatchupScenario}.
 */
@Command(name = "prepare", description = "Fills an account and lets its phone miss messages, for catchup.")
public final class PrepareScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 60;

    @Option(names = "--state", required = true, description = "File for the state of the sleeping phone.")
    private Path state = Path.of("state");

    @Option(names = "--owner", defaultValue = "0", description = "Number of the account. Default: 0.")
    private int owner;

    @Option(
            names = "--first-peer",
            defaultValue = "10",
            description = "Number of the first account that it talks with. Default: 10.")
    private int firstPeer;

    @Option(names = "--conversations", defaultValue = "200", description = "How many it has. Default: 200.")
    private int conversations;

    @Option(names = "--messages", defaultValue = "2000", description = "Messages that the phone knows. Default: 2000.")
    private int messages;

    @Option(names = "--changed", defaultValue = "5", description = "Conversations that go on without it. Default: 5.")
    private int changed;

    @Option(names = "--missed", defaultValue = "20", description = "Messages in these. Default: 20.")
    private int missed;

    @Option(
            names = "--under-way",
            defaultValue = "400",
            description = "Messages that are sent before others have come, so that no server is flooded. Default: 400.")
    private int underWay;

    @Override
    protected void measure(Run run) throws Exception {
        target().needAccounts(firstPeer + conversations);
        DeliveryOracle oracle = new DeliveryOracle(conversations);
        Semaphore room = new Semaphore(underWay);
        Client desk = run.login(target().login(owner, "desk"));
        desk.listen(stanza -> arrived(oracle, room, stanza));
        desk.send("<presence/>");
        List<Client> peers = run.loginAll(conversations, i -> target().login(firstPeer + i, "peer"));

        Run.Clocks clocks = run.clocks();
        for (int i = 0; i < Math.max(messages, conversations); i++) {
            send(oracle, room, peers, i % conversations);
            run.line().show("history", (double) i / messages, oracle.toString());
        }
        settle(oracle, room);
        Client phone = run.login(target().login(owner, "phone"));
        String after = new Archive(phone, 1).newest("");
        String stamp = phone.offers(Synchronization.NS) ? new Synchronization(phone).changedSince("", page -> {}) : "";
        run.logout(List.of(phone));

        TreeMap<Integer, Missed.Span> flows = new TreeMap<>();
        for (int i = 0; i < missed; i++) {
            int flow = (int) ((long) i % changed * conversations / changed);
            int number = send(oracle, room, peers, flow);
            Missed.Span span = flows.getOrDefault(flow, new Missed.Span(number, 0));
            flows.put(flow, new Missed.Span(span.first(), span.count() + 1));
            run.line().show("missed", (double) i / missed, oracle.toString());
        }
        settle(oracle, room);
        if (oracle.isSatisfied()) {
            new Missed(conversations, after, stamp, flows).write(state);
        } else {
            run.report().fail(oracle.toString());
        }
        run.charge(clocks, oracle.sent(), "message");
    }

    private int send(DeliveryOracle oracle, Semaphore room, List<Client> peers, int flow) throws InterruptedException {
        if (!room.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no message came for " + PATIENCE_SECONDS + " seconds: " + oracle);
        }
        int number = oracle.sending(flow);
        peers.get(flow).send(new Tagged(flow, number, System.nanoTime()).stanza(target().jid(owner)));
        return number;
    }

    private void settle(DeliveryOracle oracle, Semaphore room) throws InterruptedException {
        if (!room.tryAcquire(underWay, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("messages are missing: " + oracle);
        }
        room.release(underWay);
    }

    private static void arrived(DeliveryOracle oracle, Semaphore room, Received stanza) {
        Tagged message = stanza.is("message") ? Tagged.of(stanza) : null;
        if (message != null && oracle.received(message.flow(), message.number())) {
            room.release();
        }
    }
}
