// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An account with a long history, and a phone that sleeps while things happen and comes back twice: as clients have always done
 * it, and with the delta in its login. Everything goes over real TLS connections to a server on this machine.
 */
public final class Demo {
    public static final String HOST = "localhost";

    /** Of the accounts {@link #ACCOUNTS}. */
    public static final String PASSWORD = "demonstration";

    /** Who plays; they must be there. */
    public static final List<String> ACCOUNTS = List.of("alice@" + HOST, "bob@" + HOST);

    private static final String RECONNECT = "https://dunlin.im/protocol/reconnect/1";
    private static final String WISHES = "<enable xmlns='https://dunlin.im/protocol/calls/1'/>";
    private static final Pattern STAMP = Pattern.compile("<delta xmlns='" + RECONNECT + "' stamp='([0-9]+)'");
    private static final Pattern MORE = Pattern.compile(" more='([^']+)'");
    private static final Pattern TOKEN = Pattern.compile(" token='([^']+)'");
    private static final Pattern LAST = Pattern.compile("<last>([^<]+)</last>");

    /** Written while the phone sleeps, to so many people. */
    private static final int NEWS = 60;

    private static final int TALKATIVE = 8;

    private static final int AT_ONCE = 100;
    private static final int BAR = 40;

    private final SSLContext trust;
    private final int port;
    private final PrintWriter out;
    private final boolean isTerminal;
    private final int people;
    private final int messages;

    /**
     * @param trust of the server's certificate
     * @param port of this machine, for direct TLS
     * @param people with whom the account has conversations
     * @param messages in these, half of them sent and half received
     */
    public Demo(SSLContext trust, int port, PrintWriter out, boolean isTerminal, int people, int messages) {
        this.trust = trust;
        this.port = port;
        this.out = out;
        this.isTerminal = isTerminal;
        this.people = people;
        this.messages = messages;
    }

    // ---- what is played
    // ----------------------------------------------------------------------------------------------

    /** What the phone knows when it falls asleep. */
    private record Sleep(String token, String stamp, String lastId) {}

    public void play() throws IOException {
        out.println("A server with an empty store serves port " + port + " of this machine, over TLS.");
        try (DemoClient laptop = new DemoClient(trust, port);
                DemoClient bob = new DemoClient(trust, port)) {
            laptop.logInStepByStep("alice", "laptop");
            laptop.send("<presence/>");
            bob.logInStepByStep("bob", "desk");
            fill(laptop);
            write(bob, "old-1", "Shall we meet at six?");
            write(bob, "old-2", "My password is swordfish");
            Sleep sleep = sleep(laptop);
            out.println("The phone knows all of it, and falls asleep.");
            somethingHappens(laptop, bob);
            Arrival plain = plain(sleep);
            Arrival delta = delta(sleep);
            print(plain, delta);
        }
    }

    private void fill(DemoClient laptop) throws IOException {
        for (int sent = 0; sent < messages / 2; ) {
            int batch = Math.min(AT_ONCE, messages / 2 - sent);
            chat(laptop, sent, batch, people);
            sent += batch;
            progress(2 * sent);
        }
        out.println();
    }

    /** Alice writes to people who answer each message with the same words. */
    private static void chat(DemoClient laptop, int first, int count, int among) throws IOException {
        StringBuilder batch = new StringBuilder();
        for (int i = first; i < first + count; i++) {
            batch.append("<message type='chat' id='m")
                    .append(i)
                    .append("' to='person")
                    .append(i % among);
            batch.append("@echo.").append(HOST).append("'><body>Number ").append(i);
            batch.append(", about as long as what people write to each other</body></message>");
        }
        laptop.send(batch.toString());
        for (int i = 0; i < count; i++) {
            laptop.next(element -> element.startsWith("<message") && element.contains("<body"), other -> {});
        }
    }

    private void progress(int done) {
        if (isTerminal || done == messages) {
            int filled = (int) ((long) BAR * done / messages);
            out.printf(
                    Locale.ROOT,
                    "%s%d conversations [%s%s] %,d messages",
                    isTerminal ? "\r" : "",
                    people,
                    "#".repeat(filled),
                    ".".repeat(BAR - filled),
                    done);
            out.flush();
        }
    }

    private static void write(DemoClient bob, String id, String text) throws IOException {
        bob.send("<message type='chat' id='" + id + "' to='alice@" + HOST + "'><body>" + text + "</body></message>");
        isHandled(bob);
    }

    /** A ping comes back when all that was sent before it has been handled. */
    private static void isHandled(DemoClient client) throws IOException {
        client.send("<iq type='get' id='p' to='" + HOST + "'><ping xmlns='urn:xmpp:ping'/></iq>");
        client.answer("p", other -> {});
    }

    private Sleep sleep(DemoClient laptop) throws IOException {
        try (DemoClient phone = new DemoClient(trust, port)) {
            String success = phone.logIn("alice", WISHES + reconnect("0", null));
            String page = success;
            for (String more = more(page); more != null; more = more(page)) {
                phone.send("<iq type='get' id='r'>" + reconnect("0", more) + "</iq>");
                page = phone.answer("r", other -> {});
            }
            laptop.send(archive("<before/><max>1</max>"));
            String end = laptop.answer("a", other -> {});
            return new Sleep(found(TOKEN, success), found(STAMP, page), found(LAST, end));
        }
    }

