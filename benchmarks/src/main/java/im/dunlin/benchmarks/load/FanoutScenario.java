// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load;

import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Interest;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import im.dunlin.benchmarks.load.measure.DeliveryOracle;
import im.dunlin.benchmarks.load.measure.Pace;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One stanza that many get: presence or an event to those who are subscribed to it, or a message to the occupants of a room.
 */
@Command(name = "fanout", description = "Presence or events to many contacts, or messages in a room.")
final class FanoutScenario extends Scenario {
    private static final int PATIENCE_SECONDS = 30;
    private static final String MUC = "http://jabber.org/protocol/muc";

    /** What is sent. */
    private enum Kind {
        PRESENCE,
        PEP,
        ROOM
    }

    @Option(names = "--kind", defaultValue = "presence", description = "${COMPLETION-CANDIDATES}. Default: presence.")
    private Kind kind = Kind.PRESENCE;

    @Option(names = "--receivers", defaultValue = "100", description = "How many get it. Default: 100.")
    private int receivers;

    @Option(names = "--rate", defaultValue = "2", description = "How many are sent a second. Default: 2.")
    private double rate;

    @Option(names = "--seconds", defaultValue = "20", description = "How long it is measured. Default: 20.")
    private int seconds;

    @Option(names = "--warmup", defaultValue = "5", description = "Seconds before that. Default: 5.")
    private int warmup;

    @Option(names = "--tolerate", description = "Figures count although messages were lost, doubled or reordered.")
    private boolean tolerate;

    @Option(names = "--rooms", defaultValue = "rooms.localhost", description = "Where rooms are.")
    private String rooms = "";

    private final AtomicReference<@Nullable String> refusal = new AtomicReference<>();
    private final AbstractHistogram latency = new SynchronizedHistogram(TimeUnit.MINUTES.toNanos(10), 3);

    @Override
    protected void measure(Run run) throws Exception {
        target().needAccounts(receivers + 1);
        DeliveryOracle oracle = new DeliveryOracle(receivers);
        Set<Integer> joined = ConcurrentHashMap.newKeySet();
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Client sender = run.login(target().login(0, "sender"));
        if (kind != Kind.ROOM) {
            greet(sender, seen);
        }
        sender.send("<presence/>");
        List<Client> contacts = run.loginAll(receivers, i -> target().login(i + 1, "contact"));
        String room = "load" + System.nanoTime() + "@" + rooms;
        switch (kind) {
            case PRESENCE -> subscribe(contacts, joined);
            case PEP -> {
                subscribe(contacts, joined);
                contacts.forEach(contact -> contact.send(Interest.presence()));
            }
            case ROOM -> join(sender, contacts, room, joined);
        }
        BooleanSupplier ready = () -> joined.size() == receivers && (kind == Kind.ROOM || seen.size() == receivers);
        // Again and again: contacts of earlier runs are told when they log in, others when all are known to each other.
        for (int i = 0; i < PATIENCE_SECONDS && !ready.getAsBoolean(); i++) {
            if (kind != Kind.ROOM) {
                sender.send(kind == Kind.PEP ? tune("ready" + i, "ready") : "<presence/>");
            }
            run.await(ready, 1, () -> joined.size() + " are ready");
        }
        if (!ready.getAsBoolean()) {
            String refused = refusal.get();
            throw new IllegalStateException("only " + joined.size() + " of " + receivers + " can get it"
                    + (refused == null ? "" : ": " + refused));
        }
        for (int i = 0; i < receivers; i++) {
            int flow = i;
            contacts.get(i).listen(stanza -> arrived(oracle, flow, stanza));
        }
        send(run, oracle, sender, room, warmup);
        latency.reset();
        long before = oracle.received();
        Run.Clocks clocks = run.clocks();
        double late = send(run, oracle, sender, room, seconds);
        run.charge(clocks, Math.max(1, oracle.received() - before), "delivery");
        run.report().add("receivers", receivers, "");
        run.report().addLatency("delivery", latency);
        run.punctuality(late);
        String refused = refusal.get();
        if (refused != null) {
            run.report().fail("refused: " + refused);
        }
        run.report().add("lost", oracle.lost(), "");
        run.report().add("doubled", oracle.doubled(), "");
        run.report().add("reordered", oracle.reordered(), "");
        if (!oracle.isSatisfied() && !tolerate) {
            run.report().fail(oracle.toString());
        }
    }

    @Override
    protected int lasts() {
        return warmup + seconds;
    }

