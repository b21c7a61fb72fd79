// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.catchup;

import im.dunlin.benchmarks.load.Run;
import im.dunlin.benchmarks.load.Scenario;
import im.dunlin.benchmarks.load.Tagged;
import im.dunlin.benchmarks.load.client.Client;
import im.dunlin.benchmarks.load.client.Login;
import im.dunlin.benchmarks.load.client.Query;
import im.dunlin.benchmarks.load.client.Received;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A phone wakes, connects, logs in and comes up to date; again and again from the same state. Each time exactly what it
 * missed must come.
 */
@Command(name = "catchup", description = "Wakes the phone that prepare put to sleep, again and again.")
public final class CatchupScenario extends Scenario {
    private static final String CONVERSATION = "<conversation ";

    private static final int PATIENCE_SECONDS = 60;

    /** The stamp of a phone that has nothing yet. */
    private static final String NOTHING = "0";

    @Option(names = "--state", required = true, description = "The file that prepare wrote.")
    private Path state = Path.of("state");

    @Option(names = "--owner", defaultValue = "0", description = "Number of the account. Default: 0.")
    private int owner;

    @Option(names = "--first-peer", defaultValue = "10", description = "As for prepare.")
    private int firstPeer;

    @Option(names = "--way", defaultValue = "mam", description = "${COMPLETION-CANDIDATES}. Default: mam.")
    private Way way = Way.MAM;

    @Option(names = "--page", defaultValue = "50", description = "Messages of an archive page. Default: 50.")
    private int page;

    @Option(names = "--reconnects", defaultValue = "50", description = "How many are measured. Default: 50.")
    private int reconnects;

    @Option(
            names = "--inline",
            description =
                    "Log in by SASL2 and Bind 2, and from the second time on by token, with the first query in the"
                            + " same flight.")
    private boolean inline;

    @Option(
            names = "--bytes",
            defaultValue = "1048576",
            description = "Of messages in one answer, for delta_and_messages. Default: 1048576.")
    private int bytes;

    @Option(names = "--warmup", defaultValue = "20", description = "How many go before, not measured. Default: 20.")
    private int warmup;

    private @Nullable String token;

    /** Sums over reconnects. */
    private static final class Sums {
        private final Histogram connected = new Histogram(3);
        private final Histogram synced = new Histogram(3);
        private long in;
        private long out;
        private long trips;
        private long loginIn;
        private long handshake;
        private long loginTrips;
    }

    @Override
    protected void measure(Run run) throws Exception {
        Missed missed = Missed.read(state);
        for (int i = 0; i < warmup; i++) {
            reconnect(run, missed, new Sums());
            run.line().show("warm-up", (double) i / warmup, "");
        }
        Sums sums = new Sums();
        Run.Clocks clocks = run.clocks();
        for (int i = 0; i < reconnects; i++) {
            reconnect(run, missed, sums);
            run.line().show("reconnect", (double) i / reconnects, i + " of " + reconnects);
        }
        run.report().add("missed messages", missed.messages(), "");
        run.report().add("in conversations", missed.flows().size(), "");
        run.charge(clocks, reconnects, "reconnect");
        run.report().addLatency("time to synced", sums.synced);
        run.report().addLatency("login", sums.connected);
        run.report().add("bytes to the client", (double) sums.in / reconnects, "B");
        run.report().add("of these the TLS handshake", (double) sums.handshake / reconnects, "B");
        run.report().add("bytes to the client after login", (double) (sums.in - sums.loginIn) / reconnects, "B");
        run.report().add("bytes to the server", (double) sums.out / reconnects, "B");
        run.report().add("round trips after TLS", (double) sums.trips / reconnects, "");
        run.report().add("round trips after login", (double) (sums.trips - sums.loginTrips) / reconnects, "");
    }