    private void somethingHappens(DemoClient laptop, DemoClient bob) throws IOException {
        chat(laptop, messages, NEWS, TALKATIVE);
        laptop.send("<message type='chat' to='bob@" + HOST + "'><displayed xmlns='urn:xmpp:chat-markers:0' id='old-2'/>"
                + "</message>");
        isHandled(laptop);
        bob.send("<message type='chat' id='new-1' to='alice@" + HOST + "'><body>Shall we meet at seven?</body>"
                + "<replace xmlns='urn:xmpp:message-correct:0' id='old-1'/></message>");
        bob.send("<message type='chat' id='new-2' to='alice@" + HOST + "'>"
                + "<retract xmlns='urn:xmpp:message-retract:1' id='old-2'/><store xmlns='urn:xmpp:hints'/></message>");
        bob.send("<message type='chat' id='new-3' to='alice@" + HOST + "'>"
                + "<propose xmlns='urn:xmpp:jingle-message:0' id='call-1'>"
                + "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>"
                + "<store xmlns='urn:xmpp:hints'/></message>");
        isHandled(bob);
        out.println("Meanwhile: " + 2 * NEWS
                + " new messages, one edited, one deleted, one conversation read on the laptop,"
                + " and now Bob calls.");
        out.println();
    }

    // ---- two ways to come back
    // ---------------------------------------------------------------------------------------

    /**
     * How it went.
     *
     * @param call what had come when the phone knew that it must ring
     */
    private record Arrival(
            int roundTrips, long received, long sent, double milliseconds, String call, String edit, String read) {}

    private Arrival plain(Sleep sleep) throws IOException {
        try (DemoClient phone = new DemoClient(trust, port)) {
            long began = System.nanoTime();
            phone.logInStepByStep("alice", "phone");
            phone.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>"
                    + "<iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
            phone.answer("carbons", other -> {});
            int[] items = {0, 0};
            String page;
            String after = sleep.lastId();
            do {
                phone.send(archive("<max>50</max><after>" + after + "</after>"));
                page = phone.answer("a", element -> {
                    boolean isItem = element.contains("<forwarded");
                    items[0] += isItem ? 1 : 0;
                    items[1] = isItem && element.contains("<propose") ? items[0] : items[1];
                });
                String last = DemoClient.found(LAST.matcher(page));
                after = last == null ? after : last;
            } while (!page.contains("complete='true'"));
            double took = (System.nanoTime() - began) / 1e6;
            return new Arrival(
                    phone.roundTrips(),
                    phone.receivedBytes(),
                    phone.sentBytes(),
                    took,
                    items[1] + " of " + items[0] + " items, if it still stands",
                    "items of their own, to be matched",
                    "not known");
        }
    }

    private Arrival delta(Sleep sleep) throws IOException {
        try (DemoClient phone = new DemoClient(trust, port)) {
            long began = System.nanoTime();
            String success = phone.logInByToken("alice", sleep.token(), WISHES + reconnect(sleep.stamp(), null));
            double took = (System.nanoTime() - began) / 1e6;
            int call = success.indexOf("<propose");
            boolean isFirst = call > 0 && call < success.indexOf("<delta ");
            boolean inPlace = success.contains("at seven?") && success.contains("<retracted ");
            return new Arrival(
                    phone.roundTrips(),
                    phone.receivedBytes(),
                    phone.sentBytes(),
                    took,
                    isFirst ? "first of all, and it stands" : "missing",
                    inPlace ? "in their places" : "missing",
                    success.contains("<unread count='0'") ? "known" : "missing");
        }
    }

    private static String reconnect(String stamp, @Nullable String after) {
        return "<reconnect xmlns='" + RECONNECT + "' stamp='" + stamp + "' conversations='250' bytes='60000'"
                + (after == null ? "" : " after='" + after + "'") + "/>";
    }

    private static @Nullable String more(String page) {
        return DemoClient.found(MORE.matcher(page.substring(page.indexOf("<delta "))));
    }

    private static String found(Pattern pattern, String text) throws IOException {
        String found = DemoClient.found(pattern.matcher(text));
        if (found == null) {
            throw new IOException("expected " + pattern + " in " + text);
        }
        return found;
    }

    private static String archive(String page) {
        return "<iq type='set' id='a'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'>" + page
                + "</set></query></iq>";
    }

    private void print(Arrival plain, Arrival delta) {
        row("", "SASL, bind, archive", "one login with the delta");
        row("round trips after TLS", plain.roundTrips(), delta.roundTrips());
        row(
                "bytes to the phone",
                String.format(Locale.ROOT, "%,d", plain.received()),
                String.format(Locale.ROOT, "%,d", delta.received()));
        row(
                "bytes from the phone",
                String.format(Locale.ROOT, "%,d", plain.sent()),
                String.format(Locale.ROOT, "%,d", delta.sent()));
        row(
                "milliseconds",
                String.format(Locale.ROOT, "%.1f", plain.milliseconds()),
                String.format(Locale.ROOT, "%.1f", delta.milliseconds()));
        row("the call comes", plain.call(), delta.call());
        row("edit and deletion come", plain.edit(), delta.edit());
        row("read on the laptop", plain.read(), delta.read());
        out.flush();
    }

    private void row(String name, Object plain, Object delta) {
        out.printf(Locale.ROOT, "%-24s %-36s %s%n", name, plain, delta);
    }
}