    @Override
    protected String reportedAs() {
        return "fanout " + kind.name().toLowerCase(Locale.ROOT);
    }

    /** Lets everybody subscribe, and subscribes as well, as contacts do: servers send events to whom they see. */
    private void greet(Client sender, Set<String> seen) {
        sender.listen(stanza -> {
            String from = stanza.attribute("from");
            String type = stanza.attribute("type");
            if ("error".equals(type)) {
                refusal.set(stanza.toString());
            } else if (stanza.is("presence") && from != null && type == null && from.endsWith("/contact")) {
                seen.add(from);
            } else if (stanza.is("presence") && "subscribe".equals(type)) {
                sender.send("<presence type='subscribed' to='" + from + "'/>");
                sender.send("<presence type='subscribe' to='" + from + "'/>");
            }
        });
    }

    private void subscribe(List<Client> contacts, Set<Integer> joined) {
        for (int i = 0; i < receivers; i++) {
            int number = i;
            Client contact = contacts.get(i);
            contact.listen(stanza -> {
                if (stanza.is("presence") && "subscribe".equals(stanza.attribute("type"))) {
                    contact.send("<presence type='subscribed' to='" + target().jid(0) + "'/>");
                } else if (kind == Kind.PEP ? isTune(stanza) : isAvailable(stanza)) {
                    joined.add(number);
                }
            });
            contact.send("<presence type='subscribe' to='" + target().jid(0) + "'/>");
        }
    }

    private boolean isAvailable(Received stanza) {
        String from = stanza.attribute("from");
        return stanza.is("presence")
                && stanza.attribute("type") == null
                && from != null
                && from.startsWith(target().jid(0) + "/");
    }

    private boolean isTune(Received stanza) {
        return stanza.is("message") && target().jid(0).equals(stanza.attribute("from")) && stanza.has(Interest.TUNE);
    }

    private static String tune(String id, String title) {
        return "<iq type='set' id='" + id + "'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='"
                + Interest.TUNE + "'><item id='current'><tune xmlns='" + Interest.TUNE + "'><title>" + title
                + "</title></tune></item></publish></pubsub></iq>";
    }

    private void join(Client sender, List<Client> contacts, String room, Set<Integer> joined) throws Exception {
        sender.send("<presence to='" + room + "/sender'><x xmlns='" + MUC + "'/></presence>");
        sender.ask(new Query(
                        "instant",
                        "<iq type='set' id='instant' to='" + room + "'><query xmlns='" + MUC
                                + "#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>"))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        for (int i = 0; i < receivers; i++) {
            int contact = i;
            contacts.get(i).listen(stanza -> {
                // A room's own presence comes last (XEP-0045 §7.2.2).
                if (stanza.is("presence") && stanza.has("'110'") || stanza.has("\"110\"")) {
                    joined.add(contact);
                }
            });
            contacts.get(i)
                    .send("<presence to='" + room + "/contact" + i + "'><x xmlns='" + MUC
                            + "'><history maxstanzas='0'/></x></presence>");
        }
    }

    /** @return how late it was sent, µs */
    private double send(Run run, DeliveryOracle oracle, Client sender, String room, int duration) throws Exception {
        Pace pace = new Pace(rate, duration);
        long begin = System.nanoTime();
        for (long due = pace.awaitNext(); due >= 0; due = pace.awaitNext()) {
            int number = 0;
            for (int flow = 0; flow < receivers; flow++) {
                number = oracle.sending(flow);
            }
            Tagged text = new Tagged(0, number, due);
            sender.send(
                    switch (kind) {
                        case PRESENCE -> "<presence><show>away</show><status>" + text + "</status></presence>";
                        case PEP -> tune("e" + number, text.toString());
                        case ROOM ->
                            "<message type='groupchat' to='" + room + "' id='r" + number + "'><body>" + text
                                    + "</body></message>";
                    });
            run.line().show("fanout", (System.nanoTime() - begin) / 1e9 / duration, oracle.toString());
        }
        run.await(() -> oracle.lost() == 0, PATIENCE_SECONDS, oracle::toString);
        return pace.lateMicros();
    }

    private void arrived(DeliveryOracle oracle, int receiver, Received stanza) {
        Tagged text = stanza.is("presence") || stanza.is("message") ? Tagged.of(stanza) : null;
        if (text != null && oracle.received(receiver, text.number())) {
            latency.recordValue(
                    Math.max(0, Math.min(System.nanoTime() - text.due(), latency.getHighestTrackableValue())));
        }
    }
}