    private void reconnect(Run run, Missed missed, Sums sums) throws Exception {
        Missed.Expected expected = missed.expected();
        long begin = System.nanoTime();
        Client phone = run.login(login(missed), stanza -> {
            Tagged message = archived(stanza);
            if (message != null) {
                expected.message(message.flow(), message.number());
            }
        });
        long loggedIn = System.nanoTime();
        long loginIn = phone.traffic().in();
        int loginTrips = phone.traffic().trips();
        comeUpToDate(phone, missed, expected);
        long now = System.nanoTime();
        sums.connected.recordValue(loggedIn - begin);
        sums.synced.recordValue(now - begin);
        sums.in += phone.traffic().in();
        sums.out += phone.traffic().out();
        sums.trips += phone.traffic().trips();
        sums.loginIn += loginIn;
        sums.handshake += phone.traffic().handshake();
        sums.loginTrips += loginTrips;
        token = phone.token();
        run.logout(List.of(phone));
    }

    private Login login(Missed missed) {
        Login login = target().login(owner, "phone");
        if (!inline) {
            return login;
        }
        List<Query> first = new ArrayList<>();
        if (way == Way.SYNC || way == Way.SYNC_AND_MAM) {
            first.add(Synchronization.first(missed.stamp()));
        }
        if (way == Way.MAM || way == Way.SYNC_AND_MAM) {
            first.add(Archive.first(missed.after(), page));
        }
        String bind = switch (way) {
            case DELTA -> Delta.inline(missed.stamp(), 0);
            case DELTA_AND_MESSAGES -> Delta.inline(missed.stamp(), bytes);
            case NEW_BY_DELTA -> Delta.inline(NOTHING, 0);
            default -> "";
        };
        return login.inline(token, bind, token == null ? List.of() : first);
    }

    private void comeUpToDate(Client phone, Missed missed, Missed.Expected expected) throws Exception {
        boolean byDelta = way == Way.DELTA || way == Way.DELTA_AND_MESSAGES;
        boolean byArchive = way == Way.MAM || way == Way.SYNC_AND_MAM;
        boolean bySync = way == Way.SYNC || way == Way.SYNC_AND_MAM;
        if (byDelta) {
            Delta.Asker asker = query -> Received.of(phone.ask(query).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            new Delta(asker, missed.stamp(), way == Way.DELTA ? 0 : bytes, expected).read(Received.of(phone.success()));
        }
        if (bySync) {
            new Synchronization(phone).changedSince(missed.stamp(), changes -> conversations(changes, expected));
        }
        if (byArchive) {
            new Archive(phone, page).readAfter(missed.after());
        }
        if (way == Way.NEW_BY_MAM) {
            Archive archive = new Archive(phone, 1);
            for (int i = 0; i < missed.conversations(); i++) {
                archive.newest(target().jid(firstPeer + i));
            }
        }
        if (way == Way.NEW_BY_SYNC) {
            int[] seen = {0};
            new Synchronization(phone).changedSince("", all -> seen[0] += all.count(CONVERSATION));
            all(seen[0], missed);
        }
        if (way == Way.NEW_BY_DELTA) {
            all(Received.of(phone.success()).count(CONVERSATION), missed);
        }
        boolean wantsMessages = byArchive || way == Way.DELTA_AND_MESSAGES;
        boolean wantsChanges = bySync || byDelta;
        if (wantsMessages && !expected.hasMessages() || wantsChanges && !expected.hasConversations()) {
            throw new IllegalStateException("the phone is not up to date: " + expected);
        }
    }

    private static void all(int conversations, Missed missed) {
        if (conversations != missed.conversations()) {
            throw new IllegalStateException(conversations + " conversations, not " + missed.conversations());
        }
    }

    private static @Nullable Tagged archived(Received stanza) {
        return stanza.is("message") && stanza.has("urn:xmpp:mam:2") ? Tagged.of(stanza) : null;
    }

    private static void conversations(Received page, Missed.Expected expected) {
        for (int at = page.find(CONVERSATION, 0); at >= 0; at = page.find(CONVERSATION, at + 1)) {
            Tagged last = Tagged.after(page, at);
            if (last == null) {
                throw new IllegalStateException("a conversation without its last message: " + page);
            }
            expected.conversation(last.flow(), last.number());
        }
    }
}
